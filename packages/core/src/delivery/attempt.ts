import type { AnyAdapter } from '../adapter/contract.ts'
import { capture, soughtBy } from '../descriptor/captures.ts'
import type { Call, Descriptor, Instead, Reconcile } from '../descriptor/descriptor.ts'
import { type Filling, fill } from '../descriptor/fill.ts'
import type { Outcome, Reply } from '../descriptor/outcome.ts'
import { needs, notSet } from '../descriptor/refs.ts'
import { isThenable } from '../session/at-once.ts'
import { findMeant } from '../session/words.ts'
import type { ClaimRequest } from '../store/contract.ts'
import { type Looked, look, lookCached, nothingFits, type ReadCache, type Send, type Values } from './look.ts'
import type { Claim, Policy } from './model.ts'
import { targetOf } from './place.ts'
import { confirmAfterMs, type Ending } from './settle.ts'
import { readsOf } from './transitions.ts'

/** Services that an attempt calls: sending, time, policy and marks in the store. */
export type Around = Readonly<{
  adapter: AnyAdapter
  policy: Policy
  send: Send
  cache: ReadCache
  /** Names of secrets the call needs and that are not set. */
  unset: (call: Call) => readonly string[] | Promise<readonly string[]>
  /** Marks durably that the request may leave; false: the lease was lost. */
  begin: () => Promise<boolean>
  now: () => number
  monotonic: () => number
  /** How long it has been in doubt, `now` by the store's clock, ms. */
  doubtAgeMs: (key: string, doubtSince: number, now: number) => number
}>

/** Lengths for the lease of a claim: the longest time of an attempt without reads, and the time of each read. */
export const leaseOf = (policy: Policy): Readonly<{ baseMs: number; readMs: number }> => ({
  baseMs: policy.timeoutMs + policy.leaseMarginMs,
  readMs: policy.readTimeoutMs,
})

type Asking = Readonly<{ adapter: AnyAdapter; secrets: Readonly<{ isPrompt: () => boolean }> }>

/** Calls under way at once per adapter, over all workers, unless the worker or the adapter says less. */
const CONCURRENCY = 4

/** How many calls of an adapter may be under way at once. */
export const concurrencyOf = (
  { concurrency = CONCURRENCY }: Readonly<{ concurrency?: number }>,
  { adapter }: Asking,
): number => Math.min(concurrency, adapter.limits.concurrency ?? Number.POSITIVE_INFINITY)

/** The request of a claim for one adapter. */
export const askFor = (
  { adapter, secrets }: Asking,
  room: number,
  concurrency: number,
): ClaimRequest['adapters'][number] => ({
  ...{ name: adapter.name, target: targetOf(adapter), room, concurrency },
  rates: adapter.limits.rates,
  begins: secrets.isPrompt(),
})

/** How long an attempt may take with all its reads, and with the margin that makes its lease, ms. */
export const leaseMsOf = (descriptor: Descriptor, policy: Policy): number => {
  const { baseMs, readMs } = leaseOf(policy)
  return readsOf(descriptor) * readMs + baseMs
}

type Reading = Readonly<{ values: Values } | { ending: Ending }>

/**
 * Asks for the card once, after the service said that something is not there: a card that is not there either was deleted by
 * a person. The rejection stands as it is where no card is read, or where it is still there.
 */
const withCard = async <E extends Ending>(
  ending: E,
  gone: (reason: string) => Ending,
  values: Values,
  { delivery }: Claim,
  around: Around,
): Promise<Ending> => {
  const firstAt = delivery.firstAt ?? 0
  const lookup = around.adapter.cardLookups?.find(({ call }) => fill(call, values, firstAt).ok)
  if (lookup === undefined) return ending
  const looked = await look(lookup, values, firstAt, around.send)
  if (looked.kind === 'none' || (looked.kind === 'refused' && looked.gone === true))
    return gone('reason' in looked ? looked.reason : nothingFits(lookup, looked.items))
  return looked.kind === 'failed' ? { kind: 'unread', outcome: looked.outcome } : ending
}

/** Ends an attempt whose read found nothing, after it asked whether the card above was deleted. */
const unsendable = async (
  ending: Extract<Ending, { kind: 'unsendable' }>,
  values: Values,
  claim: Claim,
  around: Around,
): Promise<Ending> =>
  ending.gone === true
    ? ending
    : withCard(ending, reason => ({ ...ending, reason, gone: true }), values, claim, around)

