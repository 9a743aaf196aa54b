import { isDue } from '../../delivery/lanes.ts'
import { LONGEST_WAIT_MS } from '../../delivery/model.ts'
import { INIT_LANE } from '../../session/events.ts'
import type { Rest } from './adapters.ts'
import type { Client } from './client.ts'
import { KIND } from './lane.ts'

/** A lane whose head may be worked on, and since when; its name and refs. */
export type Ready = Readonly<{
  id: number
  walk: number
  lim: string
  due: number
  lane: string
  refs: string
}>

/** A delivery that a worker holds: where it stands, and until when. */
export type Held = Readonly<{
  adapter: number
  id: number
  walk: number
  due: number
  key: string
  state: number
  owner: string | null
}>

/** The columns of `Ready`, and when the head is due by itself. */
export const READY = 'id, walk, lim, due, lane, refs, ready'

/** A lane that holds back all others of its adapter, those of this account or, where its target is empty, of any. */
export type Blocking = Readonly<{ adapter: number; id: number; target: string }>

/** The own lanes of adapters, while they have anything to do or anything dead: no other lane of the adapter moves then. */
export const listBlocking = (client: Client): readonly Blocking[] =>
  client.all<Blocking>(
    `SELECT l.adapter, l.id, l.target FROM lanes l WHERE l.lane = ?
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.lane = l.id AND d.state IN (1, 2, 3, 4))`,
    INIT_LANE,
  )

/** The lane that holds back the others of an adapter; without a target, those of any account. */
export const blockingLane = (
  all: readonly Blocking[],
  adapter: number,
  target: string | undefined,
): number | undefined =>
  all.find(
    each =>
      each.adapter === adapter && (target === undefined || each.target === '' || each.target === target),
  )?.id

/** Deliveries that workers hold, whatever account they are for: no more than calls are under way, and an index has nothing else. */
export const listHeld = (client: Client): readonly Held[] =>
  client.all<Held>(
    `SELECT l.adapter, d.lane AS id, d.position AS walk, d.lease_until AS due, d.key, d.state, d.owner
      FROM deliveries d INDEXED BY deliveries_held CROSS JOIN lanes l ON l.id = d.lane
      WHERE d.token IS NOT NULL AND d.state IN (2, 3) ORDER BY d.lane, d.position`,
  )

/** Heads of one adapter, kind, target and limit: an index has them in the order of their due time. */
const OF = 'FROM lanes WHERE adapter = ? AND kind = ? AND target = ? AND lim = ?'
type Of = readonly [adapter: number, kind: number, target: string, lim: string]

/** The heads of one kind, account and limit: when the next one is due, and the due time of the last. */
export type Group = Readonly<{
  adapter: number
  kind: number
  target: string
  lim: string
  later: number | null
  last: number
}>

const SAME = 'l.adapter = g.adapter AND l.kind = g.kind AND l.target = g.target'

/** The groups of so many kinds and accounts, by jumps over the index: the backlog is not read. */
const groupsOf = (wanted: number): string => `
  WITH RECURSIVE asked (adapter, kind, target) AS (VALUES ${Array(wanted).fill('(?,?,?)').join()}),
  g (adapter, kind, target, lim) AS (
    SELECT adapter, kind, target, (SELECT min(lim) FROM lanes l WHERE ${SAME}) FROM asked g
    UNION ALL
    SELECT adapter, kind, target, (SELECT min(lim) FROM lanes l WHERE ${SAME} AND l.lim > g.lim) FROM g
      WHERE lim IS NOT NULL)
  SELECT adapter, kind, target, lim,
    (SELECT min(due) FROM lanes l WHERE ${SAME} AND l.lim = g.lim AND l.due > ? AND l.due <= ?) AS later,
    (SELECT max(due) FROM lanes l WHERE ${SAME} AND l.lim = g.lim) AS last
  FROM g WHERE lim IS NOT NULL`

