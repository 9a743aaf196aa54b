import type { DeliveryEvents } from '../delivery/events.ts'
import type { Delivery, State } from '../delivery/model.ts'
import type { Timers } from '../delivery/waits.ts'
import type { Emitter, RecorderEvents } from '../recorder/context.ts'
import { TrackerError } from '../session/errors.ts'
import { nameOf } from '../session/input.ts'
import { invalidInput, message } from '../session/message.ts'
import type { Json } from '../session/schema.ts'
import type { Store } from '../store/contract.ts'

/** The state of a delivery. `key` is its successor's where it was replaced. */
export type Settled = Readonly<{
  /** The delivery that stands for it now: itself, or its successor where it was replaced. */
  key: string
  /** The key that was given. */
  asked: string
  /** State of the delivery that `key` names. `waiting`, `claimed` or `begun`: the time ended first. */
  state: State
  /** Values of the service's answer, by name. */
  captures: Readonly<Record<string, Json>>
  /** True: the service may have applied it; its answer is unknown. */
  inDoubt: boolean
  /** Why it is not delivered; absent when there is nothing to say. */
  reason?: string
}>

type WaitContext = Readonly<{
  store: Store
  emitter: Emitter<RecorderEvents & DeliveryEvents>
  timers: Timers
  monotonic: () => number
}>

/** Another process may settle it, and then no event is emitted here, ms. */
const LOOK_MS = 200

const MOVING: ReadonlySet<State> = new Set<State>(['waiting', 'claimed', 'begun'])

/** Follows successors to the delivery that stands for a key now, however many there are. */
const currentOf = async (store: Store, key: string): Promise<Delivery> => {
  const seen = new Set<string>()
  for (let sought = key; ; ) {
    if (seen.has(sought))
      throw new TrackerError(
        'STORE_CORRUPT',
        message({ problem: `the successors of delivery "${key}" lead back to it` }),
      )
    seen.add(sought)
    const [found] = await store.list({ keys: [sought], limit: 1 })
    if (found === undefined)
      throw invalidInput({ field: 'settled.key', problem: `no delivery has the key "${sought}"` })
    if (found.state !== 'replaced' || found.successor === undefined) return found
    sought = found.successor
  }
}

const describe = async (store: Store, asked: string, delivery: Delivery): Promise<Settled> => {
  const { key, state, lane, reason, doubtSince } = delivery
  const captured = state === 'delivered' ? await store.listCaptures(lane) : []
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

/** Waits until a delivery moves no more by itself, or until `timeoutMs` is over, and gives its state. */
export const waitForDelivery = async (
  parts: WaitContext,
  key: string,
  timeoutMs: number,
): Promise<Settled> => {
  const { store, emitter, timers, monotonic } = parts
  const until = monotonic() + timeoutMs
  let sought = nameOf('settled.key', key)
  let ring: () => void = () => undefined
  const hear = () => ring()
  const offs = [emitter.on('delivered', hear), emitter.on('dead', hear)]
  try {
    for (;;) {
      const bell = new Promise<void>(resolve => {
        ring = resolve
      })
      const delivery = await currentOf(store, sought)
      // A replaced delivery stays replaced: the next look begins at its successor.
      sought = delivery.key
      const left = until - monotonic()
      if (!MOVING.has(delivery.state) || left <= 0) return await describe(store, key, delivery)
      const cancel = timers.keepAlive(Math.min(LOOK_MS, left), ring)
      await bell
      cancel()
    }
  } finally {
    for (const off of offs) off()
  }
}
