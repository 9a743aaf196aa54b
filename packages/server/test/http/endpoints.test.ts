import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { API } from '../../src/http/api.ts'
import { operationOf } from '../../src/operations/operations.ts'
import { ACCESS, KEY, openStage, type Stage, send } from './stage.ts'

let stage: Stage
/** The same, for callers who may nothing. */
let barred: Stage
beforeAll(async () => {
  stage = await openStage()
  barred = await openStage({ access: { ...ACCESS, apiKey: { value: KEY, scopes: ['destructive'] } } })
})
afterAll(async () => {
  await stage.end()
  await barred.end()
})

/** Fields that an operation needs, as a caller may give them. */
const INPUTS: Readonly<Record<string, object>> = {
  update: { description: 'x' },
  decide: { content: 'x' },
  block: { description: 'x' },
  resolve: { blocker: 'x' },
  message: { role: 'user', content: 'x' },
  entity: { name: 'x', type: 'file' },
  release: { keys: ['nothing'] },
  retry: { keys: ['nothing'] },
  drop: { keys: ['nothing'] },
  acknowledge: { key: 'nothing' },
}
const rows = API.map(each => ({ ...each, name: `${each.method} ${each.path}` }))
const bodyOf = ({ method, operation }: (typeof rows)[number], more: object = {}) =>
  method === 'POST' ? { body: { ...INPUTS[operation], ...more } } : {}
const at = (path: string, id: string) => path.replace('{sessionId}', id)

describe.for(rows)('$name', row => {
  const { path, method, operation } = row

  test('is refused without a key, with a shape that names no session', async () => {
    const got = await stage.send(at(path, 'x'), { ...bodyOf(row), key: false })
    expect([got.status, got.json]).toEqual([
      401,
      {
        ...{ success: false, data: null, timestamp: expect.any(String), request_id: expect.any(String) },
        error: { code: 'UNAUTHORIZED', message: 'Missing X-Api-Key header.' },
      },
    ])
  })

  test('is refused without its scope', async () => {
    const got = await send(barred.port, at(path, 'x'), bodyOf(row))
    const { scope } = operationOf(operation)
    expect([got.status, got.json.error]).toEqual([
      403,
      {
        code: 'FORBIDDEN',
        message: `The scope "${scope}" is needed for this, and this caller has it not.`,
      },
    ])
  })

  test('refuses a field that it does not know, by its name', async () => {
    const { body } = bodyOf(row, { surprise: 1 }) as Readonly<{ body?: object }>
    const got = await stage.send(
      `${at(path, 'x')}${method === 'GET' ? '?surprise=1' : ''}`,
      body === undefined ? {} : { body },
    )
    expect([got.status, got.json.error.code]).toEqual([400, 'INVALID_INPUT'])
    expect(got.json.error.message).toContain('surprise: unknown')
  })

  if (path.includes('{sessionId}'))
    test('knows no session of a made-up id', async () => {
      const got = await stage.send(at(path, 'nowhere'), bodyOf(row))
      expect([got.status, got.json.error]).toEqual([
        404,
        {
          code: 'NO_SESSION',
          message:
            'sessionId: unknown session; got the string "nowhere". Leave sessionId out for the current session, or start one first.',
        },
      ])
    })

  if (path.startsWith('/api/deliveries/'))
    test('knows no delivery of a made-up key', async () => {
      const got = await stage.send(path, bodyOf(row))
      expect([got.status, got.json.error.code]).toEqual([404, 'NO_SESSION'])
    })

  test('takes no other method', async () => {
    const got = await stage.send(at(path, 'x'), { method: 'PUT' })
    const methods = rows.filter(each => each.path === path).map(each => each.method)
    expect([got.status, got.headers.allow]).toEqual([405, methods.join(', ')])
  })
})
