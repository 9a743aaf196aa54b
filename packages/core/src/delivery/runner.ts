import type { AnyAdapter } from '../adapter/contract.ts'
import { choose } from '../descriptor/captures.ts'
import type { Call, Lookup } from '../descriptor/descriptor.ts'
import type { Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import type { Draw } from '../store/contract.ts'
import { askOnce, type SecretSource, type Transport } from '../transport/contract.ts'
import { attempt, leaseMsOf } from './attempt.ts'
import { type Check, createCheck } from './check.ts'
import { createDoubts } from './doubts.ts'
import { createDraws } from './draws.ts'
import type { DeliveryEvents } from './events.ts'
import { judge } from './judge.ts'
import { limitTransport } from './limit-transport.ts'
import { createReadCache, look, type Send } from './look.ts'
import type { Claim, Pause, Policy, Settlement } from './model.ts'
import { type Health, observe, pauseDenied } from './pause.ts'
import { judgeWithout, publicReason, refuseSecrets } from './reason.ts'
import { createRefusals, endRefused, isDenied, type Verdict } from './refusals.ts'
import { type AdapterSecrets, createSecrets, destinationOf, guardTransport } from './secrets.ts'
import { type Ending, settle } from './settle.ts'
import { type Timers, timersOf } from './waits.ts'

/** A read that ran at once: the items of its list or its whole reply, or what went wrong. */
export type ReadResult =
  | Readonly<{
      /** The service answered as it should. */
      ok: true
      /** The last reply, whole. */
      value: Json
      /** Of all pages, those that fit `where`; without a list, the one reply. */
      items: readonly Json[]
    }>
  | Readonly<{
      /** It did not. */
      ok: false
      /** Meaning of its answer, or that there was none. */
      outcome: Outcome
    }>

/** Counts since the worker started, and the latency of the last 200 requests. */
export type Stats = Readonly<{
  /** How many tries ended in each kind of outcome. */
  outcomes: Readonly<Record<Outcome['kind'], number>>
  /** Of the last 200 requests, whole ms; undefined before the first. */
  latencyMs:
    | Readonly<{
        /** Median. */
        p50: number
        /** 95 of 100 were as fast. */
        p95: number
        /** 99 of 100 were as fast. */
        p99: number
      }>
    | undefined
}>

export type { Check }

/** Everything a worker does for one adapter. */
export interface Runner {
  readonly adapter: AnyAdapter
  inFlight: number
  /**
   * Runs one claim to its settlement; `undefined` when the lease was lost. `claimedAt`: the monotonic clock before the
   * claim was asked for, since a process may stand still right after it.
   */
  readonly run: (claim: Claim, claimedAt: number) => Promise<Settlement | undefined>
  /** Sends the adapter's check, or another read in its place. Neither counts for the adapter's health. */
  readonly check: (lookup?: Lookup) => Promise<Readonly<{ check: Check; outcome: Outcome }>>
  readonly read: (lookup: Lookup) => Promise<ReadResult>
  readonly stats: () => Stats
  readonly secrets: AdapterSecrets
  /** Whether the service accepted the credential in this process, in a check or in a call. */
  readonly isAccepted: () => boolean
}

/** Options of a runner. */
export type RunnerParts = Readonly<{
  adapter: AnyAdapter
  transport: Transport
  secrets: SecretSource
  policy: Policy
  now: () => number
  monotonic: () => number
  /** Counts how long a doubt lasts, ms; default `monotonic`. */
  steady?: () => number
  random: () => number
  /** Takes a place of a limit: 0, or how many ms until there is one. */
  draw: (draw: Draw) => Promise<number>
  /** Waits for room in a limit, ms; false when the worker stops. */
  waitForRoom: (ms: number) => Promise<boolean>
  begin: (start: Readonly<{ key: string; token: string }>) => Promise<boolean>
  pause: (pause: Pause) => void
  /** Called when the service accepts the credential for the first time, or again after it was refused. */
  noteAccepted?: () => void
  /** How it waits for the host's secrets; default the system's timers. */
  timers?: Timers
  redact: (text: string) => string
  /** Name of a secret whose whole value a text holds. Default: none is found. */
  findSecret?: ((text: string) => string | undefined) | undefined
  /** Keeps the values of secrets that are read until its result is called. Default: they are not kept. */
  retain?: (() => () => void) | undefined
  emit: <N extends keyof DeliveryEvents>(name: N, payload: DeliveryEvents[N]) => void
}>

/** The longest that a page of a list waits for room in its limit, ms. */
const WAIT_MOST_MS = 60_000

const percentile = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)

