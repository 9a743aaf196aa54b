import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSharedMemory } from '../../src/store/memory.ts'
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
    ['deliveries', [{ state: 'pending' }], 'state', `invalid value; expected a state or an array of states: ${states}, got the string "pending"`],
    ['deliveries', [{ state: ['dead', 'lost'] }], 'state[1]', `unknown value "lost"; expected one of ${states}`],
    ['deliveries', [{ status: 'dead' }], 'status', 'unknown option (did you mean "state"?); expected one of keys, adapter, lane, state, inDoubt, limit'],
    ['deliveries', [{ session: 'x' }], 'session', 'unknown option; expected one of keys, adapter, lane, state, inDoubt, limit'],
    ['deliveries', [{ keys: 'k' }], 'keys', 'invalid type; expected an array of keys, got the string "k"'],
    ['deliveries', [{ inDoubt: 'yes' }], 'inDoubt', 'invalid type; expected true or false, got the string "yes"'],
    ['deliveries', [{ limit: 1.5 }], 'limit', 'invalid value; expected a whole number from 0, got the number 1.5'],
    ['deliveries', [{ adapter: 'toool' }], 'adapter', 'unknown adapter "toool" (did you mean "tool"?); expected one of tool'],
    ['sessions', [{ state: 'active' }], 'state', 'unknown option; expected one of project, user, status, agent, workspace, machine, since, mirror, withoutLane, limit'],
    ['sessions', [{ status: 'open' }], 'status', 'unknown value "open"; expected one of active, completed, failed, cancelled, crashed, abandoned, left'],
    ['settled', ['k', { timeout: 5 }], 'timeout', 'unknown option (did you mean "timeoutMs"?); expected one of timeoutMs'],
    ['settled', ['k', { timeoutMs: Number.NaN }], 'timeoutMs', 'invalid value; expected a number of milliseconds from 0, or Infinity, got the number NaN'],
    ['take', ['tool', { limit: 0 }], 'limit', 'out of range; expected a whole number from 1, got the number 0'],
    ['pause', ['tool', { for: 5 }], 'for', 'unknown option; expected one of limit, reason, forMs'],
    ['pause', ['tool', { forMs: 0 }], 'forMs', 'out of range; expected a number of milliseconds from 1 to 3153600000000 (100 years), got the number 0'],
    ['pause', ['tool', { limit: 'nonsense' }], 'limit', 'unknown limit of tool "nonsense"; expected one of reads, post:*'],
    ['pause', ['tool', { limit: 'raeds' }], 'limit', 'unknown limit of tool "raeds" (did you mean "reads"?); expected one of reads, post:*'],
    ['release', [[{ key: 'k' }]], 'keys', 'invalid keys; expected a key or an array of keys, got an array of 1. Pass preview.map(each => each.key)'],
    ['drop', [{ key: 'k' }], 'keys', 'invalid keys; expected a key or an array of keys, got an object. Pass preview.map(each => each.key)'],
    ['release', [[undefined]], 'keys', 'invalid keys; expected a key or an array of keys, got an array of 1'],
    ['unpause', ['tool', { reason: 'x' }], 'reason', 'unknown option; expected one of limit'],
    ['drain', [{ timeout: 5 }], 'timeout', 'unknown option (did you mean "timeoutMs"?); expected one of timeoutMs, signal, onProgress'],
    ['drain', [{ timeoutMs: '5s' }], 'timeoutMs', 'invalid value; expected a number of milliseconds from 0, or Infinity, got the string "5s"'],
    ['drain', [{ onProgress: true }], 'onProgress', 'invalid value; expected a function, got the boolean true'],
    ['prune', [{ keepMs: -1 }], 'keepMs', 'out of range; expected a number of milliseconds from 0 to 3153600000000 (100 years), got the number -1'],
    ['retry', ['k', { resent: true }], 'resent', 'unknown option (did you mean "resend"?); expected one of resend'],
    ['backfill', ['tool', { log: 'all' }], 'log', 'unknown value "all"; expected one of summary, each'],
    ['backfill', ['tool', { since: 'soon' }], 'since', 'invalid date; expected a Date or an ISO 8601 string such as 2026-01-31T12:00:00Z, or epoch milliseconds, got the string "soon"'],
    ['export', ['s', 'context', { limit: 5 }], 'limit', 'unknown option; expected one of budget, publish'],
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
      "take.adapter: tool is in mode execute. Make it with mode: 'handoff' to take what it plans.",
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
      'drain: invalid type; expected an object of options, got the number 5000.',
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
    'on.name: unknown event "delivred" (did you mean "delivered"?); expected one of event, planned, delivered, retry, inDoubt, dead, paused, unpaused, drained, error.',
  ])
})

test('adapters of an older database may be asked for', async () => {
  const memory = createSharedMemory()
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
