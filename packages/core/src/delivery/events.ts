import type { Json } from '../session/schema.ts'
import type { Pause } from './model.ts'

/** Which delivery an event speaks of. */
export type Which = Readonly<{ adapter: string; lane: string; key: string; action: string }>

/** What observers of delivery hear, by event name. */
export type DeliveryEvents = Readonly<{
  /** Applied. `lookedUp`: found by a look-up after doubt, not sent again. */
  delivered: Which &
    Readonly<{ attempts: number; captures: Readonly<Record<string, Json>>; lookedUp: boolean }>
  /** Will be tried again, not before `dueAt` (epoch ms). */
  retry: Which & Readonly<{ attempts: number; reason: string; dueAt: number }>
  /** Perhaps applied: it is looked up before it is sent again. */
  inDoubt: Which & Readonly<{ attempts: number; reason: string; dueAt: number }>
  /** Given up, in its place, until somebody revives or drops it. */
  dead: Which & Readonly<{ attempts: number; reason: string; inDoubt: boolean }>
  paused: Readonly<{ pause: Pause }>
  unpaused: Readonly<{ adapter: string; limit?: string }>
  /** A drain ended; `left` counts what is not delivered, by state. */
  drained: Readonly<{ done: boolean; left: Readonly<Record<string, number>> }>
  error: Readonly<{ error: Error; where: string }>
}>

/** Tells observers; never throws. */
export type Emit = <N extends keyof DeliveryEvents>(name: N, payload: DeliveryEvents[N]) => void
