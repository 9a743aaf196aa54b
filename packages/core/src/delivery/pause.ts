import type { Outcome } from '../descriptor/outcome.ts'
import { LONGEST_WAIT_MS, type Pause, type Policy } from './model.ts'
import { waitAfter } from './settle.ts'

/** Failures in a row of a service as a whole, over any lanes. */
export type Health = Readonly<{ failures: number }>

/** When a service throttles without saying for how long, ms. */
export const THROTTLED_MS = 30_000

/** Effect of an outcome on the whole adapter or on the limit the call drew on. */
export type Effect = Readonly<{ health: Health; pause?: Pause }>

/** The pause of an adapter whose credential its own check found refused: until a check, a changed secret or `unpause`. */
export const pauseDenied = (
  adapter: string,
  reason: string,
  policy: Pick<Policy, 'deniedCheckMs'>,
  now: number,
): Pause => ({
  adapter,
  kind: 'denied',
  reason,
  since: now,
  checkAt: now + policy.deniedCheckMs,
  checks: 0,
})

/**
 * Folds one outcome into an adapter's health. A throttled call pauses its limit (the adapter, when it names none) for the
 * time asked for; the fifth failure in a row of the service as a whole pauses the adapter until a check succeeds. `denied`
 * pauses nothing by itself: whether one call or the credential is refused, the adapter's check decides.
 */
export const observe = (
  health: Health,
  outcome: Outcome,
  of: Readonly<{ adapter: string; limit?: string }>,
  policy: Policy,
  now: number,
  random: () => number,
): Effect => {
  if (outcome.kind === 'retry' && outcome.throttled === true) {
    const until = now + waitAfter(outcome.waitMs ?? THROTTLED_MS, 1, policy, random)
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
  const checkAt = now + Math.max(policy.backoffMs, waitAfter(outcome.waitMs, 1, policy, random))
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
  const waitMs = Math.max(policy.backoffMs, waitAfter(asked, checks + 1, policy, random))
  const reason = outcome.kind === 'delivered' ? pause.reason : outcome.reason
  return { ...pause, kind: 'down', reason, checks, checkAt: now + waitMs }
}

/**
 * True while a pause holds, for as long as it was asked for. One that began more than a day in the future was written before
 * the clock was set back, and is over.
 */
export const isPaused = (pause: Pause, now: number): boolean =>
  pause.until === undefined || (pause.until > now && pause.since <= now + LONGEST_WAIT_MS)