/** The groups of heads of these adapters, each for its target and for any. */
export const listGroups = (
  client: Client,
  asked: readonly Readonly<{ adapter: number; target: string }>[],
  now: number,
): readonly Group[] => {
  const wanted = asked.flatMap(({ adapter, target }) =>
    (target === '' ? [''] : ['', target]).flatMap(each =>
      [KIND.waiting, KIND.paced].map(kind => [adapter, kind, each] as const),
    ),
  )
  return wanted.length === 0
    ? []
    : client.all<Group>(groupsOf(wanted.length), ...wanted.flat(), now, now + LONGEST_WAIT_MS)
}

type Found = Readonly<{ ready: readonly Ready[]; later: number | undefined }>
type Row = Ready & Readonly<{ ready: number }>

// SQLite compiles a statement again for each value that stands alone behind LIMIT: https://www.sqlite.org/c3ref/bind_blob.html
const DUE = `SELECT ${READY} ${OF} AND due <= ? ORDER BY due, id LIMIT ? + 0`
const FAR = `SELECT ${READY} ${OF} AND due > ? ORDER BY due, id LIMIT ? + 0`
const HURRIED = `SELECT ${READY} ${OF} AND due > ? ORDER BY due, id`

const keysOf = ({ adapter, kind, target, lim }: Group): Of => [adapter, kind, target, lim]

/** The first heads of a group that are due, and when the next one is. */
const dueOf = (client: Client, group: Group, room: number, now: number): Found => {
  const far = now + LONGEST_WAIT_MS
  const due = client.all<Row>(DUE, ...keysOf(group), now, room)
  const left = room - due.length
  // Written before the clock was set back.
  const odd = left > 0 && group.last > far ? client.all<Row>(FAR, ...keysOf(group), far, left) : []
  return { ready: odd.length === 0 ? due : [...due, ...odd], later: group.later ?? undefined }
}

/** Paced heads whose own time has come: for a worker in a hurry. Few are paced at a time. */
const findHurried = (client: Client, group: Group, now: number): Found => {
  const rows = client.all<Row>(HURRIED, ...keysOf(group), now)
  const later = rows.filter(row => !isDue(row.ready, now)).map(row => row.ready)
  return {
    ready: rows.filter(row => isDue(row.ready, now)),
    later: later.length === 0 ? undefined : Math.min(...later),
  }
}

const ALONE = `SELECT ${READY}, kind FROM lanes WHERE id = ?`

/** One lane alone, as if it were all. */
const oneOf = (
  client: Client,
  id: number,
  hurry: boolean,
  now: number,
): Found & Readonly<{ lim: string }> => {
  const row = client.get<Row & Readonly<{ kind: number | null }>>(ALONE, id)
  if (row === undefined || (row.kind !== KIND.waiting && row.kind !== KIND.paced))
    return { ready: [], later: undefined, lim: '' }
  const at = hurry ? row.ready : row.due
  return isDue(at, now)
    ? { ready: [row], later: undefined, lim: row.lim }
    : { ready: [], later: at, lim: row.lim }
}

/** Heads that are due and may move, the lane that has waited longest first, and times when others may be. */
export const dueHeads = (
  client: Client,
  groups: readonly Group[],
  only: number | undefined,
  rest: Rest,
  room: number,
  hurry: boolean,
  now: number,
): Readonly<{ ready: readonly Ready[]; later: readonly number[] }> => {
  const ready: Ready[] = []
  const later: number[] = []
  const add = (lim: string, found: Found): void => {
    const until = rest.until(lim)
    if (until === undefined) ready.push(...found.ready)
    else if (found.ready.length > 0) later.push(Math.max(now, until))
    if (found.later !== undefined) later.push(Math.max(found.later, until ?? 0))
  }
  if (only !== undefined) {
    const found = oneOf(client, only, hurry, now)
    add(found.lim, found)
  } else
    for (const group of groups) {
      const { kind, lim } = group
      // A paused limit is only asked whether anything is due.
      const found = dueOf(client, group, Math.max(1, room), now)
      if (kind === KIND.waiting || !hurry) add(lim, found)
      else {
        add(lim, { ready: found.ready.filter(row => row.due <= now), later: undefined })
        add(lim, findHurried(client, group, now))
      }
    }
  if (groups.length > 1) ready.sort((a, b) => a.due - b.due || a.id - b.id)
  return { ready, later }
}
