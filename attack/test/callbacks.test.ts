import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import type { AnyAdapter, Descriptor, Transport } from '@sessionwire/core/adapter'
import { slack } from '@sessionwire/slack'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

// Every function that a host or an adapter gives may throw, reject or never answer: the call it belongs to fails by name or
// goes on, the process lives, and the tracker closes.

type Way =
  | 'throws'
  | 'throws what is no text'
  | 'throws an error without a readable message'
  | 'throws a proxy that throws'
  | 'rejects'
  | 'never answers'
const FAIL: Readonly<Record<Way, () => never>> = {
  throws: () => {
    throw new Error('a defect of the host')
  },
  'throws what is no text': () => {
    throw Object.create(null)
  },
  'throws an error without a readable message': () => {
    throw Object.defineProperty(new Error('x'), 'message', { get: FAIL.throws })
  },
  'throws a proxy that throws': () => {
    throw new Proxy({}, { get: FAIL.throws, getPrototypeOf: FAIL.throws })
  },
  rejects: () => Promise.reject(new Error('a defect of the host')) as never,
  'never answers': () => new Promise(() => undefined) as never,
}
const WAYS = Object.keys(FAIL) as readonly Way[]

/** Rejections without a handler would end the process of a host. */
const unhandled: unknown[] = []
const listen = (thrown: unknown): void => void unhandled.push(thrown)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', listen)
})
afterEach(() => {
  process.off('unhandledRejection', listen)
})

const OK: Transport = {
  send: async () => ({
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { ok: true, channel: 'C0123456789', ts: '1.2' },
  }),
}
const base: AnyAdapter = slack({ channel: 'C0123456789' })

type Given = Readonly<{ adapter?: object; transport?: Transport; options?: object }>
const open = async ({ adapter = {}, transport = OK, options = {} }: Given): Promise<Tracker> =>
  (await createTracker({
    project: 'attack',
    user: 'fixer',
    store: memoryStore(),
    adapters: [{ ...base, ...adapter } as AnyAdapter],
    transports: { slack: transport },
    secrets: () => 'xoxb-canary-1234567890',
    machine: false,
    ...options,
  } as never)) as unknown as Tracker

/** The reason in which the first attempt of a tracker ends. */
const attempt = (tracker: Tracker): Promise<string> =>
  new Promise(resolve => {
    for (const name of ['inDoubt', 'retry', 'dead'] as const)
      tracker.on(name, ({ reason }) => resolve(reason))
  })

/** Node reports rejections without a handler when a turn of its loop ends. */
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const end = async (tracker: Tracker): Promise<void> => {
  await tracker.close()
  await turn()
  expect(unhandled).toEqual([])
}

