import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serveHttp } from '../../src/http/server.ts'
import { callTool, ERAS, type Era } from '../connect.ts'
import { ACCESS, KEY, openStage, type Stage } from './stage.ts'

const OTHER = 'key-of-another-caller-0123456789'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({
    access: ACCESS,
    verify: async ({ headers }) =>
      headers['x-api-key'] === KEY
        ? { subject: 'ada', scopes: ['read', 'record'] }
        : headers['x-api-key'] === OTHER
          ? { subject: 'bob', scopes: ['read'] }
          : undefined,
  })
})
afterEach(() => stage.end())

/** An official client, whose requests say whether one of them was redirected. */
const open = async (era: Era, path = '/mcp', key = KEY, port = stage.port) => {
  const redirected: boolean[] = []
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: era === 'auto' ? 'auto' : 'legacy' } },
  )
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}${path}`), {
      requestInit: { headers: { 'x-api-key': key } },
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        redirected.push(response.redirected)
        return response
      },
    }),
  )
  return { client, redirected }
}

describe.for(ERAS)('an official client of the era %s', era => {
  test.for(['/mcp', '/mcp/'])('records over %s, without a redirect', async path => {
    const { client, redirected } = await open(era, path)
    const started = await callTool(client, 'session_start', { goal: 'Stop double charging', key: 'k' })
    const again = await callTool(client, 'session_start', { goal: 'Stop double charging', key: 'k' })
    // Over HTTP there is no current session: the only active one of the caller is meant.
    const updated = await callTool(client, 'session_update', { description: 'Reproduced', progress: 35 })
    await client.close()
    const [session, ...others] = await stage.tracker.sessions()
    expect([others, redirected.filter(each => each)]).toEqual([[], []])
    expect([started.isError, again.isError, updated.isError]).toEqual([false, false, false])
    expect([session?.id, session?.progress, session?.metadata]).toEqual([
      started.data.sessionId ?? (started.data.session as { id: string }).id,
      35,
      { startedBy: 'own:ada', author: 'model' },
    ])
  })

  test('is told what it may not do, and which session it did not name', async () => {
    const ada = await open(era)
    const bob = await open(era, '/mcp', OTHER)
    await callTool(ada.client, 'session_start', { goal: 'First' })
    await callTool(ada.client, 'session_start', { goal: 'Second' })
    const [second, first] = await stage.tracker.sessions()
    const [unnamed, foreign, forbidden] = [
      await callTool(ada.client, 'session_update', { description: 'x' }),
      await callTool(bob.client, 'session_status', { sessionId: first?.id }),
      await callTool(bob.client, 'session_start', { goal: 'x' }),
    ]
    await ada.client.close()
    await bob.client.close()
    expect([unnamed, foreign, forbidden].map(({ isError }) => isError)).toEqual([true, true, true])
    expect(unnamed.text).toContain(
      `2 of your sessions are active: ${second?.id} (Second), ${first?.id} (First)`,
    )
    expect(foreign.text).toContain('unknown session')
    expect(forbidden.text).toContain('record is missing')
  })

  test('is refused without a credential', async () => {
    await expect(open(era, '/mcp', 'wrong')).rejects.toThrow()
  })
})

test.for(ERAS)('a call that is under way when the server ends is answered, in the era %s', async era => {
  let release: () => void = () => undefined
  let isAsked = false
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const { tracker } = stage
  const slow: typeof tracker = {
    ...tracker,
    sessions: async filter => {
      isAsked = true
      await held
      return tracker.sessions(filter)
    },
  }
  const server = await serveHttp({
    workspace: { root: 'billing', tracker: slow, adapters: [] },
    access: ACCESS,
    port: 0,
  })
  await tracker.start({ goal: 'Mine', metadata: { startedBy: 'key:default' } })
  const { client } = await open(era, '/mcp', KEY, server.port)
  const call = callTool(client, 'session_status')
  await expect.poll(() => isAsked).toBe(true)
  const closing = server.close()
  release()
  const { text, isError } = await call
  await closing
  expect([isError, text.includes('Mine')]).toEqual([false, true])
  await client.close()
})

const INITIALIZE = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
}

test.for([
  ['no key', { body: INITIALIZE, key: false }, 401, 'The request was not accepted as one of a known caller.'],
  [
    'a page',
    { body: INITIALIZE, headers: { origin: 'https://evil.example' } },
    403,
    'Pages of this origin may not call. Set SESSIONWIRE_ALLOWED_ORIGINS to those that may.',
  ],
  [
    'a body that is too large',
    { body: ' '.repeat(1_048_577) },
    413,
    'The body is too large; at most 1048576 bytes are read.',
  ],
  ['another method', { method: 'PUT' }, 405, 'This path takes GET and POST and DELETE.'],
] as const)('%s is refused before MCP reads it', async ([, sent, status, error]) => {
  const got = await stage.send('/mcp', sent)
  expect([got.status, got.json]).toEqual([status, { error }])
})

test('the protocol refuses what it does not know by its own errors', async () => {
  const accept = { accept: 'application/json, text/event-stream' }
  const broken = await stage.send('/mcp', { body: 'not JSON', headers: accept })
  const batch = await stage.send('/mcp', { body: [], headers: accept })
  const stream = await stage.send('/mcp', { headers: accept })
  const end = await stage.send('/mcp', { method: 'DELETE', headers: accept })
  expect([broken.status, batch.status, stream.status, end.status]).toEqual([400, 400, 405, 405])
  expect(broken.json).toMatchObject({ jsonrpc: '2.0', error: { code: -32_700 } })
})
