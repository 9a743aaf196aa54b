import * as z from 'zod/mini'
import type { AnyAdapter } from '../adapter/contract.ts'
import { judgeOwn } from '../delivery/judge.ts'
import type { Moved, Pause, State } from '../delivery/model.ts'
import { capture, soughtBy } from '../descriptor/captures.ts'
import type { Call, Capture, Captures, Descriptor } from '../descriptor/descriptor.ts'
import { fill } from '../descriptor/fill.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { put } from '../descriptor/pointer.ts'
import { notSet } from '../descriptor/refs.ts'
import { TrackerError } from '../session/errors.ts'
import { keysOf } from '../session/input.ts'
import { describe, invalidInput } from '../session/message.ts'
import { isObject, optional, optionsOf } from '../session/options.ts'
import type { Json } from '../session/schema.ts'
import { unknownName } from '../session/words.ts'
import type { Store } from '../store/contract.ts'
import { NO_REASON } from './format.ts'

/** A delivery that the caller took to send it, and then acknowledges. */
export type Taken = Readonly<{
  /** Key to pass to `acknowledge` after sending. */
  key: string
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** The name of the adapter's action. */
  action: string
  /** As it was planned, with its placeholders. */
  descriptor: Descriptor
  /** Values of the lane for the names it needs. */
  refs: Readonly<Record<string, Json>>
  /** The call with its placeholders filled; absent when something it needs must be read first (`before`). */
  call?: Call
}>

/**
 * The reply to a call that was sent by hand: the whole answer, which is judged, or its body, or the part of it that later
 * calls need. A body of a failed call is refused.
 */
export type HandReply =
  | Reply
  | Readonly<{
      /** Parsed JSON. */
      body?: Json
    }>

/** Takes the next deliveries planned in mode `handoff`, in order. */
export const take = async (
  store: Store,
  { name, mode }: AnyAdapter,
  limit: number,
): Promise<readonly Taken[]> => {
  const claims = await store.take(name, limit)
  // Deliveries planned before the mode was changed can still be taken.
  if (claims.length === 0 && mode !== 'handoff')
    throw invalidInput({
      field: 'take.adapter',
      problem: `${name} is in mode ${mode}`,
      todo: "Make it with mode: 'handoff' to take what it plans.",
    })
  return claims.map(({ delivery, refs }) => {
    const { key, lane, action, descriptor, firstAt = store.now() } = delivery
    const filled = fill(descriptor, refs, firstAt)
    return { key, adapter: name, lane, action, descriptor, refs, ...(filled.ok ? { call: filled.call } : {}) }
  })
}

const isWhole = (given: HandReply): given is Reply => 'kind' in given

const BODY = optional({ body: z.unknown() })

const checkReply = (given: HandReply | undefined): HandReply => {
  if (given === undefined || given === null) return {}
  if (isObject(given))
    return isWhole(given) ? given : optionsOf<Readonly<{ body?: Json }>>('acknowledge.reply', given, BODY)
  throw invalidInput({
    field: 'acknowledge.reply',
    problem: 'invalid reply',
    expected: '{ body } with the answer, or nothing',
    got: describe(given),
  })
}

/** `body` without an envelope stands for an answer of success. */
const replyOf = (given: HandReply): Reply =>
  isWhole(given) ? given : { kind: 'answer', status: 200, headers: {}, body: given.body ?? null }

/** Where a capture looks in an answer, as text for people. */
const placeOf = (capture: Capture | undefined): string => {
  if (typeof capture === 'string') return `"${capture}"`
  if (capture === undefined || !('list' in capture)) return JSON.stringify(capture)
  const { list, pick, where } = capture
  return `"${pick}" of the item of "${list}" that fits ${JSON.stringify(where)}`
}

/** Puts a value where a capture looks for it. */
const putCaptured = (body: Json, capture: Capture, value: string): Json => {
  if (typeof capture === 'string') return put(body, capture, value)
  if (!('list' in capture)) return body
  const { list, where, pick } = capture
  const fitting = put({}, where.pointer, soughtBy(where))
  return put(body, list, [put(fitting, pick, value)])
}

/** A body that holds every value. */
const sample = (wanted: Captures): string =>
  JSON.stringify(
    Object.entries(wanted).reduce<Json>((body, [name, place]) => putCaptured(body, place, `<${name}>`), {}),
  )

const unknownKey = (key: string) =>
  invalidInput({ field: 'acknowledge.key', problem: `no delivery has the key "${key}"` })

