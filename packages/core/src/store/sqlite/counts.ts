import type { State } from '../../delivery/model.ts'
import type { Captured, Count } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { STATES, stateNumber } from './rows.ts'
import { DOUBTS, GONE, LANES, MIRRORS, SESSIONS } from './schema.ts'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The values that the lanes of this name captured. */
export const listCaptures = (
  { client, gate, adapters }: Context,
  lane: string,
): Promise<readonly Captured[]> =>
  gate.read(() =>
    client
      .all<Readonly<{ adapter: number; name: string; value: string; key: string }>>(
        `SELECT l.adapter, c.name, c.value, d.key FROM lanes l JOIN captures c ON c.lane = l.id
          JOIN deliveries d ON d.lane = c.lane AND d.position = c.position
          WHERE l.lane = ? AND c.value IS NOT NULL ORDER BY c.name`,
        lane,
      )
      .map(row => ({ ...row, adapter: adapters.nameOf(row.adapter), lane, value: JSON.parse(row.value) }))
      .sort((a, b) => compare(a.adapter, b.adapter)),
  )

type Sum = Readonly<{ adapter: number; target: string; state: number; count: number }>

/** Numbers in `counts` that are not states of a delivery. */
const OF = { lanes: Number(LANES), mirrors: Number(MIRRORS), gone: Number(GONE), doubts: Number(DOUBTS) }

const ON_ITS_WAY: ReadonlySet<State> = new Set(['waiting', 'claimed', 'begun'])

/** A lane's row says where its head stands, so that only lanes with something on its way are read, and what workers hold. */
const OLDEST = `SELECT min(at) AS at FROM (
    SELECT d.planned_at AS at FROM lanes l JOIN deliveries d ON d.lane = l.id AND d.position = l.walk
      WHERE l.adapter = ?1 AND l.kind IS NOT NULL
    UNION ALL SELECT d.planned_at FROM deliveries d INDEXED BY deliveries_held CROSS JOIN lanes l ON l.id = d.lane
      WHERE d.token IS NOT NULL AND d.state IN (2, 3) AND l.adapter = ?1 AND l.gone IS NULL)`

const countOf = (
  { client, adapters }: Context,
  name: string,
  rows: readonly Sum[],
  target: string | undefined,
  sessions: number,
): Count => {
  const sumOf = (state: number): number =>
    rows.reduce((sum, row) => (row.state === state ? sum + row.count : sum), 0)
  const counted = STATES.map((state, n) => [state, sumOf(n)] as const).filter(([, count]) => count > 0)
  const foreign = rows.filter(
    row =>
      target !== undefined &&
      row.target !== '' &&
      row.target !== target &&
      ON_ITS_WAY.has(STATES[row.state] as State),
  )
  const oldest = client.get<{ at: number | null }>(OLDEST, adapters.idOf(name) ?? null)?.at
  return {
    adapter: name,
    states: Object.fromEntries(counted),
    inDoubt: sumOf(OF.doubts),
    ...(typeof oldest === 'number' ? { oldestAt: oldest } : {}),
    gone: sumOf(OF.gone),
    lanes: sumOf(OF.lanes),
    unmirrored: Math.max(0, sessions - sumOf(OF.mirrors)),
    foreign: foreign.reduce((sum, { count }) => sum + count, 0),
  }
}

/** Counts deliveries that workers hold: `counts` has them as waiting. No more rows than calls are under way. */
const countHeld = (client: Client): readonly Sum[] =>
  client
    .all<Sum>(
      `SELECT l.adapter, l.target, d.state, count(*) AS count
        FROM deliveries d INDEXED BY deliveries_held CROSS JOIN lanes l ON l.id = d.lane
        WHERE d.token IS NOT NULL AND d.state IN (2, 3) GROUP BY 1, 2, 3`,
    )
    .flatMap(row => [row, { ...row, state: stateNumber('waiting'), count: -row.count }])

/** How much there is of what, by adapter: read off the counts that triggers keep, and lanes and settlements (`addToCount`). */
export const counts = (
  context: Context,
  targets: Readonly<Record<string, string>> = {},
): Promise<readonly Count[]> =>
  context.gate.read(() => {
    const { client, adapters } = context
    const rows = [
      ...client.all<Sum>('SELECT adapter, target, state, count FROM counts'),
      ...countHeld(client),
    ]
    const sessions = rows.find(({ state }) => state === Number(SESSIONS))?.count ?? 0
    const stored = rows.filter(({ state, count }) => state === OF.lanes && count > 0)
    const names = new Set([...stored.map(row => adapters.nameOf(row.adapter)), ...Object.keys(targets)])
    return [...names].sort(compare).map(name => {
      const id = adapters.idOf(name)
      const target = Object.hasOwn(targets, name) ? targets[name] : undefined
      return countOf(
        context,
        name,
        rows.filter(row => row.adapter === id),
        target,
        sessions,
      )
    })
  })