describe.each(WAYS)('a function that %s', way => {
  const fail = FAIL[way]

  test('filter: the call is refused by its name, and nothing is stored', async () => {
    const tracker = await open({ options: { filter: fail } })
    await expect(tracker.start({ goal: 'x' })).rejects.toMatchObject({ code: 'CONFIG', field: 'filter' })
    expect(await tracker.sessions()).toEqual([])
    await end(tracker)
  })

  test.each([
    ['when', { when: fail }],
    ['a hook', { hooks: { ...base.hooks, start: fail } }],
    ['a step', { hooks: { ...base.hooks, start: () => [fail] } }],
    ['transform', { transform: fail }],
  ])('%s: the session is recorded, and a dead delivery says why', async (_, adapter) => {
    const tracker = await open({ adapter, options: { deliver: false } })
    const session = await tracker.start({ goal: 'x' })
    const dead = await tracker.deliveries({ lane: session.id, state: 'dead' })
    expect(dead.map(each => each.reason)).toEqual([
      expect.stringMatching(/^The start hook failed: .*(defect|converted|promise|async)/) as string,
    ])
    await end(tracker)
  })

  test.each(['link', 'readRef'] as const)('%s: the session goes on without it', async name => {
    const tracker = await open({ adapter: { [name]: fail }, options: { deliver: false } })
    const refs = { slack: { thread: '1700000000.000100' } }
    const session = await tracker.start({ goal: 'x', refs } as never)
    expect(await session.cards()).toMatchObject([{ adapter: 'slack', name: 'slack' }])
    await end(tracker)
  })

  test.each([
    ['outcome', { outcome: fail }],
    ['isOwn', { isOwn: fail }],
  ])('%s: nothing is taken for delivered', async (_, adapter) => {
    const tracker = await open({ adapter })
    const attempted = attempt(tracker)
    const session = await tracker.start({ goal: 'x' })
    await attempted
    const [first] = await tracker.deliveries({ lane: session.id })
    expect(first?.state).not.toBe('delivered')
    expect(first?.reason).toMatch(/outcome (threw|returned)|not an answer of slack/)
    await end(tracker)
  })

  test('describe: a preview is still a text', async () => {
    const tracker = await open({
      adapter: { describe: Object.fromEntries(Object.keys(base.actions).map(name => [name, fail])) },
      options: { deliver: false },
    })
    const session = await tracker.start({ goal: 'x' })
    const descriptors = await tracker.preview(session.id)
    expect(tracker.render(descriptors as readonly Descriptor[], 'text')).toContain('slack')
    await end(tracker)
  })

  test('a listener, of errors too: every call goes on', async () => {
    const tracker = await open({ options: { deliver: false } })
    for (const name of ['event', 'planned', 'error'] as const) tracker.on(name, fail)
    const session = await tracker.start({ goal: 'x' })
    await session.update('y', { progress: 10 })
    expect(await session.load()).toMatchObject({ progress: 10 })
    await end(tracker)
  })

  test('logger: what it should write does not come back as an error', async () => {
    const tracker = await open({
      adapter: { when: FAIL.throws },
      options: { logger: { warn: fail, error: fail }, deliver: false },
    })
    await tracker.start({ goal: 'x' })
    await end(tracker)
  })

  test('onProgress: drain and backfill end', async () => {
    const tracker = await open({})
    const errors: string[] = []
    tracker.on('error', ({ where }) => errors.push(where))
    await tracker.start({ goal: 'x' })
    await tracker.drain({ timeoutMs: 1_000, onProgress: fail })
    await tracker.backfill('slack', { onProgress: fail })
    await turn()
    expect(new Set(errors)).toEqual(new Set(way === 'never answers' ? [] : ['drain.onProgress']))
    await end(tracker)
  })

  test('secrets: nothing is sent, and what is there stays', async () => {
    const tracker = await open({ options: { secrets: fail, policy: { readTimeoutMs: 10 } } })
    const session = await tracker.start({ goal: 'x' })
    await tracker.drain({ timeoutMs: 50 })
    expect((await tracker.deliveries({ lane: session.id })).map(each => each.state)).not.toContain(
      'delivered',
    )
    await end(tracker)
  })

  test('a transport: the request counts as one that may have left', async () => {
    const tracker = await open({ transport: { send: fail }, options: { policy: { timeoutMs: 10 } } })
    const settled = attempt(tracker)
    await tracker.start({ goal: 'x' })
    expect(await settled).toMatch(/the transport (threw|gave no answer within 10 ms)/)
    await end(tracker)
  })
})

/** A promise of another library that gives one that never settles. */
const nested = (): never =>
  Object.defineProperty({}, 'then', {
    value: (done: (more: unknown) => void) => done(new Promise(() => 0)),
  }) as never
const SHORT = { timeoutMs: 10, readTimeoutMs: 10 }

test('a transport whose promise gives one that never settles: the time-out ends the wait', async () => {
  const tracker = await open({ transport: { send: nested }, options: { policy: SHORT } })
  const settled = attempt(tracker)
  await tracker.start({ goal: 'x' })
  expect(await settled).toBe('the transport gave no answer within 10 ms')
  await end(tracker)
})

