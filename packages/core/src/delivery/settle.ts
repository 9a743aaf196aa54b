import type { Outcome } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { type Claim, type Delivery, LONGEST_WAIT_MS, type Policy, type Settlement } from './model.ts'

/** How an attempt ended. */
export type Ending =
  /** The look-up found the item: it was applied. */
  | Readonly<{
      kind: 'found'
      /** From the found item, by name. */
      captures: Readonly<Record<string, Json>>
    }>
  /** The look-up read everything and found nothing, but too early to believe it. */
  | Readonly<{
      kind: 'too-early'
      /** When "not found" is confirmed, epoch ms. */
      believeAt: number
    }>
  /** A look-up or a `before` read got no answer: it changes nothing and does not count. */
  | Readonly<{
      kind: 'unread'
      /** Why the read gave nothing. */
      outcome: Exclude<Outcome, { kind: 'delivered' | 'rejected' }>
    }>
  /** The look-up was refused for good. */
  | Readonly<{
      kind: 'unreadable'
      /** For people. */
      reason: string
    }>
  /** The look-up found nothing after a rejection or a giving up: that stands now. */
  | Readonly<{ kind: 'confirmed' }>
  /** It cannot be sent as it stands: a capture that will not come, a choice that does not exist, a card deleted. */
  | Readonly<{
      kind: 'unsendable'
      /** For people. */
      reason: string
      /** A person deleted the card: the lane stops. */
      gone?: true
    }>
  /** A secret it needs is not set in this process: nothing was sent, and a worker that has it may send at once. */
  | Readonly<{
      kind: 'unset'
      /** Names of the secrets; empty where a transport that signs in found it. */
      names: readonly string[]
      /** For people. */
      reason: string
    }>
  /** It needs a capture of a planned or dead delivery: nothing was sent. */
  | Readonly<{
      kind: 'waits'
      /** Name of the capture. */
      name: string
      /** The delivery that would capture it. */
      owed: NonNullable<Claim['owed']>[string]
    }>
  /** The call was answered, or not. `aliveUntil`: when it can last have been alive. */
  | Readonly<{
      kind: 'answered'
      /** The answer says nothing about this call (the credential could not be checked): the attempt does not count. */
      uncounted?: true
      /** Meaning of the reply. */
      outcome: Outcome
      /** From the reply, by name; empty unless delivered. */
      captures: Readonly<Record<string, Json>>
      /** Epoch ms. */
      aliveUntil: number
    }>

/** Exponential with full jitter: a chance between nothing and the doubled bound, never above the longest. */
export const backoff = (
  failures: number,
  policy: Pick<Policy, 'backoffMs' | 'backoffMaxMs'>,
  random: () => number,
): number =>
  Math.round(
    random() * Math.min(policy.backoffMaxMs, policy.backoffMs * 2 ** Math.min(30, Math.max(0, failures - 1))),
  )

/** No wait that a service asks for is shorter than this, unless the policy's own backoff is, ms. */
const LEAST_WAIT_MS = 1_000

/**
 * How long to wait after a failure, ms: our backoff, or what the service asked for where that is longer, at most a day.
 * `Retry-After: 0` and dates in the past do not shorten our backoff.
 */
export const waitAfter = (
  asked: number | undefined,
  failures: number,
  policy: Pick<Policy, 'backoffMs' | 'backoffMaxMs'>,
  random: () => number,
): number => {
  const ours = backoff(failures, policy, random)
  return asked === undefined
    ? ours
    : Math.min(LONGEST_WAIT_MS, Math.max(ours, asked, Math.min(LEAST_WAIT_MS, policy.backoffMs)))
}

/** How long after the end of the attempt in doubt "not found" is confirmed, and a `safe` call is repeated, whole ms. */
export const confirmAfterMs = (
  delivery: Pick<Delivery, 'descriptor'>,
  policy: Pick<Policy, 'afterMs'>,
): number => {
  const repeat = delivery.descriptor?.repeat
  return Math.ceil((typeof repeat === 'object' ? repeat.afterMs : undefined) ?? policy.afterMs)
}

/** Less than this between two look-ups would be a burst, ms. */
const LEAST_AGAIN_MS = 1_000

