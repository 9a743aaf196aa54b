import type { Claim, Delivery, Incoming, LaneState } from '../../delivery/model.ts'
import type { Descriptor } from '../../descriptor/descriptor.ts'
import { needs } from '../../descriptor/refs.ts'
import type { Json } from '../../session/schema.ts'
import type { Client } from './client.ts'
import { insert, type LaneRow, stateNumber } from './rows.ts'

/**
 * The state of a lane's head for a claim. A lane that stands still, or whose head is under way, has none: what workers hold has
 * an index of its own. Files of earlier builds say 3 where a worker holds the head.
 */
export const KIND = { waiting: 1, paced: 2, handoff: 4 } as const

/** A lane while a transaction works on it. Changes are written once, by `closeLane`. */
export type LaneEdit = {
  readonly row: LaneRow
  through: number
  next: number
  /** Positions of open deliveries by coalesce name, but for those that are kept. */
  names: Readonly<Record<string, readonly number[]>>
  sent: LaneState['sent']
  gone: string | undefined
  refs: string
  /** When a worker last settled one of it, epoch ms. */
  served: number
  /** Whose account it is for. */
  target: string
  /** The first position where something changed. */
  touched: number
  /** How many deliveries more there are by the number of their state, or fewer: `closeLane` writes that, no trigger does. */
  readonly more: Map<number, number>
  /** `names` and `sent` as they were read: one that changed is another object by now. */
  readonly before: Readonly<{ names: Readonly<Record<string, readonly number[]>>; sent: LaneState['sent'] }>
}

const COLUMNS = 'id, adapter, lane, through, next, walk, names, sent, gone, refs, served, target'

const NAMED = `SELECT ${COLUMNS} FROM lanes WHERE lane = ?`
const ONE = `SELECT ${COLUMNS} FROM lanes WHERE id = ?`

/** Every open lane of this name, whatever its adapter. */
export const lanesNamed = (client: Client, lane: string): readonly LaneRow[] =>
  client.all<LaneRow>(NAMED, lane)

export const laneOf = (client: Client, id: number): LaneRow => client.get<LaneRow>(ONE, id) as LaneRow

/** Opens a lane. */
export const insertLane = (
  client: Client,
  adapter: number,
  lane: string,
  refs: string,
  target: string,
): LaneRow => {
  const id = client.insert(
    `INSERT INTO lanes (adapter, lane, refs, target, mirrors)
      VALUES (?1, ?2, ?3, ?4, EXISTS (SELECT 1 FROM sessions WHERE session = ?2))`,
    adapter,
    lane,
    refs,
    target,
  )
  return {
    id,
    adapter,
    lane,
    through: 0,
    next: 1,
    walk: 1,
    names: '{}',
    sent: '{}',
    gone: null,
    refs,
    served: 0,
    target,
  }
}

/** Begins to work on a lane. */
export const editLane = (row: LaneRow): LaneEdit => {
  const before = {
    names: row.names === '{}' ? {} : JSON.parse(row.names),
    sent: row.sent === '{}' ? {} : JSON.parse(row.sent),
  }
  return {
    ...before,
    before,
    row,
    through: row.through,
    next: row.next,
    gone: row.gone ?? undefined,
    refs: row.refs,
    served: row.served,
    target: row.target,
    touched: Number.POSITIVE_INFINITY,
    more: new Map(),
  }
}

/** Counts a delivery that is there now under this state, or (-1) no longer is. */
export const countIn = ({ more }: LaneEdit, state: number, by: number): void => {
  more.set(state, (more.get(state) ?? 0) + by)
}

/** Writes a new delivery, over the text of `free` where one is given. Throws a duplicate when its key is there already. */
export const insertIn = (client: Client, edit: LaneEdit, delivery: Delivery, free?: number): void => {
  insert(client, edit.row.id, delivery, free)
  countIn(edit, stateNumber(delivery.state), 1)
}

const COUNT = `INSERT INTO counts (adapter, target, state, count) VALUES (?, ?, ?, ?)
  ON CONFLICT (adapter, target, state) DO UPDATE SET count = count + excluded.count`

/** Whose deliveries are counted together. */
export type Counted = Readonly<{ adapter: number; target: string }>

/** Adds to a count of deliveries. */
export const addToCount = (client: Client, { adapter, target }: Counted, state: number, by: number): void => {
  if (by !== 0) client.write(COUNT, adapter, target, state, by)
}

/** Says that what stands at this position changed. */
export const touch = (edit: LaneEdit, position: number): void => {
  edit.touched = Math.min(edit.touched, position)
}

/** Writes which positions a coalesce name has. */
export const nameAt = (edit: LaneEdit, name: string, positions: readonly number[]): void => {
  const { [name]: _, ...others } = edit.names
  edit.names = positions.length === 0 ? others : { ...others, [name]: positions }
}

/** Forgets a position that is settled. */
export const unname = (edit: LaneEdit, name: string | null, position: number): void => {
  const positions = name === null ? undefined : edit.names[name]
  if (name !== null && positions?.includes(position) === true)
    nameAt(
      edit,
      name,
      positions.filter(each => each !== position),
    )
}

type Standing = Readonly<{
  position: number
  state: number
  via: number
  due_at: number
  name: string | null
  every_ms: number | null
  lim: string | null
}>

/** Where the walk stands and what a claim may do there: one row of columns `walk, kind, lim, due, ready`. */
type Place = readonly [
  walk: number,
  kind: number | null,
  lim: string | null,
  due: number | null,
  ready: number | null,
]

