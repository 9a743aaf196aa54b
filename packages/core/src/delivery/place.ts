import { digest } from '../descriptor/digest.ts'
import { needs } from '../descriptor/refs.ts'
import type { Json } from '../session/schema.ts'
import { isDue } from './lanes.ts'
import type { Delivery, Incoming, Lane, Placed } from './model.ts'

/** Effect of placing on a lane: rows to write (replaced ones are final and leave the lane), and where each key went. */
export type Placing = Readonly<{
  /** The lane afterwards. */
  lane: Lane
  /** Newcomers, and those replaced or dropped. */
  written: readonly Delivery[]
  /** One for each newcomer, in their order. */
  placed: readonly Placed[]
}>

const name = (delivery: Pick<Delivery, 'descriptor'>): string | undefined =>
  delivery.descriptor?.coalesce?.keep === true ? undefined : delivery.descriptor?.coalesce?.name

/**
 * Whether what it sent may still be applied. It is due again only when that is over, so one that waits on (its service was
 * away for a day) gives way. One that was retried is due at once, which says nothing of that before its next attempt.
 */
const mayBeApplied = (old: Delivery, now: number): boolean =>
  old.exposed === true && (old.attempts === 0 || old.dueAt > now)

/** Planned, or waiting and surely not applied any more. Claimed and taken ones are never touched. */
const replaceable = (old: Delivery, incoming: Pick<Incoming, 'via'>, now: number): boolean =>
  old.state === 'planned' ||
  (incoming.via !== 'preview' &&
    old.state === 'waiting' &&
    !mayBeApplied(old, now) &&
    old.doubtSince === undefined)

const born = (lane: Lane, incoming: Incoming, position: number, now: number): Delivery => ({
  key: incoming.key,
  adapter: lane.adapter,
  lane: lane.lane,
  position,
  rank: lane.next,
  action: incoming.action,
  ...(incoming.descriptor === undefined ? {} : { descriptor: incoming.descriptor }),
  via: incoming.via,
  state: incoming.descriptor === undefined ? 'dead' : incoming.via === 'preview' ? 'planned' : 'waiting',
  sequence: incoming.sequence,
  holds: incoming.holds,
  attempts: 0,
  misses: 0,
  unreported: 0,
  plannedAt: now,
  pausedBefore: 0,
  dueAt: now,
  ...(incoming.reason === undefined ? {} : { reason: incoming.reason }),
})

/** An old delivery whose place was taken: its key stays known, its payload is emptied, its successor is named. */
export const replaceBy = (old: Delivery, successor: string, position: number, now: number): Delivery => {
  const { descriptor: _, token: __, leaseUntil: ___, owner: ____, ...rest } = old
  return { ...rest, position, state: 'replaced', successor, settledAt: now }
}

/**
 * Those that give way to the newcomer. An edit replaces all of its name that are free. A state (`place: 'after'`) replaces
 * only the last open delivery of the lane: in any other place it would overtake what was planned before it.
 */
const yielding = (lane: Lane, { descriptor, ...incoming }: Incoming, now: number): readonly Delivery[] => {
  const wanted = descriptor === undefined ? undefined : name({ descriptor })
  if (wanted === undefined) return []
  const candidates = descriptor?.coalesce?.place === 'after' ? lane.deliveries.slice(-1) : lane.deliveries
  return candidates.filter(each => name(each) === wanted && replaceable(each, incoming, now))
}

const placeOne = (
  lane: Lane,
  incoming: Incoming,
  now: number,
): Readonly<{ lane: Lane; written: readonly Delivery[]; placed: Placed }> => {
  const old = yielding(lane, incoming, now)
  const first = old[0]
  const behind =
    first === undefined
      ? []
      : lane.deliveries.filter(each => each.position > first.position && !old.includes(each))
  let position = lane.next
  // With nothing open behind it, the end of the lane is the same place, and the old one keeps its number.
  if (first !== undefined && behind.length > 0 && incoming.descriptor !== undefined) {
    const needed = new Set(needs(incoming.descriptor))
    const tooEarly = behind.some(each =>
      Object.keys(each.descriptor?.captures ?? {}).some(capture => needed.has(capture)),
    )
    // A lane has one call on its way: a newcomer in front of one that a worker holds would leave at the same time.
    const overtakes = incoming.via !== 'preview' && behind.some(({ token }) => token !== undefined)
    if (!tooEarly && !overtakes) position = first.position
  }
  // A wait the service asked for holds for the delivery that stands there.
  const dueAt = first !== undefined && first.attempts > 0 && !isDue(first.dueAt, now) ? first.dueAt : now
  const newcomer = { ...born(lane, incoming, position, now), dueAt }
  // The one whose place is taken gets the newcomer's number, so that positions stay unique.
  const gone = old.map(each =>
    replaceBy(each, incoming.key, each.position === position ? lane.next : each.position, now),
  )
  const kept = lane.deliveries.filter(each => !old.includes(each))
  const index = kept.findIndex(each => each.position > position)
  const deliveries =
    index < 0 ? [...kept, newcomer] : [...kept.slice(0, index), newcomer, ...kept.slice(index)]
  return {
    lane: { ...lane, next: lane.next + 1, deliveries },
    written: [...gone, newcomer],
    placed: { key: incoming.key, state: newcomer.state, position, replaced: old.map(each => each.key) },
  }
}