/** How long to wait after a look-up that found nothing too early: an index that lags is asked again before the end. */
const lookAgainMs = ({ descriptor }: Pick<Delivery, 'descriptor'>, leftMs: number): number => {
  const repeat = descriptor?.repeat
  const again = typeof repeat === 'object' ? repeat.againMs : undefined
  return again === undefined ? leftMs : Math.min(leftMs, Math.max(LEAST_AGAIN_MS, Math.ceil(again)))
}

/** Why it waits after such a look-up; the reason of the doubt was reported earlier. */
const notFoundYet = ({ rejected }: Pick<Delivery, 'rejected'>, againMs: number, leftMs: number): string => {
  const then = rejected === undefined ? 'sent again' : 'dead'
  const seconds = (ms: number) => `${Math.ceil(ms / 1_000)} s`
  const soonest = againMs < leftMs ? `${then} after ${seconds(leftMs)}` : `then ${then}`
  return `not found yet; looked for again in ${seconds(againMs)}, ${soonest}`
}

const wait = (ms: number): number => Math.min(LONGEST_WAIT_MS, Math.max(0, ms))

const isReconciled = (delivery: Delivery): boolean => typeof delivery.descriptor?.repeat === 'object'

const isExhausted = ({ delivery, pausedMs }: Claim, policy: Policy, now: number): boolean =>
  delivery.attempts >= policy.giveUpAttempts &&
  now - (delivery.clockAt ?? now) - (pausedMs - delivery.pausedBefore) > policy.giveUpAfterMs

/**
 * Computes what to write after an attempt: pure, from how it ended. Doubt belongs to the delivery: it begins with `unknown` and
 * ends with an item found, with a confirmed "not found", or by hand. Look-ups and reads change nothing but the due time.
 */
export const settle = (
  claim: Claim,
  ending: Ending,
  policy: Policy,
  now: number,
  random: () => number,
): Settlement => {
  const { delivery } = claim
  const same: Settlement = {
    key: delivery.key,
    token: delivery.token,
    state: 'waiting',
    attempts: delivery.attempts,
    dueAt: now,
    doubtSince: delivery.doubtSince ?? null,
    reason: delivery.reason ?? null,
    misses: 0,
    rejected: delivery.rejected ?? null,
  }
  const uncounted = { attempts: Math.max(0, delivery.attempts - 1) }
  const missed = { ...uncounted, misses: delivery.misses + 1 }
  const certain = { doubtSince: null, rejected: null }
  switch (ending.kind) {
    case 'found':
      return {
        ...same,
        ...certain,
        state: 'delivered',
        reason: null,
        captures: ending.captures,
        lookedUp: true,
      }
    case 'too-early': {
      const leftMs = wait(ending.believeAt - now)
      const againMs = wait(lookAgainMs(delivery, leftMs))
      return {
        ...same,
        ...uncounted,
        reason: notFoundYet(delivery, againMs, leftMs),
        dueAt: now + againMs,
      }
    }
    case 'confirmed':
      return { ...same, ...certain, ...uncounted, state: 'dead', reason: delivery.rejected ?? same.reason }
    case 'unsendable':
      return {
        ...same,
        ...uncounted,
        state: 'dead',
        reason: ending.reason,
        ...(ending.gone === true ? { gone: ending.reason } : {}),
      }
    case 'unset':
      return { ...same, ...uncounted, reason: ending.reason }
    case 'waits': {
      const { key, state } = ending.owed
      const todo = state === 'planned' ? 'release' : 'retry'
      const reason = `needs "${ending.name}" of ${key}; ${todo} that first`
      return { ...same, ...uncounted, state: 'dead', reason, waitsFor: key }
    }
    case 'unreadable':
      return { ...same, ...uncounted, state: 'dead', reason: `the look-up was refused: ${ending.reason}` }
    case 'unread': {
      const { outcome } = ending
      if (outcome.kind === 'denied') return { ...same, ...uncounted, reason: outcome.reason }
      const waitMs = waitAfter(outcome.waitMs, delivery.misses + 1, policy, random)
      return { ...same, ...missed, reason: outcome.reason, dueAt: now + waitMs }
    }
    case 'answered':
      return settleAnswer(claim, ending, same, policy, now, random)
  }
}

