import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AnyAdapter, type Json, step } from '../../src/adapter.ts'
import { createTracker, memoryStore } from '../../src/index.ts'
import { sqliteStore } from '../../src/sqlite.ts'
import type { Store } from '../../src/store/contract.ts'

const TEXT = 'PLANTED'

/** A service that gets one call for each start and update. */
const log: AnyAdapter = {
  name: 'log',
  config: {},
  mode: 'execute',
  secrets: [],
  limits: { rates: {} },
  actions: {},
  check: { call: { kind: 'http', method: 'GET', endpoint: 'https://log.example/me' } },
  outcome: ({ status }: { status: number }) =>
    status === 503 ? { kind: 'retry', reason: 'busy' } : { kind: 'delivered' },
  hooks: Object.fromEntries(
    ['start', 'update'].map(hook => [
      hook,
      (_: unknown, { goal, updates }: { goal: string; updates: readonly { description: string }[] }) => [
        step('line', () => ({
          ...({ kind: 'http', method: 'POST', endpoint: 'https://log.example/x', repeat: 'safe' } as const),
          payload: [goal, updates.at(-1)?.description ?? ''] as Json,
        })),
      ],
    ]),
  ),
} as unknown as AnyAdapter

/** Holds every request with the text until it is answered. */
const makeService = () => {
  let arrive: () => void = () => undefined
  let answer: (status: number) => void = () => undefined
  const arrived = new Promise<void>(resolve => {
    arrive = resolve
  })
  const answered = new Promise<number>(resolve => {
    answer = resolve
  })
  const seen: string[] = []
  const send = async (request: unknown) => {
    const hasText = JSON.stringify(request).includes(TEXT)
    seen.push(hasText ? 'text' : 'other')
    if (hasText) arrive()
    return { kind: 'answer' as const, status: hasText ? await answered : 204, headers: {}, body: null }
  }
  return { arrived, answer, seen, transports: { log: { send } } }
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forget-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (store: Store, { transports }: Pick<ReturnType<typeof makeService>, 'transports'>) =>
  createTracker({
    ...{ project: 'billing', user: 'ada', store, adapters: [log], transports, drainOnClose: 0 },
    // Nothing that failed is tried again within a test.
    policy: { backoffMs: 3_600_000 },
    random: () => 0.999,
  })

/** The store, and what to call once it has erased for the first time: the request is still under way then. */
const watchErase = (store: Store) => {
  let hear: () => void = () => undefined
  const erase: Store['erase'] = async (...given) => {
    await store.erase(...given)
    hear()
  }
  return {
    store: { ...store, erase },
    onErase: (call: () => void) => {
      hear = call
    },
  }
}

const bytesOf = (path: string): string =>
  readdirSync(path, { withFileTypes: true })
    .map(file => (file.isFile() ? readFileSync(join(path, file.name), 'latin1') : ''))
    .join('')

const stores = { memory: () => memoryStore(), sqlite: () => sqliteStore(join(folder, 's.db')) }

describe.each(Object.entries(stores))('forget during a request, %s', (_, makeStore) => {
  const begin = async () => {
    const service = makeService()
    const { store, onErase } = watchErase(makeStore())
    const tracker = await open(store, service)
    const session = await tracker.start({ goal: 'ordinary' })
    await tracker.drain()
    const update = await session.update(TEXT)
    const id = update.recorded ? update.event.id : ''
    await service.arrived
    return { ...{ service, tracker, session, id, onErase }, key: `${id}/log/0` }
  }

  const remaining = (key: string, word: string) => ({
    ...{ adapter: 'log', key, action: 'line' },
    todo: `${word} sent to log. Remove it there; a secret in it is no longer secret.`,
  })
  const nothing = { events: 1, edited: [], dropped: [], deleting: [], remaining: [], underWay: [] }

  test('empties what is delivered meanwhile', async () => {
    const { service, tracker, session, id, key, onErase } = await begin()
    onErase(() => service.answer(204))
    expect(await tracker.forget(session.id, id)).toEqual({
      ...nothing,
      remaining: [remaining(key, 'It was')],
    })
    expect(JSON.stringify(await tracker.deliveries())).not.toContain(TEXT)
    await tracker.close()
    expect(bytesOf(folder)).not.toContain(TEXT)
  })

  test('drops what fails meanwhile', async () => {
    const { service, tracker, session, id, key, onErase } = await begin()
    onErase(() => service.answer(503))
    expect(await tracker.forget(session.id, id)).toEqual({ ...nothing, dropped: [key] })
    expect((await tracker.deliveries({ keys: [key] })).map(({ state }) => state)).toEqual(['dropped'])
    expect(JSON.stringify(await tracker.deliveries())).not.toContain(TEXT)
    await tracker.close()
    expect(bytesOf(folder)).not.toContain(TEXT)
    expect(service.seen).toEqual(['other', 'text'])
  })

  test('names what is under way when its time ends, and erases it with a later call', async () => {
    const { service, tracker, session, id, key } = await begin()
    const first = await tracker.forget(session.id, id, { timeoutMs: 0 })
    expect(first).toEqual({ ...nothing, remaining: [remaining(key, 'It may have been')], underWay: [key] })
    service.answer(204)
    await tracker.settled(key)
    expect(await tracker.forget(session.id, id)).toEqual({
      ...nothing,
      remaining: [remaining(key, 'It was')],
    })
    await tracker.close()
    expect(bytesOf(folder)).not.toContain(TEXT)
  })
})

test('forget waits for a request of another tracker of the file', async () => {
  const service = makeService()
  const path = join(folder, 's.db')
  const sender = await open(sqliteStore(path), service)
  const session = await sender.start({ goal: 'ordinary' })
  await sender.drain()
  const update = await session.update(TEXT)
  await service.arrived
  const { store, onErase } = watchErase(sqliteStore(path))
  const other = await open(store, makeService())
  onErase(() => service.answer(503))
  expect(await other.forget(session.id, update.recorded ? update.event.id : '')).toMatchObject({
    underWay: [],
    remaining: [],
    dropped: [expect.any(String)],
  })
  await Promise.all([sender.close(), other.close()])
  expect(bytesOf(folder)).not.toContain(TEXT)
})