test('a source of secrets whose promise gives one that never settles: the tracker goes on and closes', async () => {
  const tracker = await open({ options: { secrets: nested, policy: SHORT } })
  const session = await tracker.start({ goal: 'x' })
  await tracker.drain({ timeoutMs: 50 })
  // A busy machine ends the drain in the middle of an attempt.
  await expect
    .poll(async () => (await tracker.deliveries({ lane: session.id })).map(each => each.state))
    .toEqual(['waiting'])
  await end(tracker)
})

test.each([
  [12345, 'a number'],
  [{}, 'an object'],
  [[], 'an array'],
  [Promise.resolve(true), 'a boolean'],
])('a secret that is %j: its requests wait and say so, and recording goes on', async (value, kind) => {
  // The first two are read by core's own transport, the others by one of the host.
  const send: Transport['send'] = async (call, sending) => {
    await sending.secrets?.('SLACK_BOT_TOKEN')
    return OK.send(call, sending)
  }
  const transports = typeof value === 'number' || kind === 'an object' ? {} : { slack: { send } }
  const tracker = await open({ options: { secrets: () => value, transports } })
  const session = await tracker.start({ goal: 'x' })
  await session.update('y')
  const isTried = async () => (await tracker.deliveries({ lane: session.id })).some(each => each.reason)
  while (!(await isTried())) await tracker.drain({ timeoutMs: 50 })
  expect(await tracker.deliveries({ lane: session.id })).toMatchObject([
    { state: 'waiting', reason: `secret SLACK_BOT_TOKEN: expected a string, got ${kind}` },
    { state: 'waiting' },
  ])
  expect((await session.load()).updates).toHaveLength(1)
  await end(tracker)
})

const circle: Record<string, unknown> = {}
circle.self = circle
const answer = { kind: 'answer', status: 200, headers: {}, body: { ok: true } }
test.each([
  ['nothing', undefined, "kind: 'answer' or 'failure', got undefined"],
  ['another kind', { kind: 'x' }, `kind: 'answer' or 'failure', got "x"`],
  ['a failure without a reason', { kind: 'failure', sent: 'no' }, 'a reason that is a string, got undefined'],
  ['no headers', { ...answer, headers: undefined }, 'headers that are an object, got undefined'],
  ['a status of no number', { ...answer, status: Number.NaN }, 'a status that is an integer, got NaN'],
  ['a status of text', { ...answer, status: '204' }, 'a status that is an integer, got "204"'],
  ['a body in a circle', { ...answer, body: circle }, 'plain data'],
  ['a body that throws', Object.defineProperty({ ...answer }, 'body', { get: FAIL.throws }), 'plain data'],
])(
  'a transport that replies with %s: the request counts as one that may have left',
  async (_, reply, expected) => {
    const tracker = await open({ transport: { send: async () => reply as never } })
    const doubted = new Promise<string>(resolve => {
      tracker.on('inDoubt', ({ reason }) => resolve(reason))
      tracker.on('dead', ({ reason, inDoubt }) =>
        resolve(`${reason} ${inDoubt ? '' : 'surely not sent'}`.trim()),
      )
    })
    await tracker.start({ goal: 'x' })
    expect(await doubted).toBe(`transport: invalid reply; expected ${expected}.`)
    await end(tracker)
  },
)

test('what a hook throws is stored without control and bidirectional characters', async () => {
  const start = (): never => {
    throw new Error('bad \u001b]0;title\u0007 \u202etxt')
  }
  const tracker = await open({ adapter: { hooks: { ...base.hooks, start } }, options: { deliver: false } })
  const session = await tracker.start({ goal: 'x' })
  const [dead] = await tracker.deliveries({ lane: session.id, state: 'dead' })
  expect(dead?.reason).toBe('The start hook failed: bad ]0;title txt')
  await end(tracker)
})
