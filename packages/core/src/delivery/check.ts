import type { AnyAdapter } from '../adapter/contract.ts'
import type { Call, Lookup } from '../descriptor/descriptor.ts'
import type { Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import { at } from '../descriptor/pointer.ts'
import { notSet } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import { askOnce, type SecretSource, type Transport } from '../transport/contract.ts'
import { look, nothingFits } from './look.ts'
import type { Policy } from './model.ts'

/** Result of a check. `hint` says what to do. */
export type Check = Readonly<{
  /** True: the address and the credential work. */
  ok: boolean
  /** How long it took, whole ms. */
  latencyMs: number
  /** The account the credential belongs to; absent where the service names none, or where it is not ok. */
  account?: string
  /** Meaning of the answer; absent when it is ok. */
  kind?: Exclude<Outcome['kind'], 'delivered'>
  /** Why not, with secrets redacted; absent when it is ok. */
  reason?: string
  /** Advice; absent when it is ok. */
  hint?: string
}>

const HINTS: Readonly<Partial<Record<Outcome['kind'], string>>> = {
  denied: 'Check the secret and its permissions; deliveries wait and go out when it is accepted.',
  retry: 'The service could not be reached; deliveries wait and go out when it answers.',
  unknown: 'The service gave an unexpected answer; check its address.',
  rejected: 'The service refused the read; check the address and what the credential may see.',
}

/** Advice where the service is there, and takes no calls now. */
const BUSY = 'The service asks to wait; deliveries wait and go out when it takes calls again.'
const DOWN = 'The service fails at present; deliveries wait and go out when it answers again.'

const hintOf = (kind: Outcome['kind'], hasSecrets: boolean, isDown: boolean): string | undefined => {
  if (kind === 'denied' && !hasSecrets) return NO_SECRET
  if (kind === 'unknown' && isDown) return DOWN
  return kind === 'retry' && !isDown ? BUSY : HINTS[kind]
}

/** Advice where an adapter was refused that has no credential: a folder that is not there, or that this user may not write. */
const NO_SECRET =
  'Check that the place is there and what this user may do in it; deliveries wait and go out when it is accepted.'

type CheckContext = Readonly<{
  adapter: AnyAdapter
  transport: Transport
  policy: Policy
  now: () => number
  monotonic: () => number
  secrets: SecretSource
  /** Names of the secrets of a call that are not set. */
  findUnset: (call: Call, secrets: SecretSource) => readonly string[] | Promise<readonly string[]>
  /** The meaning of a reply, with a reason that may be shown. */
  judge: (reply: Reply, sent: SentCall) => Outcome
  /** Makes a text of a service one that may be shown. */
  tell: (text: string) => string
}>

/** Why a read found nothing; a look-up with a noun names what there is instead. */
const describeNothing = (lookup: Lookup, items: readonly Json[], isCheck: boolean): string => {
  if (lookup.noun !== undefined) return nothingFits(lookup, items)
  return isCheck ? 'the check found nothing' : 'nothing was found'
}

/** Makes the check of an adapter: it sends the adapter's check, or another read in its place. Neither counts for its health. */
export const createCheck =
  ({ adapter, transport, policy, now, monotonic, secrets: source, findUnset, judge, tell }: CheckContext) =>
  async (lookup: Lookup = adapter.check): Promise<Readonly<{ check: Check; outcome: Outcome }>> => {
    const secrets = askOnce(source)
    const redactOutcome = (outcome: Outcome): Outcome =>
      outcome.kind === 'delivered' ? outcome : { ...outcome, reason: tell(outcome.reason) }
    const accountIn = (body: Json): string | undefined => {
      const found = adapter.account === undefined ? undefined : at(body, adapter.account)
      return found?.found === true && /^(string|number)$/.test(typeof found.value)
        ? tell(String(found.value))
        : undefined
    }
    const startedAt = monotonic()
    let last: Outcome = { kind: 'unknown', reason: 'nothing was sent' }
    let account: string | undefined
    let isDown = false
    const missing = await findUnset(lookup.call, secrets)
    if (missing.length > 0) last = { kind: 'denied', reason: notSet(...missing) }
    else {
      const looked = await look(lookup, {}, now(), async call => {
        const reply = await transport.send(call, { timeoutMs: policy.readTimeoutMs, secrets })
        if (lookup === adapter.check && reply.kind === 'answer') account ??= accountIn(reply.body)
        const judged = judge(reply, { action: 'check', role: 'check', call })
        const status = reply.kind === 'answer' ? reply.status : undefined
        isDown = status === undefined || status >= 500
        const isUnderstood = judged.kind === 'rejected' && lookup.accepts?.some(each => each === status)
        last = isUnderstood === true ? { kind: 'delivered' } : judged
        return { reply, outcome: last }
      })
      if (looked.kind === 'failed') last = redactOutcome(looked.outcome)
      if (looked.kind === 'missing' || looked.kind === 'refused')
        last = { kind: 'rejected', reason: looked.reason }
      if (looked.kind === 'none')
        last = {
          kind: 'rejected',
          reason: tell(describeNothing(lookup, looked.items, lookup === adapter.check)),
        }
    }
    const latencyMs = Math.round(monotonic() - startedAt)
    if (last.kind === 'delivered')
      return { outcome: last, check: { ok: true, latencyMs, ...(account === undefined ? {} : { account }) } }
    const { kind, reason } = last
    const hint = hintOf(kind, adapter.secrets.length > 0, isDown)
    return {
      outcome: last,
      check: { ok: false, latencyMs, kind, reason, ...(hint === undefined ? {} : { hint }) },
    }
  }
