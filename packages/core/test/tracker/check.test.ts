import { expect, test } from 'vitest'
import type { Probe } from '../../src/adapter/contract.ts'
import type { Call } from '../../src/descriptor/descriptor.ts'
import type { Reply } from '../../src/descriptor/outcome.ts'
import type { Json } from '../../src/session/schema.ts'
import { createTracker } from '../../src/tracker.ts'
import { tool } from '../recorder/tool.ts'

const get = (path: string) => ({
  kind: 'http' as const,
  method: 'GET' as const,
  endpoint: `https://tool.test${path}`,
})
const board: Probe = {
  about: 'board',
  lookup: { call: get('/boards'), list: '/boards', where: { pointer: '/id', equals: 'B1' } },
  todo: 'Choose a board that exists.',
}
const rights: Probe = {
  about: 'rights',
  lookup: { call: get('/rights') },
  todo: 'Ask for the right to write.',
}

const OK: Readonly<Record<string, readonly [number, Json]>> = {
  '/me': [200, { login: 'ada' }],
  '/boards': [200, { boards: [{ id: 'B1' }] }],
  '/rights': [200, {}],
}

const checked = async (answers: Readonly<Record<string, readonly [number, Json]>>) => {
  const asked: string[] = []
  const send = async (call: Call): Promise<Reply> => {
    const path = 'endpoint' in call ? String(call.endpoint).replace('https://tool.test', '') : ''
    asked.push(path)
    const [status, body] = answers[path] ?? [404, 'nothing here']
    return { kind: 'answer', status, headers: {}, body }
  }
  const adapter = { ...tool(), probes: [board, rights], account: '/login' }
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    adapters: [adapter],
    transports: { tool: { send } },
    deliver: false,
  })
  const check = await tracker.check('tool')
  const { adapters } = await tracker.status()
  await tracker.close()
  return { check, asked, status: adapters[0] }
}
const latencyMs = expect.any(Number)

test('a check proves the credential and then each target', async () => {
  const { check, asked, status } = await checked(OK)
  expect(check).toEqual({
    adapter: 'tool',
    ok: true,
    latencyMs,
    account: 'ada',
    probes: [
      { about: 'board', ok: true, latencyMs },
      { about: 'rights', ok: true, latencyMs },
    ],
  })
  expect(asked).toEqual(['/me', '/boards', '/rights'])
  expect(status?.check).toMatchObject({ ok: true, adapter: 'tool' })
})

test('a target that is not there is said with what to do, and holds nothing back', async () => {
  const { check, status } = await checked({
    ...OK,
    '/boards': [200, { boards: [] }],
    '/rights': [403, 'read only'],
  })
  expect(check).toEqual({
    adapter: 'tool',
    ok: false,
    latencyMs,
    account: 'ada',
    reason: 'board: nothing was found',
    hint: 'Choose a board that exists.',
    probes: [
      {
        about: 'board',
        ok: false,
        latencyMs,
        reason: 'nothing was found',
        hint: 'Choose a board that exists.',
      },
      { about: 'rights', ok: false, latencyMs, reason: '403 read only', hint: 'Ask for the right to write.' },
    ],
  })
  expect(status?.pauses).toEqual([])
})

test('no answer is no knowledge of the target', async () => {
  const { check } = await checked({ ...OK, '/boards': [503, 'down'] })
  expect(check.probes[0]).toEqual({
    about: 'board',
    ok: false,
    latencyMs,
    reason: '503 down',
    hint: 'The service fails at present; deliveries wait and go out when it answers again.',
  })
})

test('a service that asks to wait was reached', async () => {
  const { check } = await checked({ '/me': [429, 'slow down'] })
  expect(check).toMatchObject({
    kind: 'retry',
    hint: 'The service asks to wait; deliveries wait and go out when it takes calls again.',
  })
})

test('without a credential no target is asked for', async () => {
  const { check, asked } = await checked({ '/me': [401, 'who are you'] })
  expect(check).toMatchObject({ ok: false, kind: 'denied', reason: '401 who are you', probes: [] })
  expect(asked).toEqual(['/me'])
})
