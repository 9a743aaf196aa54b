import { describe, expect, it } from 'vitest'
import { LONGEST_WAIT_MS, type Pause, POLICY } from '../src/delivery/model.ts'
import { isPaused, observe, pauseDenied, recheck, THROTTLED_MS } from '../src/delivery/pause.ts'
import type { Outcome } from '../src/descriptor/outcome.ts'
import { NOW } from './made-lanes.ts'

const half = (): number => 0.5
const see = (outcome: Outcome, failures = 0, limit?: string) =>
  observe(
    { failures },
    outcome,
    { adapter: 'a', ...(limit === undefined ? {} : { limit }) },
    POLICY,
    NOW,
    half,
  )

describe('observe', () => {
  it('forgets failures when the service speaks', () => {
    expect(see({ kind: 'delivered' }, 4)).toEqual({ health: { failures: 0 } })
    expect(see({ kind: 'rejected', reason: '400' }, 4)).toEqual({ health: { failures: 0 } })
  })

  it('pauses the limit that was throttled, for as long as the service asked', () => {
    expect(see({ kind: 'retry', reason: '429', throttled: true, waitMs: 5_000 }, 2, 'writes')).toEqual({
      health: { failures: 0 },
      pause: {
        adapter: 'a',
        limit: 'writes',
        kind: 'throttled',
        reason: '429',
        since: NOW,
        until: NOW + 5_000,
      },
    })
    expect(see({ kind: 'retry', reason: '429', throttled: true }).pause).toEqual({
      adapter: 'a',
      kind: 'throttled',
      reason: '429',
      since: NOW,
      until: NOW + THROTTLED_MS,
    })
  })

  it('pauses nothing after one refused call, and the adapter until the hourly check when its check was denied', () => {
    expect(see({ kind: 'denied', reason: '401' }, 4)).toEqual({ health: { failures: 0 } })
    expect(pauseDenied('a', '401', POLICY, NOW)).toEqual({
      adapter: 'a',
      kind: 'denied',
      reason: '401',
      since: NOW,
      checkAt: NOW + 3_600_000,
      checks: 0,
    })
  })

  it.each([
    ['nothing', 0, 1_000],
    ['a date that has passed', -60_000, 1_000],
    ['half a second', 500, 1_000],
    ['a month', 30 * 24 * 3_600_000, LONGEST_WAIT_MS],
  ])('waits at least a second and at most a day when a service asks for %s', (_, waitMs, rests) => {
    expect(see({ kind: 'retry', reason: '429', throttled: true, waitMs }).pause?.until).toBe(NOW + rests)
    const down = see({ kind: 'unknown', reason: '503', down: true, waitMs }, 4)
    expect(down.pause?.checkAt).toBe(NOW + rests)
  })

  it('pauses a service at its fifth failure in a row, and not before', () => {
    const down = { kind: 'unknown', reason: '503', down: true } as const
    expect(see(down, 3)).toEqual({ health: { failures: 4 } })
    expect(see(down, 4)).toEqual({
      health: { failures: 0 },
      pause: { adapter: 'a', kind: 'down', reason: '503', since: NOW, checkAt: NOW + 1_000, checks: 0 },
    })
    expect(see({ kind: 'unknown', reason: 'no id' }, 4)).toEqual({ health: { failures: 0 } })
  })
})

describe('recheck', () => {
  const pause: Pause = { adapter: 'a', kind: 'down', reason: '503', since: NOW, checkAt: NOW, checks: 2 }

  it('checks less and less often', () => {
    expect(recheck(pause, { kind: 'unknown', reason: '502' }, POLICY, NOW, half)).toEqual({
      ...pause,
      reason: '502',
      checks: 3,
      checkAt: NOW + 4_000,
    })
  })

  it('turns into a denial when that is what the check says', () => {
    expect(recheck(pause, { kind: 'denied', reason: '401' }, POLICY, NOW, half)).toEqual({
      ...pause,
      kind: 'denied',
      reason: '401',
      checks: 3,
      checkAt: NOW + 3_600_000,
    })
  })
})

describe('isPaused', () => {
  const pause: Pause = { adapter: 'a', kind: 'throttled', reason: '429', since: NOW }

  it('holds as long as it was asked for, for ever without an end, and not when the clock was set back', () => {
    expect(isPaused({ ...pause, until: NOW + 1 }, NOW)).toBe(true)
    expect(isPaused({ ...pause, until: NOW }, NOW)).toBe(false)
    expect(isPaused(pause, NOW)).toBe(true)
    expect(isPaused({ ...pause, kind: 'asked', until: NOW + 3 * LONGEST_WAIT_MS }, NOW)).toBe(true)
    const since = NOW + LONGEST_WAIT_MS + 1
    expect(isPaused({ ...pause, since, until: since + 1 }, NOW)).toBe(false)
    expect(isPaused({ ...pause, since, until: since + 1 }, NOW + 1)).toBe(true)
  })
})
