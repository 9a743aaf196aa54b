import type { Delivery, Lane, Pause } from '../../delivery/model.ts'
import { isOpen, type Owner, type Windows } from '../../delivery/transitions.ts'
import { needs } from '../../descriptor/refs.ts'
import type { SessionEvent } from '../../session/events.ts'
import type { Json } from '../../session/schema.ts'
import type { SessionSummary } from '../../session/session.ts'

/** A lane with all it keeps; `refs` came with `start`. */
export type Kept = {
  readonly id: number
  lane: Lane
  /** Whose account it is for; empty: any. */
  target: string
  refs: Readonly<Record<string, Json>>
  readonly captures: Map<string, Readonly<{ value: Json; key: string }>>
}

/** Everything several stores of one process share. */
export interface Memory {
  readonly owners: Map<string, 'open' | 'silent' | 'closed' | 'vanished'>
  readonly sessions: Map<string, Readonly<{ summary: SessionSummary; writer: string }>>
  /** By session; a message's content is in `messages`. */
  readonly events: Map<string, SessionEvent[]>
  /** Content of messages, by event. */
  readonly messages: Map<string, string>
  /** Digest of the input of an event that has a key, by session and event. */
  readonly keys: Map<string, string>
  readonly identity: string
  /** Every delivery, settled ones too. */
  readonly deliveries: Map<string, Delivery>
  readonly lanes: Map<string, Kept>
  /** By adapter and limit, and by the worker whose own it is. */
  readonly pauses: Map<string, Pause>
  /** By adapter and limit. */
  readonly windows: Map<string, Windows>
  /** Paused time that is over, ms, by adapter and limit. */
  readonly rested: Map<string, number>
}

/** Makes an empty one. */
export const createMemory = (): Memory => ({
  owners: new Map(),
  sessions: new Map(),
  events: new Map(),
  messages: new Map(),
  keys: new Map(),
  identity: crypto.randomUUID(),
  deliveries: new Map(),
  lanes: new Map(),
  windows: new Map(),
  pauses: new Map(),
  rested: new Map(),
})

/** Copies a value, so that a caller who changes its own does not change the stored one. */
export const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** The name of a lane, or of an adapter's limit, in a map. */
export const id = (adapter: string, name = ''): string => `${adapter}\n${name}`

/** The lane of this name, opened if it is not open yet. */
export const laneOf = (memory: Memory, adapter: string, lane: string, refs: Kept['refs'] = {}): Kept => {
  const open = memory.lanes.get(id(adapter, lane))
  if (open !== undefined) return open
  const empty: Lane = { adapter, lane, through: 0, sent: {}, next: 1, deliveries: [] }
  const kept = { id: memory.lanes.size, lane: empty, target: '', refs: copy(refs), captures: new Map() }
  memory.lanes.set(id(adapter, lane), kept)
  return kept
}

/** Writes a delivery, and keeps its lane to the open ones, by position. */
export const put = (memory: Memory, delivery: Delivery): void => {
  memory.deliveries.set(delivery.key, delivery)
  const kept = laneOf(memory, delivery.adapter, delivery.lane)
  const others = kept.lane.deliveries.filter(each => each.key !== delivery.key)
  const after = others.findIndex(each => each.position > delivery.position)
  const deliveries = isOpen(delivery)
    ? others.toSpliced(after < 0 ? others.length : after, 0, delivery)
    : others
  kept.lane = { ...kept.lane, deliveries }
}

/** The value of a name in a lane: one that `start` gave counts as first. */
export const refOf = (kept: Kept, name: string): Json | undefined =>
  Object.hasOwn(kept.refs, name) ? kept.refs[name] : kept.captures.get(name)?.value

/** The values of the names that a delivery needs or captures. */
export const refsOf = (kept: Kept, { descriptor }: Delivery): Readonly<Record<string, Json>> => {
  const names =
    descriptor === undefined ? [] : [...needs(descriptor), ...Object.keys(descriptor.captures ?? {})]
  return Object.fromEntries(
    names.flatMap(name => {
      const value = refOf(kept, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Forgets what a delivery captured that is dropped. */
export const dropCaptures = ({ captures }: Kept, key: string): void => {
  for (const [name, each] of captures) if (each.key === key) captures.delete(name)
}

/** A ref is written once: the first value stays. */
export const keep = (kept: Kept, captures: Readonly<Record<string, Json>>, key: string): void => {
  for (const [name, value] of Object.entries(captures))
    if (refOf(kept, name) === undefined) kept.captures.set(name, { value: copy(value), key })
}

/** The state of a lease's owner: a store, with a worker's name behind it. */
export const ownerState = (memory: Memory, owner: string | undefined): Owner => {
  const state = memory.owners.get((owner ?? '').split('/', 1)[0] ?? '')
  return state === 'open' ? 'alive' : state === 'silent' ? 'silent' : 'gone'
}
