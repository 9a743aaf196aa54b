import type { DeliveryEvents } from '../delivery/events.ts'
import type { Delivery, State } from '../delivery/model.ts'
import type { Timers } from '../delivery/timers.ts'
import type { Emitter, RecorderEvents } from '../recorder/emitter.ts'
import { TrackerError } from '../session/errors.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'

/** How a delivery stands. `key` is its successor's where it was replaced. */
export type Settled = Readonly<{
  /** The delivery that stands for it now: itself, or its successor where it was replaced. */
  key: string
  /** The key that was given. */
  asked: string
  /** Of the delivery `key` names. `waiting`, `claimed` or `begun`: the time was over first. */
  state: State
  /** What the service answered, by name. */
  captures: Readonly<Record<string, Json>>
  /** True: it may have been applied, and nobody knows. */
  inDoubt: boolean
  /** Why it is not delivered; absent when there is nothing to say. */
  reason?: string
}>

type Parts = Readonly<{
  store: Store
  emitter: Emitter<RecorderEvents & DeliveryEvents>
  timers: Timers
  monotonic: () => number
}>

/** Another process may settle it: then no event tells. */
const LOOK_MS = 200

const MOVING: ReadonlySet<State> = new Set<State>(['waiting', 'claimed', 'begun'])

/** The delivery that stands for a key now. */
const current = async (store: Store, key: string): Promise<Delivery> => {
  let sought = key
  // A chain of replaced ones ends; the bound only guards against a store that was tampered with.
  for (let steps = 0; steps < 10_000; steps++) {
    const [found] = await store.list({ keys: [sought], limit: 1 })
    if (found === undefined)
      throw new TrackerError('INVALID_INPUT', `settled.key: no delivery has the key "${sought}".`, {
        field: 'settled.key',
      })
    if (found.state !== 'replaced' || found.successor === undefined) return found
    sought = found.successor
  }
  throw new TrackerError('STORE_CORRUPT', `The successors of "${key}" run in a circle.`)
}

const describe = async (store: Store, asked: string, delivery: Delivery): Promise<Settled> => {
  const { key, state, lane, reason, doubtSince } = delivery
  const captured = state === 'delivered' ? await store.captured(lane) : []
  return {
    key,
    asked,
    state,
    captures: Object.fromEntries(
      captured.flatMap(each => (each.key === key ? [[each.name, each.value]] : [])),
    ),
    inDoubt: doubtSince !== undefined,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Waits until a delivery moves no more by itself, or until `timeoutMs` is over; then it says how it stands. */
export const settled = async (parts: Parts, key: string, timeoutMs: number): Promise<Settled> => {
  const { store, emitter, timers, monotonic } = parts
  const until = monotonic() + timeoutMs
  let ring: () => void = () => undefined
  const heard = () => ring()
  const offs = [emitter.on('delivered', heard), emitter.on('dead', heard)]
  try {
    for (;;) {
      const bell = new Promise<void>(resolve => {
        ring = resolve
      })
      const delivery = await current(store, key)
      const left = until - monotonic()
      if (!MOVING.has(delivery.state) || left <= 0) return await describe(store, key, delivery)
      const cancel = timers.hold(Math.min(LOOK_MS, left), ring)
      await bell
      cancel()
    }
  } finally {
    for (const off of offs) off()
  }
}