const placeOf = (edit: LaneEdit, head: Standing): Place => {
  const { position, state, via, due_at, name, every_ms } = head
  const stands: Place = [position, null, null, null, null]
  const lim = head.lim ?? ''
  if (edit.gone !== undefined || state !== 1) return stands
  if (via === 2) return [position, KIND.handoff, lim, due_at, due_at]
  const last = name === null ? undefined : edit.sent[name]
  const pacedUntil = last === undefined ? 0 : last.at + (every_ms ?? 0)
  // A lane that was just served stands behind those that were due before.
  const ready = Math.max(due_at, edit.served)
  return pacedUntil > ready
    ? [position, KIND.paced, lim, pacedUntil, ready]
    : [position, KIND.waiting, lim, ready, ready]
}

/** Whether a delivery is a head, or stops its lane. For an IN of three values or more, SQLite fills a table first, in each run. */
export const STANDS = '(state BETWEEN 1 AND 3 OR (state IN (0, 4) AND holds = 1))'
const WALK = `SELECT position, state, via, due_at, name, every_ms, lim FROM deliveries
  WHERE lane = ? AND position >= ? AND ${STANDS} ORDER BY position LIMIT 1`

/**
 * The walk: from a position on, the first waiting, claimed or begun, or the first planned or dead that others need. The
 * states are numbers of `rows.ts`.
 */
const walk = (client: Client, edit: LaneEdit, from: number): Place => {
  const found = client.get<Standing>(WALK, edit.row.id, from)
  return found === undefined ? [edit.next, null, null, null, null] : placeOf(edit, found)
}

/** Writes the lane; walks it again when something changed at or before where it stood, or in what it remembers. */
export const closeLane = (client: Client, edit: LaneEdit): void => {
  const { row, through, next, before } = edit
  // Under the account that the lane still has: a trigger moves all of its counts to another one.
  for (const [state, by] of edit.more) addToCount(client, row, state, by)
  const names = edit.names === before.names ? row.names : JSON.stringify(edit.names)
  const sent = edit.sent === before.sent ? row.sent : JSON.stringify(edit.sent)
  const gone = edit.gone ?? null
  const isSame = names === row.names && sent === row.sent && gone === row.gone && edit.target === row.target
  const isPlanned = through !== row.through || next !== row.next
  if (isSame && !isPlanned && edit.refs === row.refs) {
    client.run(
      'UPDATE lanes SET served = ?, walk = ?, kind = ?, lim = ?, due = ?, ready = ? WHERE id = ?',
      edit.served,
      ...walk(client, edit, Math.min(edit.touched, row.walk)),
      row.id,
    )
    return
  }
  if (
    edit.touched > row.walk &&
    sent === row.sent &&
    gone === row.gone &&
    edit.served === row.served &&
    edit.target === row.target
  ) {
    if (names === row.names)
      client.run('UPDATE lanes SET through = ?, next = ? WHERE id = ?', through, next, row.id)
    else
      client.run(
        'UPDATE lanes SET through = ?, next = ?, names = ? WHERE id = ?',
        through,
        next,
        names,
        row.id,
      )
    return
  }
  client.run(
    `UPDATE lanes SET through = ?, next = ?, names = ?, sent = ?, gone = ?, refs = ?, served = ?, target = ?, walk = ?, kind = ?, lim = ?, due = ?,
      ready = ? WHERE id = ?`,
    through,
    next,
    names,
    sent,
    gone,
    edit.refs,
    edit.served,
    edit.target,
    ...walk(client, edit, Math.min(edit.touched, row.walk)),
    row.id,
  )
}

/** The name under which others give way to it, if they do. */
export const nameOf = ({ descriptor }: Pick<Incoming, 'descriptor'>): string | undefined =>
  descriptor?.coalesce?.keep === true ? undefined : descriptor?.coalesce?.name

type Values = Readonly<Record<string, Json>>
const NOTHING: Values = {}

const CAPTURED = 'SELECT value FROM captures WHERE lane = ? AND name = ? AND value IS NOT NULL'

/** The values of the names that a delivery needs or captures; one that `start` gave counts as first. */
export const refsOf = (
  client: Client,
  lane: number,
  refs: string,
  descriptor: Descriptor | undefined,
): Values => {
  if (descriptor === undefined) return NOTHING
  const needed = needs(descriptor)
  const captured = Object.keys(descriptor.captures ?? NOTHING)
  if (needed.length + captured.length === 0) return NOTHING
  const names = needed.length === 0 ? captured : new Set([...needed, ...captured])
  const given = refs === '{}' ? NOTHING : (JSON.parse(refs) as Values)
  const found: [string, Json][] = []
  for (const name of names) {
    if (Object.hasOwn(given, name)) found.push([name, given[name] as Json])
    else {
      const row = client.row<readonly [value: string]>(CAPTURED, lane, name)
      if (row !== undefined) found.push([name, JSON.parse(row[0]) as Json])
    }
  }
  return found.length === 0 ? NOTHING : Object.fromEntries(found)
}

const OWED = `SELECT d.key, d.state FROM captures c JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
  WHERE c.lane = ? AND c.name = ? AND c.value IS NULL AND d.state IN (0, 4) ORDER BY c.position LIMIT 1`

/** A name that it needs and nothing captured, with the planned or dead delivery that would capture it. */
export const findOwed = (
  client: Client,
  lane: number,
  refs: Values,
  descriptor: Descriptor | undefined,
): Claim['owed'] => {
  const needed = descriptor === undefined ? [] : needs(descriptor)
  if (needed.length === 0) return undefined
  const missing = needed.filter(name => !Object.hasOwn(refs, name))
  const owed = missing.flatMap(name => {
    const debtor = client.get<Readonly<{ key: string; state: number }>>(OWED, lane, name)
    return debtor === undefined
      ? []
      : [[name, { key: debtor.key, state: debtor.state === 0 ? 'planned' : 'dead' }] as const]
  })
  return owed.length === 0 ? undefined : Object.fromEntries(owed)
}