const OPEN: ReadonlySet<State> = new Set(['planned', 'waiting', 'claimed', 'begun', 'dead'])

/**
 * Marks a delivery as sent by hand, and takes the values that later calls need from the reply. The first acknowledgement
 * counts. A whole reply is judged like one that the worker received. A body alone, or nothing, is the caller's word that the
 * service applied the call, unless the body contradicts it; a handoff without captures must give a reply of success, because
 * its sender saw the answer.
 */
export const acknowledge = async (
  store: Store,
  adapters: ReadonlyMap<string, AnyAdapter>,
  key: string,
  given: HandReply | undefined,
): Promise<Moved> => {
  const [delivery] = await store.list({ keys: keysOf(key, 'acknowledge'), limit: 1 })
  if (delivery === undefined) throw unknownKey(key)
  const { descriptor, action, state, via } = delivery
  const wanted: Captures = OPEN.has(state) ? (descriptor?.captures ?? {}) : {}
  const checkedReply = checkReply(given)
  const reply = replyOf(checkedReply)
  if (OPEN.has(state) && (isWhole(checkedReply) || checkedReply.body !== undefined)) {
    const adapter = adapters.get(delivery.adapter)
    const outcome = adapter && judgeOwn(adapter, reply, { action, role: 'call' })
    const vouched = !isWhole(checkedReply) && (via !== 'handoff' || Object.keys(wanted).length > 0)
    if (outcome !== undefined && outcome.kind !== 'delivered' && !(outcome.kind === 'unknown' && vouched))
      throw invalidInput({
        field: 'acknowledge.reply',
        problem: `the reply means ${outcome.kind}: ${outcome.reason}`,
      })
  }
  const captured = capture(reply.kind === 'answer' ? reply.body : null, wanted)
  if (!captured.ok) {
    const places = captured.missing.map(name => `${name} (from ${placeOf(wanted[name])})`)
    throw invalidInput({
      field: 'acknowledge.reply',
      problem: `later requests need ${places.join(', ')}`,
      expected: `a reply such as { body: ${sample(wanted)} }`,
    })
  }
  const [moved] = await store.move([key], { kind: 'acknowledge', captures: captured.values })
  if (moved === undefined) throw unknownKey(key)
  return moved
}

/** Options of `pause`. */
export type PauseInput = Readonly<{
  /** One of the adapter's limits. Default: the whole adapter. */
  limit?: string | undefined
  /** Reason that `status` shows. Default: `paused manually`. */
  reason?: string | undefined
  /** Length of the pause, ms. Default: until `unpause` is called. */
  forMs?: number | undefined
}>

/** A limit is declared by its own name, or as `post:*` for every `post:…`. */
const isDeclared = (rates: Readonly<Record<string, unknown>>, limit: string): boolean =>
  Object.hasOwn(rates, limit) || Object.hasOwn(rates, `${limit.split(':', 1)[0] ?? ''}:*`)

/** Makes the pause that an operator asks for. */
export const manualPause = (
  store: Store,
  { name: adapter, limits: { rates } }: AnyAdapter,
  { limit, reason, forMs }: PauseInput,
): Pause => {
  if (limit !== undefined && !isDeclared(rates, limit))
    throw invalidInput({
      field: 'pause.limit',
      ...unknownName(`limit of ${adapter}`, limit, Object.keys(rates)),
    })
  const since = store.now()
  return {
    adapter,
    kind: 'asked',
    reason: reason ?? NO_REASON,
    since,
    ...(limit === undefined ? {} : { limit }),
    ...(forMs === undefined ? {} : { until: since + Math.ceil(forMs) }),
  }
}

/**
 * Reports the secrets that released requests need and this process lacks. The worker does not report those of an adapter in
 * preview, which sends nothing by itself until something is released.
 */
export const reportUnset = async (
  { store, adapters }: Readonly<{ store: Store; adapters: ReadonlyMap<string, AnyAdapter> }>,
  unsetOf: (adapter: string) => Promise<readonly string[]>,
  moved: readonly Moved[],
  report: (error: TrackerError, where: string) => void,
): Promise<void> => {
  const keys = moved.flatMap(({ key, state }) => (state === 'waiting' ? [key] : []))
  const released = keys.length === 0 ? [] : await store.list({ keys, limit: keys.length })
  for (const name of new Set(released.map(({ adapter }) => adapter))) {
    const names = adapters.get(name)?.mode === 'preview' ? await unsetOf(name) : []
    if (names.length > 0) report(new TrackerError('CONFIG', notSet(...names)), name)
  }
}
