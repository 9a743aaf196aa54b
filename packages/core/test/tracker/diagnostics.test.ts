import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, expect, test } from 'vitest'
import type { Reply } from '../../src/descriptor/outcome.ts'
import { detach, channels as silent, tracing as untraced } from '../../src/diagnostics/no-channels.ts'
import type { Store } from '../../src/store/contract.ts'
import { createSharedMemory, memoryStore } from '../../src/store/memory.ts'
import { createTracker } from '../../src/tracker.ts'
import { tool } from '../recorder/tool.ts'
import { opened, service, world } from './links-stage.ts'

type Message = Readonly<Record<string, unknown>>
const NAMES = ['record', 'attempt', 'delivery', 'plan', 'store', 'pause', 'error'] as const
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
  // A busy machine ends the drain before the answer is settled.
  await expect
    .poll(() => heard)
    .toContainEqual(['pause', { adapter: 'tool', paused: true, reason: 'throttled' }])
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
  for (const channel of Object.values(untraced)) {
    expect(channel.parts).toEqual([])
    expect(channel.run({} as never, () => 'done')).toBe('done')
    expect(channel.settle({} as never, true)).toBe(undefined)
  }
  const call = () => undefined
  expect(detach(call)).toBe(call)
})

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Names the trace of what is planned: one text, or one for each plan. */
const nameTrace = (name: (keys: readonly string[]) => unknown) => {
  const hear = (message: unknown) => {
    const plan = message as { keys: readonly string[]; traceparent?: unknown }
    const found = name(plan.keys)
    if (found !== undefined) plan.traceparent = found
  }
  subscribe('sessionwire:plan', hear)
  endings.push(() => unsubscribe('sessionwire:plan', hear))
}

test('links that a worker plans are of the trace of the recording whose card they lead to', async () => {
  const memory = createSharedMemory()
  const adapters = () => [service('left', 'card'), service('right', 'apart')]
  const recorder = await opened(memory, world(), adapters(), { deliver: false })
  let named: unknown = TRACE
  nameTrace(() => named)
  await recorder.start({ goal: 'g' })
  await recorder.close()
  named = undefined
  const worker = await opened(memory, world(), adapters())
  await worker.drain()
  const planned = (await worker.deliveries()).map(each => [each.action, each.descriptor?.traceparent])
  expect(planned).toEqual([
    ['create', TRACE],
    ['edit', TRACE],
    ['create', TRACE],
    ['link', TRACE],
  ])
  await worker.close()
})

test('a trace that a subscriber names is stored with what is planned, and its attempts tell it', async () => {
  let named: unknown
  nameTrace(() => named)
  const tracker = await track([])
  const stored = async () => (await tracker.deliveries()).map(each => each.descriptor?.traceparent)
  const act = (text: string) =>
    tracker.act('tool' as never, 'make' as never, { text } as never, { key: 'once' })
  for (const wrong of [
    undefined,
    7,
    'canary',
    `${TRACE} `,
    TRACE.replace('b7ad6b7169203331', '0'.repeat(16)),
  ]) {
    named = wrong
    await tracker.start({ goal: 'g' })
  }
  expect(await stored()).toEqual(Array(5).fill(undefined))
  await tracker.drain()
  const heard = listen(['attempt'])
  named = TRACE
  await act('a')
  expect((await tracker.deliveries({ keys: ['once'] })).map(each => each.descriptor?.traceparent)).toEqual([
    TRACE,
  ])
  // The same call in another trace, and in none, is the same call.
  named = TRACE.replace('b7ad', 'c7ad')
  expect(await act('a')).toMatchObject({ known: true })
  named = undefined
  expect(await act('a')).toMatchObject({ known: true })
  await expect(act('b')).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'act.key' })
  await tracker.drain()
  await tracker.close()
  expect(heard).toEqual([
    [
      'attempt',
      {
        ...{ adapter: 'tool', action: 'make', key: 'once', lane: 'once', attempts: 1 },
        ...{ result: 'delivered', lookedUp: false, traceparent: TRACE },
      },
    ],
  ])
})

type Call = { run?: <T>(work: () => T) => T; end?: unknown }

