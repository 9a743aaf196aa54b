import { expect, test } from 'vitest'
import { formatDeliveries, formatStatus } from '../../src/tracker/format.ts'
import { delivery, descriptor, NOW } from '../made-lanes.ts'

const adapter = {
  ...{ states: {}, inDoubt: 0, gone: 0, lanes: 0, unmirrored: 0, pauses: [], foreign: 0 },
  name: 'slack',
}

test('formatStatus says in lines how everything stands', () => {
  const pauses = [
    {
      adapter: 'linear',
      limit: 'requests',
      kind: 'throttled' as const,
      reason: '429\nslow down',
      since: NOW,
      until: NOW + 60_000,
    },
    {
      ...{ adapter: 'linear', kind: 'denied' as const, reason: '401', since: NOW },
      checkAt: NOW + 3_600_000,
    },
  ]
  const check = {
    ok: false,
    latencyMs: 5,
    reason: '401 who are you.',
    hint: 'Check the secret.',
    at: NOW,
    adapter: 'linear',
    probes: [],
  }
  const text = formatStatus({
    store: 'sessions.db',
    adapters: [
      adapter,
      {
        ...adapter,
        name: 'linear',
        states: { delivered: 12, waiting: 3, dead: 1, planned: 2 },
        inDoubt: 1,
        oldestMs: 7_500_000,
        gone: 1,
        unmirrored: 4,
        pauses,
        foreign: 2,
        check,
      },
    ],
  })
  expect(text).toBe(
    [
      'store sessions.db',
      'slack   nothing yet',
      'linear  3 waiting, 2 to review, 1 dead, 12 delivered, 1 in doubt, oldest 2 h 5 min, 1 card deleted by a person, 2 for another account or place, 4 sessions not mirrored',
      '        linear (requests) is paused by a rate limit until 2026-01-01T00:01:00.000Z: 429 slow down',
      '        linear is paused, because access was refused, next check at 2026-01-01T01:00:00.000Z: 401',
      '        the last check of linear, at 2026-01-01T00:00:00.000Z, failed: 401 who are you. Check the secret.',
      '        linear: a deleted card stops its session here, until recreateCard makes a new one',
    ].join('\n'),
  )
})

test('formatStatus says when there is nothing to say', () => {
  expect(formatStatus({ store: 'memory', adapters: [] })).toBe('store memory\nno adapters')
})

test('formatDeliveries is a line for each', () => {
  const dead = delivery(descriptor('k1'), 0, {
    state: 'dead',
    attempts: 5,
    reason: 'no\u001b[31m status',
    doubtSince: NOW,
  })
  const replaced = delivery(descriptor('k2'), 1, { state: 'replaced', successor: 'k3' })
  const again = delivery(descriptor('k3'), 2, {
    ...{ state: 'waiting' as const, attempts: 2, reason: '503', dueAt: NOW + 60_000 },
  })
  const fresh = delivery(descriptor('k4'), 3)
  expect(formatDeliveries([dead, replaced, again, fresh])).toBe(
    [
      'dead in doubt | a post | attempt 5 | k1 | no [31m status',
      'replaced | a post | k2 | by k3',
      'waiting | a post | attempt 2 | k3 | 503 | not before 2026-01-01T00:01:00.000Z',
      'waiting | a post | k4',
    ].join('\n'),
  )
})

test('formatStatus names what is missing, and the worker whose credential was refused', () => {
  const denied = { adapter: 'slack', kind: 'denied' as const, owner: 'w1', reason: '401', since: NOW }
  const text = formatStatus({
    store: 'memory',
    adapters: [{ ...adapter, states: { waiting: 1 }, unset: ['SLACK_BOT_TOKEN'], pauses: [denied] }],
  })
  expect(text.split('\n').slice(1)).toEqual([
    'slack  1 waiting',
    '       slack is not delivered by this process: SLACK_BOT_TOKEN is not set',
    '       slack is paused in one worker, because access was refused: 401',
  ])
})