/** A request that was not begun. */
const notSent = (reason: string, waitMs?: number): Awaited<ReturnType<Send>> => ({
  reply: { kind: 'failure', sent: 'no', code: 'aborted', reason },
  outcome: { kind: 'retry', reason, ...(waitMs === undefined ? {} : { waitMs }) },
})

/** Makes the runner of one adapter. */
export const createRunner = (parts: RunnerParts): Runner => {
  const { adapter, policy, now, monotonic, random } = parts
  const destination = destinationOf(adapter)
  const cache = createReadCache(monotonic)
  const doubts = createDoubts(parts.steady ?? monotonic, policy.timeoutMs)
  const outcomes: Record<Outcome['kind'], number> = {
    delivered: 0,
    rejected: 0,
    denied: 0,
    retry: 0,
    unknown: 0,
  }
  const latencies: number[] = []
  const timers = parts.timers ?? timersOf()
  const transport = guardTransport(limitTransport(parts.transport, timers), destination)
  let accepted = false
  const secrets = createSecrets(adapter, destination, parts.secrets, timers, policy.readTimeoutMs)
  let health: Health = { failures: 0 }

  const accept = (): void => {
    if (accepted) return
    accepted = true
    parts.noteAccepted?.()
  }
  const countOutcome = (outcome: Outcome, limit: string | undefined): void => {
    outcomes[outcome.kind]++
    const effect = observe(
      health,
      outcome,
      { adapter: adapter.name, ...(limit === undefined ? {} : { limit }) },
      policy,
      now(),
      random,
    )
    health = effect.health
    if (effect.pause !== undefined) parts.pause(effect.pause)
    if (outcome.kind === 'delivered') accept()
  }
  const reasonOf = (reason: string): string => publicReason(reason, parts.redact)
  const redactOutcome = (outcome: Outcome): Outcome =>
    outcome.kind === 'delivered' ? outcome : { ...outcome, reason: reasonOf(outcome.reason) }
  /** The meaning of a reply, with a reason made of the redacted reply: an adapter may cut what it quotes. */
  const judgeReply = (reply: Reply, sent: SentCall, failures?: number): Outcome =>
    redactOutcome(judgeWithout(reply, each => judge(adapter, each, sent, failures), parts.redact))
  /** Runs one request; the values of the secrets it reads are kept until its texts are redacted. */
  const whileRetained = <T>(run: () => Promise<T>): Promise<T> => {
    const release = parts.retain?.()
    return release === undefined ? run() : run().finally(release)
  }

  const drawPlace = createDraws(adapter, parts.draw, monotonic, random, parts.waitForRoom)

  /** Sends within a deadline of the monotonic clock: no request is begun that could outlive the lease. */
  const sender =
    (action: string, deadline: number, reserved: boolean, source: SecretSource, failures?: number): Send =>
    async (call, role, goesOn = false) => {
      const timeoutMs = role === 'call' ? policy.timeoutMs : policy.readTimeoutMs
      if (monotonic() + timeoutMs > deadline) return notSent('the lease would end before the answer')
      // The time of what comes after it is kept free.
      const spare = Math.min(deadline - timeoutMs - policy.timeoutMs, monotonic() + WAIT_MOST_MS)
      const waitUntil = goesOn ? spare : 0
      // The claim took the place of the call itself.
      const place =
        reserved && role === 'call' ? undefined : await drawPlace(call.limit, timeoutMs, deadline, waitUntil)
      if (place !== undefined && 'reason' in place) return notSent(place.reason, place.waitMs)
      const startedAt = monotonic()
      const reply = await transport.send(call, { timeoutMs, secrets: source })
      place?.reportEnd()
      if (reply.kind === 'failure' && reply.code === 'secret') {
        await secrets.leaveOut()
        return { reply, outcome: redactOutcome({ kind: 'retry', reason: reply.reason }) }
      }
      const outcome = judgeReply(reply, { action, role, call }, failures)
      if (latencies.push(monotonic() - startedAt) > 200) latencies.shift()
      countOutcome(outcome, call.limit)
      return { reply, outcome }
    }

  const sendCheck = createCheck({
    ...{ adapter, transport, policy, now, monotonic, findUnset: secrets.findUnset },
    ...{ judge: judgeReply, tell: reasonOf, secrets: secrets.source },
  })
  const check: Runner['check'] = lookup =>
    whileRetained(async () => {
      const checked = await sendCheck(lookup)
      if (checked.check.ok && lookup === undefined) accept()
      return checked
    })
  const refusals = createRefusals(check, secrets.fingerprint)

  /** Finds the meaning of a refusal: the adapter's own check says whether the credential or the call is refused. */
  const verify = async (deadline: number): Promise<Verdict> => {
    if (monotonic() + policy.readTimeoutMs > deadline)
      return { kind: 'no-answer', reason: 'the lease would end before it' }
    const verdict = await refusals.ask()
    if (verdict.kind !== 'denied') return verdict
    accepted = false
    parts.pause(pauseDenied(adapter.name, verdict.reason, policy, now()))
    return verdict
  }

  const endOf = async (claim: Claim, ending: Ending, deadline: number): Promise<Ending> => {
    if (ending.kind === 'unset') await secrets.leaveOut(ending.names)
    // A transport that signs in found a secret missing: nothing was sent.
    else if (secrets.missing().length > 0 && 'outcome' in ending && ending.outcome.kind === 'retry')
      return { kind: 'unset', names: [], reason: ending.outcome.reason }
    if (!isDenied(ending)) return ending
    const verdict = await verify(deadline)
    const again = verdict.kind === 'accepted' && (await refusals.note(claim.delivery.key))
    return endRefused(claim, ending, verdict, again)
  }

  return {
    adapter,
    inFlight: 0,
    check,
    secrets,
    isAccepted: () => accepted,
    run: (claim, claimedAt) =>
      whileRetained(async () => {
        const { key, token, descriptor } = claim.delivery
        const deadline = claimedAt + leaseMsOf(descriptor, policy)
        const { attempts, misses } = claim.delivery
        const source = askOnce(secrets.source)
        const unset = (call: Call) => secrets.findUnset(call, source)
        const send = sender(descriptor.action, deadline, true, source, attempts + misses)
        const begin = (): Promise<boolean> => parts.begin({ key, token })
        const { ageMs: doubtAgeMs } = doubts
        const around = { adapter, policy, send, cache, unset, begin, now, monotonic, doubtAgeMs }
        const end = await attempt(claim, around)
        if (end.kind === 'lost') return undefined
        const kept = parts.findSecret === undefined ? end : refuseSecrets(end, parts.findSecret)
        const isPlain = kept.kind === 'answered' && kept.outcome.kind === 'delivered'
        const ending = isPlain ? kept : await endOf(claim, kept, deadline)
        const settledAt = now()
        const settlement = doubts.adjust(settle(claim, ending, policy, settledAt, random), settledAt)
        return settlement.reason === null
          ? settlement
          : { ...settlement, reason: reasonOf(settlement.reason) }
      }),
    read: lookup =>
      whileRetained(async () => {
        let value: Json = null
        const send = sender('read', Number.POSITIVE_INFINITY, false, askOnce(secrets.source))
        const watching: Send = async (call, role, goesOn) => {
          const first = value === null
          const { reply, outcome } = await send(call, role, goesOn)
          if (reply.kind === 'answer') value = reply.body
          if (!first || outcome.kind !== 'delivered' || outcome.empty !== true) return { reply, outcome }
          // An empty look-up is an answer, except where it asked for an item by its name.
          const refused = judgeReply(reply, { action: 'read', role: 'call', call })
          const missing = { kind: 'rejected', reason: 'it is not there' } as const
          return { reply, outcome: refused.kind === 'rejected' ? refused : missing }
        }
        const { captures: _, ...plain } = lookup
        const looked = await look(plain, {}, now(), watching, true)
        if (looked.kind === 'failed' && looked.outcome.kind === 'denied')
          await verify(Number.POSITIVE_INFINITY)
        if (looked.kind === 'failed') return { ok: false, outcome: looked.outcome }
        if (looked.kind === 'refused' || looked.kind === 'missing')
          return { ok: false, outcome: { kind: 'rejected', reason: looked.reason } }
        const read = looked.read ?? (looked.kind === 'none' ? looked.items : [looked.item])
        const { where } = lookup
        const items = where === undefined ? read : read.filter(item => choose([item], where) !== undefined)
        return { ok: true, value, items }
      }),
    stats: () => {
      const sorted = [...latencies].sort((a, b) => a - b)
      return {
        outcomes: { ...outcomes },
        latencyMs:
          sorted.length === 0
            ? undefined
            : { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) },
      }
    },
  }
}
