import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS, openStage, type Stage } from './stage.ts'

const APP = 'https://app.example.com'
let stage: Stage
beforeAll(async () => {
  stage = await openStage({ access: { ...ACCESS, origins: [APP] } })
})
afterAll(() => stage.end())

/** Headers of an answer that a browser decides by. */
const corsOf = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  )
const EXPOSED = {
  'access-control-allow-origin': APP,
  'access-control-expose-headers': 'x-request-id, retry-after, www-authenticate',
  vary: 'origin',
}
const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' }

describe('a page of an allowed origin', () => {
  test.for(['/api/sessions', '/mcp', '/actions/taiga/getStory'])('may ask before it calls %s', async path => {
    const headers = { origin: APP, 'sec-fetch-site': 'cross-site', ...ask }
    const asked = await stage.send(path, { method: 'OPTIONS', key: false, headers })
    expect([asked.status, asked.text, corsOf(asked.headers)]).toEqual([
      204,
      '',
      {
        ...EXPOSED,
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers':
          'content-type, accept, x-api-key, authorization, idempotency-key, mcp-protocol-version, mcp-method, mcp-name',
        'access-control-max-age': '600',
      },
    ])
  })

  test('records, reads the answer, and reads why it is refused', async () => {
    const headers = { origin: APP, 'sec-fetch-site': 'cross-site' }
    const body = { goal: 'From a page' }
    const started = await stage.send('/api/sessions', { headers, body })
    const refused = await stage.send('/api/sessions', { headers, body, key: false })
    expect([started.status, corsOf(started.headers)]).toEqual([201, EXPOSED])
    expect([refused.status, corsOf(refused.headers)]).toEqual([401, EXPOSED])
  })
})

describe('any other page', () => {
  test.for([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'null',
  ])('gets nothing that a browser would pass on: %s', async origin => {
    const headers = { origin, ...ask }
    const asked = await stage.send('/api/sessions', { method: 'OPTIONS', key: false, headers })
    const called = await stage.send('/api/sessions', { headers: { origin }, body: {} })
    expect([asked, called].map(({ status, headers: given }) => [status, corsOf(given)])).toEqual([
      [403, {}],
      [403, {}],
    ])
  })

  test('a question without an origin is answered as any other method', async () => {
    const asked = await stage.send('/api/sessions', { method: 'OPTIONS', headers: ask })
    expect([asked.status, corsOf(asked.headers)]).toEqual([405, {}])
  })
})