/** What a tracing channel tells, with the store that is bound to its start. */
const trace = (name: 'record' | 'attempt', change: (message: Call) => void = () => undefined) => {
  const bound = new AsyncLocalStorage<string>()
  const channel = tracingChannel<string, Call>(`sessionwire:${name}`)
  const heard: (readonly [string, string | undefined, unknown])[] = []
  const seen = new Set<unknown>()
  let count = 0
  channel.start.bindStore(bound, () => `${name} ${++count}`)
  const hear = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map(event => [
      event,
      (message: Call) => {
        if (event === 'start') change(message)
        seen.add(message)
        const { end, run: _, ...rest } = message
        const { startedAt: _1, durationMs: _2, ...told } = (end ?? {}) as Message
        heard.push([event, bound.getStore(), event === 'asyncEnd' ? told : rest])
      },
    ]),
  ) as unknown as Parameters<typeof channel.subscribe>[0]
  channel.subscribe(hear)
  endings.push(() => {
    channel.start.unbindStore(bound)
    channel.unsubscribe(hear)
  })
  return { heard, bound, seen }
}

test('tracing channels follow a call from its start to its end, and tell no text', async () => {
  const { heard, seen } = trace('record')
  const tracker = await track([])
  const session = await tracker.start({ goal: 'canary goal' })
  await expect(session.resolve('canary')).rejects.toThrow()
  await tracker.close()
  const of = { sessionId: session.id, repeated: false }
  expect(heard).toEqual([
    ['start', 'record 1', { hook: 'start' }],
    ['end', 'record 1', { hook: 'start' }],
    ['asyncStart', 'record 1', { hook: 'start' }],
    ['asyncEnd', 'record 1', { ...of, hook: 'start', recorded: true, keys: [`${session.id}/tool/0`] }],
    ['start', 'record 2', { hook: 'resolve', sessionId: session.id }],
    ['end', 'record 2', { hook: 'resolve', sessionId: session.id }],
    ['error', 'record 2', { hook: 'resolve', sessionId: session.id }],
    ['asyncStart', 'record 2', { hook: 'resolve', sessionId: session.id }],
    ['asyncEnd', 'record 2', { ...of, hook: 'resolve', recorded: false, keys: [], error: 'INVALID_INPUT' }],
  ])
  expect(seen.size).toBe(2)
  expect(JSON.stringify([...seen])).not.toContain('canary')
})

test('a store that is bound to a start is there for all of the call, and for nothing that it wakes', async () => {
  const record = trace('record')
  const attempt = trace('attempt')
  const within: (readonly [string, string | undefined, string | undefined])[] = []
  const note = (what: string) =>
    within.push([what, record.bound.getStore(), attempt.bound.getStore()] as const)
  nameTrace(() => void note('plan'))
  const send = async () => {
    note('send')
    return answered(200, { id: 'C1' })
  }
  const tracker = await track([], { transports: { tool: { send } } })
  const delivered = new Promise<void>(resolve => {
    tracker.on('delivered', () => {
      note('delivered')
      resolve()
    })
  })
  await tracker.start({ goal: 'g' })
  await delivered
  await tracker.close()
  expect(within).toEqual([
    ['plan', 'record 1', undefined],
    ['send', undefined, 'attempt 1'],
    ['delivered', undefined, undefined],
  ])
  expect(attempt.heard.map(([event]) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
})

test('a subscriber runs a call as it likes, and one that fails keeps no call from running', async () => {
  const own = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  nameTrace(() => void seen.push(own.getStore()))
  const heard = listen(['error'])
  let run: Call['run']
  trace('record', message => {
    if (run !== undefined) message.run = run
  })
  const tracker = await track([])
  run = work => own.run('within', work)
  await tracker.start({ goal: 'g' })
  run = () => {
    throw new Error('canary')
  }
  await tracker.start({ goal: 'g' })
  run = work => {
    work()
    throw new Error('canary')
  }
  await tracker.start({ goal: 'g' })
  run = (() => undefined) as never
  await tracker.start({ goal: 'g' })
  expect(seen).toEqual(['within', undefined, undefined, undefined])
  expect((await tracker.sessions()).length).toBe(4)
  await tracker.close()
  expect(heard).toEqual([
    ['error', { error: 'Error' }],
    ['error', { error: 'Error' }],
  ])
})