/** Whether a read has no list to choose from. */
const offersNothing = (looked: Looked): boolean =>
  looked.kind === 'refused' ||
  (looked.kind === 'none' && looked.items.length === 0) ||
  (looked.kind === 'failed' && looked.unlisted === true)

/** `before`: reads that live for this attempt only. */
const readBefore = async (claim: Claim, around: Around): Promise<Reading> => {
  const { delivery, refs } = claim
  let values: Values = refs
  for (const lookup of delivery.descriptor.before ?? []) {
    const looked = await lookCached(lookup, values, delivery.firstAt ?? 0, around.send, around.cache)
    if (looked.kind === 'item') values = { ...values, ...looked.captures }
    else if (lookup.otherwise !== undefined && offersNothing(looked))
      values = { ...values, ...lookup.otherwise }
    else if (looked.kind === 'none') {
      const gone = lookup.gone === true ? { gone: true as const } : {}
      const reason = nothingFits(lookup, looked.items)
      return { ending: await unsendable({ kind: 'unsendable', reason, ...gone }, values, claim, around) }
    } else if (looked.kind === 'failed') return { ending: { kind: 'unread', outcome: looked.outcome } }
    else if (looked.kind === 'refused')
      return { ending: await unsendable({ ...looked, kind: 'unsendable' }, values, claim, around) }
    else return { ending: { kind: 'unsendable', reason: looked.reason } }
  }
  return { values }
}

/** Whether it was applied before: an ending, or nothing when it surely was not. */
const endReconciled = async (
  { delivery }: Claim,
  reconcile: Reconcile<string> | Reconcile<never>,
  values: Values,
  around: Around,
): Promise<Ending | undefined> => {
  const { key, doubtSince } = delivery
  // The age of the answer counts from the moment of the question.
  const askedAt = around.now()
  const ageMs = doubtSince === undefined ? 0 : around.doubtAgeMs(key, doubtSince, askedAt)
  const looked = await look(reconcile, values, delivery.firstAt ?? 0, around.send)
  if (looked.kind === 'item') return { kind: 'found', captures: looked.captures }
  if (looked.kind === 'failed') return { kind: 'unread', outcome: looked.outcome }
  if (looked.kind === 'refused') return { kind: 'unreadable', reason: looked.reason }
  if (looked.kind === 'missing') return { kind: 'unsendable', reason: looked.reason }
  if (doubtSince === undefined) return undefined
  const leftMs = Math.ceil(confirmAfterMs(delivery, around.policy) - ageMs)
  if (leftMs > 0) return { kind: 'too-early', believeAt: askedAt + leftMs }
  return delivery.rejected === undefined ? undefined : { kind: 'confirmed' }
}

const describeMissing = (missing: readonly string[], values: Values): string => {
  const there = Object.keys(values)
  const [slip] = missing.flatMap(name => findMeant(name, there) ?? [])
  const instead = slip === undefined ? '' : `: did you mean "${slip}"?`
  const listed =
    there.length === 0 ? '' : `${slip === undefined ? '; there' : ' There'} is ${there.join(', ')}`
  return `needs ${missing.join(', ')}, which can no longer come${instead}${listed}`
}

/** A success must carry what it promised: our own id, and every capture. */
const verifyReply = (
  descriptor: Descriptor,
  reply: Reply,
  outcome: Outcome,
): Readonly<{ outcome: Outcome; captures: Values }> => {
  if (outcome.kind !== 'delivered') return { outcome, captures: {} }
  const body = reply.kind === 'answer' ? reply.body : null
  const { repeat } = descriptor
  if (typeof repeat === 'object' && repeat.by === 'id' && repeat.where !== undefined) {
    const id = soughtBy(repeat.where)
    if (!JSON.stringify(body).includes(JSON.stringify(id).slice(1, -1)))
      return { outcome: { kind: 'unknown', reason: 'the answer does not carry our id' }, captures: {} }
  }
  const captured = capture(body, descriptor.captures ?? {})
  return captured.ok
    ? { outcome, captures: captured.values }
    : {
        outcome: { kind: 'unknown', reason: `the answer has no ${captured.missing.join(', ')}` },
        captures: {},
      }
}

