import type { Json } from '../session/schema.ts'
import type { Pause } from './model.ts'

/** Which delivery an event speaks of. */
export type Which = Readonly<{
  /** The adapter's name in the tracker. */
  adapter: string
  /** The session's id, `init`, or the key of a call that belongs to no session. */
  lane: string
  /** Its idempotency key. */
  key: string
  /** The name of the adapter's action. */
  action: string
}>

/** Payloads of the events of delivery, by event name. */
export type DeliveryEvents = Readonly<{
  /** Applied. `lookedUp`: found by a look-up after doubt, not sent again. */
  delivered: Which &
    Readonly<{
      /** Attempts that count, this one too. */
      attempts: number
      /** Values captured from the reply or the found item, by name. */
      captures: Readonly<Record<string, Json>>
      /** True: a look-up found it, nothing was sent this time. */
      lookedUp: boolean
    }>
  /** Will be tried again, not before `dueAt` (epoch ms). */
  retry: Which &
    Readonly<{
      /** Attempts that count so far. */
      attempts: number
      /** Why it did not work, with secrets redacted. */
      reason: string
      /** Not before this, epoch ms. */
      dueAt: number
    }>
  /** Perhaps applied: it is looked up before it is sent again. */
  inDoubt: Which &
    Readonly<{
      /** Attempts that count so far. */
      attempts: number
      /** Why the result is unknown, with secrets redacted. */
      reason: string
      /** When it is looked up at the earliest, epoch ms. */
      dueAt: number
    }>
  /** Dead, in its place, until an operator retries or drops it. */
  dead: Which &
    Readonly<{
      /** Attempts that count. */
      attempts: number
      /** Why it is dead, with secrets redacted. */
      reason: string
      /** True: it may have been applied; acknowledge it, or retry it with `resend`. */
      inDoubt: boolean
    }>
  /** An adapter, or one of its limits, is paused. */
  paused: Readonly<{
    /** Of what, why and until when. */
    pause: Pause
  }>
  /** An adapter, or one of its limits, goes on. */
  unpaused: Readonly<{
    /** The adapter's name in the tracker. */
    adapter: string
    /** Absent: the whole adapter. */
    limit?: string
  }>
  /** A drain ended; `left` counts what is not delivered, by state. */
  drained: Readonly<{
    /** Everything that was not dropped or planned is delivered. */
    done: boolean
    /** How many are in each state; states without any are left out. */
    left: Readonly<Record<string, number>>
  }>
  /** An error that was not thrown to any caller: of a listener, a report, work in the background. */
  error: Readonly<{
    /** The error that was thrown. */
    error: Error
    /** In what, for people. */
    where: string
  }>
}>

/** Tells observers; never throws. */
export type Emit = <N extends keyof DeliveryEvents>(name: N, payload: DeliveryEvents[N]) => void
