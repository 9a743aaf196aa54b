import { capture } from '../descriptor/captures.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { fill } from '../descriptor/fill.ts'
import type { Json } from '../session/schema.ts'
import type { SimulatedLane } from './simulator-lane.ts'
import type { SimulatedService, World } from './simulator-world.ts'

/**
 * A person who looks at previews now and then and releases them, but for the last event's if `last` says which
 * that is. Gives the keys released so far.
 */
export const startReviewer = (
  world: World,
  lane: SimulatedLane,
  until: number,
  last: number | undefined,
): ReadonlySet<string> => {
  const released = new Set<string>()
  const look = (): void => {
    for (const key of lane.release(({ sequence }) => sequence !== last)) released.add(key)
  }
  let at = world.now()
  while (at < until) {
    at += world.random() * 120_000
    world.at(at, look)
  }
  // Nothing is planned any more.
  world.at(until + 1_000, look)
  return released
}

/** A person who takes deliveries planned to be sent by hand, takes their time, sends it and says so. */
export const startHand = (
  world: World,
  lane: SimulatedLane,
  service: SimulatedService,
  over: () => boolean,
): void => {
  const send = (descriptor: Descriptor): void => {
    const filled = fill(descriptor, lane.refs, 0)
    if (!filled.ok) throw new Error(`taken too early: ${filled.reason}`)
    const body = service.byHand(filled.call as unknown as Json)
    const captured = capture(body, descriptor.captures ?? {})
    world.at(world.now() + world.random() * 60_000, () =>
      lane.acknowledge(descriptor.key, captured.ok ? captured.values : {}),
    )
  }
  const look = (): void => {
    if (over()) return
    const taken = lane.take()
    if (taken?.descriptor !== undefined) {
      const { descriptor, key } = taken
      // Some think better of it.
      const act = world.random() < 0.2 ? () => lane.giveBack(key) : () => send(descriptor)
      world.at(world.now() + world.random() * 300_000, act)
    }
    world.at(world.now() + world.random() * 60_000, look)
  }
  world.at(world.now() + world.random() * 60_000, look)
}

/** A person who deletes the card some time after it was made. */
export const startVandal = (
  world: World,
  lane: SimulatedLane,
  service: SimulatedService,
  over: () => boolean,
): void => {
  const remove = (): void => {
    const card = lane.refs.thread
    if (over() || service.deleted.size > 0) return
    if (card !== undefined && world.random() < 0.3) service.deleted.add(String(card))
    else world.at(world.now() + world.random() * 60_000, remove)
  }
  world.at(world.now() + world.random() * 60_000, remove)
}
