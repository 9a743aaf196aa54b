import type { Count } from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { STATES } from './rows.ts'

/** Numbers in `tallies` that are not states; sessions stand under adapter 0. */
const OF = { lanes: 100, mirrors: 101, gone: 102, doubts: 103, sessions: 104 } as const

type Sum = Readonly<{ adapter: number; target: string; state: number; count: number }>
type Oldest = Readonly<{ adapter: number; at: number | null }>

/** Held deliveries are tallied as waiting: claims and begins change no count. */
const SUMS = `SELECT x.adapter, x.target, x.state, sum(x.count)::bigint AS count FROM (
    SELECT adapter, target, state, count FROM @.tallies
    UNION ALL SELECT l.adapter, l.target, s.state, s.count FROM @.adapters a CROSS JOIN LATERAL @.held_1(a.id) h JOIN @.lanes l ON l.id = h.lane
      CROSS JOIN LATERAL (VALUES (h.state, 1), (1::smallint, -1)) s(state, count)) x
  GROUP BY 1, 2, 3`

/** Each adapter's oldest head is the first of an index; those that workers hold are few. */
const OLDEST = `SELECT a.id AS adapter, least(
    (SELECT h.planned FROM @.heads h WHERE h.adapter = a.id AND h.kind IN (1, 2, 4) AND h.planned IS NOT NULL ORDER BY h.planned LIMIT 1),
    (SELECT min(h.planned) FROM @.heads h WHERE h.adapter = a.id AND h.kind = 3)) AS at FROM @.adapters a`

/** How much there is of what, by adapter: read off the sums that triggers keep. */
export const counts = async (
  context: Context,
  targets: Readonly<Record<string, string>> = {},
): Promise<readonly Count[]> => {
  await context.adapters.load()
  const [rows, oldest] = await Promise.all([
    rowsAsked<Sum>(context, SUMS),
    rowsAsked<Oldest>(context, OLDEST),
  ])
  const sessions = rows.find(({ adapter, state }) => adapter === 0 && state === OF.sessions)?.count ?? 0
  const stored = rows.filter(({ state, count }) => state === OF.lanes && count > 0)
  const names = [
    ...new Set([
      ...stored.map(({ adapter }) => context.adapters.nameOf(adapter) as string),
      ...Object.keys(targets),
    ]),
  ].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return names.map((name): Count => {
    const id = context.adapters.idOf(name)
    const own = rows.filter(({ adapter }) => adapter === id)
    const sumOf = (state: number): number =>
      own.reduce((sum, row) => (row.state === state ? sum + row.count : sum), 0)
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined
    const foreign = own.filter(
      row =>
        target !== undefined &&
        row.target !== '' &&
        row.target !== target &&
        row.state >= 1 &&
        row.state <= 3,
    )
    const at = oldest.find(({ adapter }) => adapter === id)?.at
    const states = STATES.map((state, n) => [state, sumOf(n)] as const).filter(([, count]) => count > 0)
    return {
      adapter: name,
      states: Object.fromEntries(states),
      inDoubt: sumOf(OF.doubts),
      ...(at === undefined || at === null ? {} : { oldestAt: at }),
      gone: sumOf(OF.gone),
      lanes: sumOf(OF.lanes),
      unmirrored: Math.max(0, sessions - sumOf(OF.mirrors)),
      foreign: foreign.reduce((sum, { count }) => sum + count, 0),
    }
  })
}