/** Chooses the call where people removed our block: the edit or the creation of a comment, or an ending without it. */
const planInstead = async (
  { find, edit, create }: Instead,
  values: Values,
  claim: Claim,
  around: Around,
): Promise<Filling | Readonly<{ ending: Ending }>> => {
  const firstAt = claim.delivery.firstAt ?? 0
  const looked = await look(find, values, firstAt, around.send)
  if (looked.kind === 'item') return fill(edit, { ...values, ...looked.captures }, firstAt)
  if (looked.kind === 'none') return fill(create, values, firstAt)
  if (looked.kind === 'failed') return { ending: { kind: 'unread', outcome: looked.outcome } }
  if (looked.kind === 'refused')
    return { ending: await unsendable({ ...looked, kind: 'unsendable' }, values, claim, around) }
  return { ending: { kind: 'unsendable', reason: looked.reason } }
}

/**
 * One try: reads what it needs, looks up what is in doubt, marks that the request may leave, sends, and says how it
 * ended. `lost` when the lease was lost: nothing was sent and nothing is to be written.
 */
export const attempt = async (claim: Claim, around: Around): Promise<Ending | Readonly<{ kind: 'lost' }>> => {
  const { delivery, refs } = claim
  const { descriptor } = delivery
  const reconcile = typeof descriptor.repeat === 'object' ? descriptor.repeat : undefined
  const lookFirst = reconcile !== undefined && (delivery.doubtSince !== undefined || reconcile.first === true)
  // The look-up goes before the reads when it can: a doubt must not die of a status that no longer exists.
  const early =
    lookFirst &&
    needs({ ...reconcile.call, repeat: 'safe' } as Descriptor).every(name => Object.hasOwn(refs, name))
  if (lookFirst && early) {
    const ending = await endReconciled(claim, reconcile, refs, around)
    if (ending !== undefined) return ending
  }
  const [owed] = Object.entries(claim.owed ?? {})
  if (owed !== undefined) return { kind: 'waits', name: owed[0], owed: owed[1] }
  const asked = around.unset(descriptor)
  // A wait that is not needed costs as much as the rest of this.
  const unset: readonly string[] = isThenable(asked) ? await asked : asked
  if (unset.length > 0) return { kind: 'unset', names: unset, reason: notSet(...unset) }
  const before: Reading = descriptor.before === undefined ? { values: refs } : await readBefore(claim, around)
  if ('ending' in before) return before.ending
  if (lookFirst && !early) {
    const ending = await endReconciled(claim, reconcile, before.values, around)
    if (ending !== undefined) return ending
  }
  const edit = fill(descriptor, before.values, delivery.firstAt ?? 0)
  const isRemoved = !edit.ok && edit.needless === true
  if (isRemoved && descriptor.instead === undefined) return { kind: 'found', captures: {} }
  const filled =
    isRemoved && descriptor.instead !== undefined
      ? await planInstead(descriptor.instead, before.values, claim, around)
      : edit
  if ('ending' in filled) return filled.ending
  if (!filled.ok) {
    const why = filled.missing.length > 0 ? describeMissing(filled.missing, before.values) : filled.reason
    return { kind: 'unsendable', reason: why }
  }
  if (delivery.state === 'begun') {
    // Marked with the claim: whether its lease still holds is judged here.
    const reason = 'the lease ended before the request was sent'
    if (delivery.leaseUntil <= around.now()) return { kind: 'unread', outcome: { kind: 'retry', reason } }
  } else if (descriptor.repeat !== 'safe' && !(await around.begin())) return { kind: 'lost' }
  const beganAt = around.monotonic()
  const { reply, outcome } = await around.send(filled.call, 'call')
  const leftMs = Math.max(0, around.policy.timeoutMs - (around.monotonic() - beganAt))
  const ending: Ending = {
    kind: 'answered',
    ...verifyReply(descriptor, reply, outcome),
    aliveUntil: Math.ceil(around.now() + leftMs),
  }
  if (outcome.kind !== 'rejected' || outcome.missing !== true || outcome.gone === true) return ending
  const endAsGone = (reason: string): Ending => ({
    ...ending,
    outcome: { kind: 'rejected', reason, gone: true },
  })
  return withCard(ending, endAsGone, before.values, claim, around)
}
