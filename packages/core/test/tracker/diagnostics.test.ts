import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, expect, test } from 'vitest'
import type { Reply } from '../../src/descriptor/outcome.ts'
import { channels as silent } from '../../src/diagnostics/no-channels.ts'
import type { Store } from '../../src/store/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { createTracker } from '../../src/tracker.ts'
import { tool } from '../recorder/tool.ts'

type Message = Readonly<Record<string, unknown>>
const NAMES = ['record', 'attempt', 'delivery', 'store', 'pause', 'error'] as const
let endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings) end()
  endings = []
})

/** Every message of the channels, without its times. */
const listen = (names: readonly string[] = NAMES) => {
  const heard: (readonly [string, Message])[] = []
  for (const name of names) {
    const hear = (message: unknown) => {
      const { startedAt, durationMs, ...rest } = message as Message
      for (const time of [startedAt, durationMs])
        if (time !== undefined && !(Number.isFinite(time) && (time as number) >= 0))
          throw new Error(`${name}: ${time}`)
      heard.push([name, rest])
    }
    subscribe(`sessionwire:${name}`, hear)
    endings.push(() => unsubscribe(`sessionwire:${name}`, hear))
  }
  return heard
}

const answered = (status: number, body: unknown): Reply =>
  ({ kind: 'answer', status, headers: {}, body }) as Reply
const track = (replies: readonly Reply[], more: object = {}) => {
  const left = [...replies]
  return createTracker({
    project: 'p',
    user: 'u',
    adapters: [tool()],
    transports: { tool: { send: async () => left.shift() ?? answered(200, { id: 'C1' }) } },
    store: memoryStore(),
    redact: false as const,
    machine: false as const,
    ...more,
  })
}

test('a session is published, without a word of its texts', async () => {
  const heard = listen()
  const tracker = await track([])
  const session = await tracker.start({ goal: 'canary goal' })
  await tracker.drain()
  const decided = await session.decide('canary decision', { key: 'once' })
  await session.decide('canary decision', { key: 'once' })
  await tracker.drain()
  await session.block('canary blocker')
  await session.message('user', 'canary message')
  await expect(session.resolve('no such')).rejects.toThrow()
  await tracker.close()

  const of = (wanted: string) => heard.filter(([name]) => name === wanted).map(([, message]) => message)
  const lane = session.id
  const start = `${lane}/tool/0`
  const [comment, edit] = [0, 1].map(n => `${decided.recorded ? decided.event.id : ''}/tool/${n}`)
  const record = { sessionId: lane, recorded: true, repeated: false, keys: [] }
  expect(of('record')).toEqual([
    { ...record, hook: 'start', keys: [start] },
    { ...record, hook: 'decision', keys: [comment, edit] },
    { ...record, hook: 'decision', repeated: true },
    { ...record, hook: 'blocker' },
    { ...record, hook: 'message' },
    { ...record, hook: 'resolve', recorded: false, error: 'INVALID_INPUT' },
  ])
  const which = { adapter: 'tool', lane, attempts: 1 }
  expect(of('attempt')).toEqual([
    { ...which, action: 'make', key: start, result: 'delivered', lookedUp: false },
    { ...which, action: 'comment', key: comment, result: 'delivered', lookedUp: false },
    { ...which, action: 'edit', key: edit, result: 'delivered', lookedUp: false },
  ])
  expect(of('delivery')).toEqual([
    { ...which, action: 'make', key: start, state: 'delivered' },
    { ...which, action: 'comment', key: comment, state: 'delivered' },
    { ...which, action: 'edit', key: edit, state: 'delivered' },
  ])
  const verbs = new Set(of('store').map(({ operation }) => operation))
  for (const verb of ['commit', 'claim', 'counts']) expect(verbs).toContain(verb)
  expect(of('store').filter(each => Object.keys(each).join() !== 'operation')).toEqual([])
  expect(JSON.stringify(heard)).not.toContain('canary')
})

test('a call that is refused, a service that is busy and pauses are published by their kind', async () => {
  const heard = listen(['attempt', 'delivery', 'pause', 'error'])
  const busy = answered(429, 'canary answer')
  const tracker = await track([answered(400, 'canary answer'), busy])
  const act = (key: string) =>
    tracker.act('tool' as never, 'make' as never, { text: 'canary' } as never, { key })
  await act('refused')
  await tracker.drain()
  await act('late')
  await tracker.drain({ timeoutMs: 0 })
  await tracker.settled('late', { timeoutMs: 0 })
  await tracker.pause('tool', { reason: 'canary reason' })
  await tracker.unpause('tool')
  tracker.on('paused', () => {
    throw new Error('canary error')
  })
  await tracker.pause('tool')
  await tracker.close()
  const which = { adapter: 'tool', action: 'make', attempts: 1 }
  const refused = { ...which, key: 'refused', lane: 'refused' }
  expect(heard).toContainEqual(['attempt', { ...refused, result: 'dead', lookedUp: false }])
  expect(heard).toContainEqual(['delivery', { ...refused, state: 'dead' }])
  const late = { ...which, key: 'late', lane: 'late' }
  expect(heard).toContainEqual(['attempt', { ...late, result: 'retry', lookedUp: false }])
  expect(heard).toContainEqual(['delivery', { ...late, state: 'retry' }])
  expect(heard).toContainEqual(['pause', { adapter: 'tool', paused: true, reason: 'throttled' }])
  expect(heard.filter(([name]) => name === 'pause' || name === 'error').slice(-4)).toEqual([
    ['pause', { adapter: 'tool', paused: true, reason: 'asked' }],
    ['pause', { adapter: 'tool', paused: false }],
    ['pause', { adapter: 'tool', paused: true, reason: 'asked' }],
    ['error', { error: 'Error' }],
  ])
  expect(JSON.stringify(heard)).not.toContain('canary')
})

test('a store of any class works as it is, and its failures are published by their code', async () => {
  const inner = memoryStore()
  class Own {
    #broken = false
    now = () => inner.now()
    break() {
      this.#broken = true
    }
    commit(...given: Parameters<Store['commit']>) {
      if (this.#broken) throw Object.assign(new Error('canary disk'), { code: 'ENOSPC' })
      return inner.commit(...given)
    }
  }
  const own = new Own()
  const store = new Proxy(own, {
    get: (_, name) => {
      const value = Reflect.get(name in own ? own : inner, name)
      return typeof value === 'function' && name in own ? value.bind(own) : value
    },
  }) as unknown as Store
  const tracker = await track([], { store })
  const session = await tracker.start({ goal: 'g' })
  const heard = listen(['store', 'record'])
  own.break()
  await expect(session.update('canary')).rejects.toThrow('canary disk')
  expect(heard.filter(([, { error }]) => error !== undefined)).toEqual([
    ['store', { operation: 'commit', error: 'ENOSPC' }],
    [
      'record',
      {
        hook: 'update',
        sessionId: session.id,
        recorded: false,
        repeated: false,
        keys: [],
        error: expect.any(String),
      },
    ],
  ])
  for (const end of endings) end()
  await tracker.close()
})

test('where the runtime has no channels, none has subscribers', () => {
  listen()
  expect(Object.keys(silent)).toEqual([...NAMES])
  for (const channel of Object.values(silent)) {
    expect(channel.hasSubscribers).toBe(false)
    expect(channel.publish({} as never)).toBe(undefined)
  }
})
