import type { Outcome } from '../descriptor/outcome.ts'
import { LONGEST_WAIT_MS, type Pause, type Policy } from './model.ts'
import { backoff } from './settle.ts'

/** Failures in a row of a service as a whole, over any lanes. */
export type Health = Readonly<{ failures: number }>

/** When a service throttles without saying for how long, ms. */
export const THROTTLED_MS = 30_000

/** What an outcome means for the whole adapter or for the limit the call drew on. */
export type Effect = Readonly<{ health: Health; pause?: Pause }>

/**
 * Folds one outcome into an adapter's health. A throttled call pauses its limit (the adapter, when it names none) for the
 * time asked for; a denied credential pauses the adapter until a check, a changed secret or `unpause`; the fifth failure
 * in a row of the service as a whole pauses it until a check succeeds.
 */
export const observe = (
  health: Health,
  outcome: Outcome,
  of: Readonly<{ adapter: string; limit?: string }>,
  policy: Policy,
  now: number,
  random: () => number,
): Effect => {
  if (outcome.kind === 'denied') {
    return {
      health: { failures: 0 },
      pause: {
        adapter: of.adapter,
        kind: 'denied',
        reason: outcome.reason,
        since: now,
        checkAt: now + policy.deniedCheckMs,
        checks: 0,
      },
    }
  }
  if (outcome.kind === 'retry' && outcome.throttled === true) {
    const until = now + Math.min(LONGEST_WAIT_MS, outcome.waitMs ?? THROTTLED_MS)
    const limit = of.limit === undefined ? {} : { limit: of.limit }
    return {
      health: { failures: 0 },
      pause: { adapter: of.adapter, ...limit, kind: 'throttled', reason: outcome.reason, since: now, until },
    }
  }
  if ((outcome.kind !== 'retry' && outcome.kind !== 'unknown') || outcome.down !== true)
    return { health: { failures: 0 } }
  const failures = health.failures + 1
  if (failures < policy.downAfter) return { health: { failures } }
  const checkAt = now + Math.max(policy.backoffMs, outcome.waitMs ?? backoff(1, policy, random))
  return {
    health: { failures: 0 },
    pause: { adapter: of.adapter, kind: 'down', reason: outcome.reason, since: now, checkAt, checks: 0 },
  }
}

/** After a failed check: the same pause with the next check, further away each time for a service that is down. */
export const recheck = (
  pause: Pause,
  outcome: Outcome,
  policy: Policy,
  now: number,
  random: () => number,
): Pause => {
  const checks = (pause.checks ?? 0) + 1
  if (outcome.kind === 'denied')
    return { ...pause, kind: 'denied', reason: outcome.reason, checks, checkAt: now + policy.deniedCheckMs }
  const asked = outcome.kind === 'retry' || outcome.kind === 'unknown' ? outcome.waitMs : undefined
  const waitMs = Math.min(
    LONGEST_WAIT_MS,
    Math.max(policy.backoffMs, asked ?? backoff(checks + 1, policy, random)),
  )
  const reason = outcome.kind === 'delivered' ? pause.reason : outcome.reason
  return { ...pause, kind: 'down', reason, checks, checkAt: now + waitMs }
}

/** True while a pause holds. One whose end is further away than the longest wait was written before the clock was set back. */
export const isPaused = (pause: Pause, now: number): boolean =>
  pause.until === undefined || (pause.until > now && pause.until <= now + LONGEST_WAIT_MS)
