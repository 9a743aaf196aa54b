import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sharedMemory } from '../../src/store/memory.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import { refusal, tool } from '../recorder/tool.ts'

type Loose = Readonly<Record<string, (...all: readonly unknown[]) => Promise<unknown>>>

let tracker: Tracker
let loose: Loose
beforeEach(async () => {
  const rate = { count: 5, perMs: 1_000 }
  const adapters = [{ ...tool(), limits: { rates: { reads: rate, 'post:*': rate } } }]
  tracker = await createTracker({ project: 'billing', user: 'fixer', adapters, deliver: false })
  loose = tracker as unknown as Loose
})
afterEach(() => tracker.close())

const states = 'planned, waiting, claimed, begun, delivered, replaced, dead, dropped'

describe('a question is refused, not misunderstood', () => {
  // biome-ignore format: a table is read one line at a time
  test.for([
    ['deliveries', [{ state: 'pending' }], 'state', `give one of ${states}`],
    ['deliveries', [{ state: ['dead', 'lost'] }], 'state', `give one of ${states}`],
    ['deliveries', [{ status: 'dead' }], 'status', 'it is not known: did you mean "state"? There is keys, adapter, lane, state, inDoubt, limit'],
    ['deliveries', [{ session: 'x' }], 'session', 'it is not known: use keys, adapter, lane, state, inDoubt, limit'],
    ['deliveries', [{ keys: 'k' }], 'keys', 'give a list of texts'],
    ['deliveries', [{ inDoubt: 'yes' }], 'inDoubt', 'give true or false'],
    ['deliveries', [{ limit: 1.5 }], 'limit', 'give a whole number'],
    ['deliveries', [{ adapter: 'toool' }], 'adapter', 'this tracker has no adapter "toool": did you mean "tool"? There is tool'],
    ['sessions', [{ state: 'active' }], 'state', 'it is not known: use project, user, status, withoutLane, limit'],
    ['sessions', [{ status: 'open' }], 'status', 'give one of active, completed, crashed, abandoned'],
    ['settled', ['k', { timeout: 5 }], 'timeout', 'it is not known: did you mean "timeoutMs"? There is timeoutMs'],
    ['settled', ['k', { timeoutMs: Number.NaN }], 'timeoutMs', 'give a number of milliseconds from 0'],
    ['take', ['tool', { limit: 0 }], 'limit', 'give a whole number from 1'],
    ['pause', ['tool', { for: 5 }], 'for', 'it is not known: use limit, reason, forMs'],
    ['pause', ['tool', { forMs: 0 }], 'forMs', 'give a number of milliseconds above 0'],
    ['pause', ['tool', { limit: 'nonsense' }], 'limit', 'tool has no limit "nonsense": use reads, post:*'],
    ['pause', ['tool', { limit: 'raeds' }], 'limit', 'tool has no limit "raeds": did you mean "reads"? There is reads, post:*'],
    ['release', [[{ key: 'k' }]], 'keys', 'give a key or a list of keys, as in preview.map(each => each.key)'],
    ['drop', [{ key: 'k' }], 'keys', 'give a key or a list of keys, as in preview.map(each => each.key)'],
    ['release', [[undefined]], 'keys', 'give a key or a list of keys'],
    ['unpause', ['tool', { reason: 'x' }], 'reason', 'it is not known: use limit'],
    ['drain', [{ timeout: 5 }], 'timeout', 'it is not known: did you mean "timeoutMs"? There is timeoutMs, signal, onProgress'],
    ['drain', [{ timeoutMs: '5s' }], 'timeoutMs', 'give a number of milliseconds from 0'],
    ['drain', [{ onProgress: true }], 'onProgress', 'give a function'],
    ['prune', [{ keepMs: -1 }], 'keepMs', 'give a number of milliseconds from 0'],
    ['retry', ['k', { resent: true }], 'resent', 'it is not known: did you mean "resend"? There is resend'],
    ['backfill', ['tool', { log: 'all' }], 'log', 'give one of summary, each'],
    ['backfill', ['tool', { since: 1 }], 'since', 'it is not known: use sessionId, log, onProgress'],
    ['export', ['s', 'context', { limit: 5 }], 'limit', 'it is not known: use budget'],
  ] as const)('%s %j', async ([call, given, option, problem]) => {
    const field = `${call}.${option}`
    expect(await refusal(loose[call]?.(...given) as Promise<unknown>)).toEqual([
      'INVALID_INPUT',
      field,
      `${field}: ${problem}.`,
    ])
  })

  test('what cannot be taken', async () => {
    expect(await refusal(loose.take?.('tool') as Promise<unknown>)).toEqual([
      'INVALID_INPUT',
      'take.adapter',
      "take.adapter: tool is in mode execute: make it with mode: 'handoff' to take what it plans.",
    ])
  })

  test('and a limit of many is asked for by one of them', async () => {
    await tracker.pause('tool', { limit: 'post:C1' })
    expect((await tracker.status()).adapters[0]?.pauses.map(({ limit }) => limit)).toEqual(['post:C1'])
  })

  test('what is no options at all', async () => {
    expect(await refusal(loose.drain?.(5_000) as Promise<unknown>)).toEqual([
      'INVALID_INPUT',
      'drain',
      'drain: give its options as an object.',
    ])
  })
})

test('what is left out, or undefined, is no question', async () => {
  await tracker.start({ goal: 'x' })
  const all = await tracker.deliveries({ state: undefined } as never)
  expect(all.map(({ state }) => state)).toEqual(['waiting'])
  expect(await tracker.deliveries({ state: ['waiting', 'dead'], limit: 0 })).toEqual([])
  expect(await tracker.sessions({ status: 'completed' })).toEqual([])
  expect(await tracker.deliveries({ adapter: 'tool', state: 'dead' })).toEqual([])
})

test('an event that nobody emits cannot be listened for', async () => {
  const on = async () => tracker.on('delivred' as never, () => 1)
  expect(await refusal(on())).toEqual([
    'INVALID_INPUT',
    'on.name',
    'on.name: there is no event "delivred": did you mean "delivered"? There is event, planned, delivered, retry, inDoubt, dead, paused, unpaused, drained, error.',
  ])
})

test('adapters of an older database may be asked for', async () => {
  const memory = sharedMemory()
  const first = await createTracker({
    project: 'p',
    user: 'u',
    store: memory.open(),
    adapters: [tool({ name: 'old' })],
    deliver: false,
  })
  await first.start({ goal: 'x' })
  await first.close()
  const second = await createTracker({ project: 'p', user: 'u', store: memory.open() })
  expect(await second.deliveries({ adapter: 'old' })).toHaveLength(1)
  expect(await second.deliveries({ adapter: 'old', state: 'dead' })).toEqual([])
  await second.close()
})