/**
 * Puts deliveries at the end of their lane. One with a `coalesce` name takes the place of the first of that name that is
 * planned, or waiting and surely not applied any more, and all others such are replaced; it goes to the end when it needs
 * a capture planned after that one, when a worker holds a call behind that one, or when nothing else that is open stands behind. With `place: 'after'` it takes only
 * the place of the last open delivery of the lane. A preview replaces previews only, so that looking never stops a sending.
 */
export const place = (lane: Lane, incoming: readonly Incoming[], now: number): Placing => {
  const [first, ...others] = incoming
  if (first !== undefined && others.length === 0) {
    const { placed, ...step } = placeOne(lane, first, now)
    return { ...step, placed: [placed] }
  }
  let current = lane
  const written = new Map<string, Delivery>()
  const placed: Placed[] = []
  for (const each of incoming) {
    const step = placeOne(current, each, now)
    current = step.lane
    for (const delivery of step.written) written.set(delivery.key, delivery)
    placed.push(step.placed)
  }
  return { lane: current, written: [...written.values()], placed }
}

/**
 * Makes a new card possible after a person deleted the old one: the dead ones named are dropped, the lane moves again,
 * and the newcomers stand before all that waits. The store also forgets the lane's captures.
 */
export const recreate = (
  lane: Lane,
  incoming: readonly Incoming[],
  dropping: readonly string[],
  now: number,
): Placing => {
  const { gone: _, ...open } = lane
  const dropped = lane.deliveries
    .filter(each => dropping.includes(each.key))
    .map((each): Delivery => ({ ...each, state: 'dropped', settledAt: now }))
  const kept = lane.deliveries.filter(each => !dropping.includes(each.key))
  // Below all that ever stood here, settled or not: `next` only grows, so no position is given twice.
  const before = -(lane.next + incoming.length)
  const newcomers = incoming.map((each, n) => ({
    ...born({ ...lane, next: lane.next + n }, each, before + n, now),
  }))
  return {
    lane: { ...open, next: lane.next + incoming.length, deliveries: [...newcomers, ...kept] },
    written: [...dropped, ...newcomers],
    placed: newcomers.map(each => ({
      key: each.key,
      state: each.state,
      position: each.position,
      replaced: [],
    })),
  }
}

/**
 * The data of a configuration that decides where an adapter writes: no functions, no names of secrets, no mode; `without`
 * names more fields of its top that are left out.
 */
export const settingsOf = (
  value: unknown,
  secrets: readonly string[],
  without: readonly string[] = [],
): Json => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map(each => settingsOf(each, secrets))
  if (typeof value !== 'object') return null
  const isKept = ([key, inner]: readonly [string, unknown]) =>
    key !== 'mode' &&
    !without.includes(key) &&
    inner !== undefined &&
    typeof inner !== 'function' &&
    !secrets.includes(inner as string)
  return Object.fromEntries(
    Object.entries(value)
      .filter(isKept)
      .map(([key, inner]) => [key, settingsOf(inner, secrets)]),
  )
}

/** Options every adapter has that say how it works, never where it writes: a change must not strand what is planned. */
const MANNER: readonly string[] = [
  ...['as', 'mode', 'when', 'updates', 'onDoubt', 'allowDestructive', 'sessionUrl', 'crossLinks'],
  ...['concurrency', 'allowPlaintext', 'headers'],
]

type Target = Readonly<{ config: unknown; secrets: readonly string[] }>

const known = new WeakMap<Target, string>()

/**
 * Whose account and place an adapter writes to: a digest of its configuration, without secrets and without how it works.
 * A lane is delivered by workers with the target that it was opened with.
 */
export const targetOf = (adapter: Target): string => {
  const before = known.get(adapter)
  if (before !== undefined) return before
  const made = digest(settingsOf(adapter.config, adapter.secrets, MANNER)).slice(0, 32)
  known.set(adapter, made)
  return made
}

/**
 * When a lane was served, and what was sent of it, as of a commit. A time that lies ahead was written before the clock was set
 * back: it counts as now, since it says what stands behind whom, and must hold back nothing.
 */
export const clampTimes = <L extends Pick<Lane, 'sent' | 'servedAt'>>(lane: L, now: number): L => {
  const { sent, servedAt } = lane
  const isAhead = servedAt !== undefined && servedAt > now
  const ahead = Object.entries(sent).filter(([, last]) => last.at > now)
  if (!isAhead && ahead.length === 0) return lane
  const clamped = Object.fromEntries(ahead.map(([name, last]) => [name, { ...last, at: now }]))
  return { ...lane, sent: { ...sent, ...clamped }, ...(isAhead ? { servedAt: now } : {}) }
}