/** The request was sent, so an earlier doubt no longer applies, whatever the outcome. */
const settleAnswer = (
  claim: Claim,
  { outcome, captures, aliveUntil, uncounted }: Extract<Ending, { kind: 'answered' }>,
  base: Settlement,
  policy: Policy,
  now: number,
  random: () => number,
): Settlement => {
  const { delivery } = claim
  const reconciled = isReconciled(delivery)
  const same = { ...base, doubtSince: null, rejected: null }
  if (outcome.kind === 'delivered') return { ...same, state: 'delivered', reason: null, captures }
  const { reason } = outcome
  if (outcome.kind === 'denied') return { ...same, attempts: Math.max(0, delivery.attempts - 1), reason }
  if (outcome.kind === 'rejected') {
    // A call that may have been applied earlier is looked up once more before a rejection counts.
    if (reconciled && delivery.exposed === true && outcome.gone !== true)
      return { ...same, doubtSince: now, rejected: reason, reason }
    return { ...same, state: 'dead', reason, ...(outcome.gone === true ? { gone: reason } : {}) }
  }
  if (uncounted === true && outcome.kind === 'retry') {
    const waitMs = waitAfter(outcome.waitMs ?? 0, delivery.misses + 1, policy, random)
    const missed = { attempts: Math.max(0, delivery.attempts - 1), misses: delivery.misses + 1 }
    return { ...same, ...missed, reason, dueAt: now + waitMs }
  }
  const over = isExhausted(claim, policy, now)
    ? `no success after ${delivery.attempts} attempts: ${reason}`
    : undefined
  const asked = waitAfter(outcome.waitMs, delivery.attempts, policy, random)
  if (outcome.kind === 'retry') {
    if (over === undefined) return { ...same, reason, dueAt: now + asked }
    if (reconciled && delivery.exposed === true)
      return { ...same, doubtSince: now, rejected: over, reason: over }
    return { ...same, state: 'dead', reason: over }
  }
  const doubtSince = Math.max(now, aliveUntil)
  const exposed = { exposed: true as const, reason }
  if (reconciled) {
    const rejected = over ?? null
    return { ...same, ...exposed, doubtSince, rejected, dueAt: now + asked }
  }
  const repeatAt = isRead(delivery) ? now : doubtSince + policy.afterMs
  if (delivery.descriptor.repeat === 'safe' || delivery.descriptor.onDoubt === 'repeat')
    return over === undefined
      ? { ...same, ...exposed, dueAt: Math.max(now + asked, repeatAt) }
      : { ...same, ...exposed, state: 'dead', reason: over }
  return { ...same, ...exposed, state: 'dead', doubtSince }
}

/** Whether a call changes nothing: one that may have left is repeated at once. No other kind than HTTP has a method. */
const isRead = ({ descriptor }: Delivery): boolean =>
  (descriptor as Readonly<{ method?: string }> | undefined)?.method === 'GET'

/**
 * A claimed or begun delivery whose lease ran out, or whose owner's lock is free: before `begin` it is nothing, after it
 * doubt. A `safe` call is never begun, so it may have left once it is claimed. `aliveUntil`: when its attempt can last
 * have been alive (the end of the lease, or now when the owner is gone).
 */
export const expire = (
  delivery: Delivery,
  aliveUntil: number,
  policy: Pick<Policy, 'afterMs' | 'unreportedMax'>,
): Delivery => {
  const { token: _, leaseUntil: __, owner: ___, ...free } = delivery
  const repeat = delivery.descriptor?.repeat
  const waiting: Delivery = { ...free, state: 'waiting' }
  if (delivery.state === 'claimed' && repeat !== 'safe') return { ...waiting, dueAt: aliveUntil }
  const unreported = delivery.unreported + 1
  const exposed = { ...waiting, exposed: true as const, unreported }
  const doubtSince = Math.max(delivery.doubtSince ?? aliveUntil, aliveUntil)
  if (unreported >= policy.unreportedMax)
    return { ...exposed, state: 'dead', doubtSince, reason: `${unreported} attempts in a row never reported` }
  if (repeat === 'safe' || delivery.descriptor?.onDoubt === 'repeat')
    return { ...exposed, dueAt: aliveUntil + (isRead(delivery) ? 0 : policy.afterMs) }
  if (repeat === 'unsafe')
    return { ...exposed, state: 'dead', doubtSince, reason: 'perhaps sent when its worker stopped' }
  return { ...exposed, doubtSince, dueAt: aliveUntil }
}
