import type { State } from '../../delivery/model.ts'
import type { Captured, Count } from '../contract.ts'
import type { Context } from './context.ts'
import { STATES } from './rows.ts'
import { inSlices } from './slices.ts'

/** Rows counted in one step: some ms. */
const STEP = 5_000

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What the lanes of this name captured. */
export const captured = ({ client, gate, adapters }: Context, lane: string): Promise<readonly Captured[]> =>
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

type Tally = { states: Partial<Record<State, number>>; inDoubt: number; oldestAt?: number }
type Sum = Readonly<{ adapter: number; state: number; count: number; doubts: number; oldest: number }>

/** How much there is of what, by adapter. Walked in steps: what moves meanwhile may be counted before or after it moved. */
export const counts = async ({ client, gate, adapters }: Context): Promise<readonly Count[]> => {
  const tallies = new Map<number, Tally>()
  let lane = 0
  let position = Number.MIN_SAFE_INTEGER
  const add = ({ adapter, state, count, doubts, oldest }: Sum): void => {
    const tally = tallies.get(adapter) ?? { states: {}, inDoubt: 0 }
    const name = STATES[state] as State
    tally.states[name] = (tally.states[name] ?? 0) + count
    tally.inDoubt += doubts
    if (state === 1 || state === 2 || state === 3) tally.oldestAt = Math.min(tally.oldestAt ?? oldest, oldest)
    tallies.set(adapter, tally)
  }
  await inSlices(() =>
    gate.read(() => {
      const end = client.get<Readonly<{ lane: number; position: number }>>(
        `SELECT lane, position FROM deliveries WHERE (lane, position) >= (?, ?)
          ORDER BY lane, position LIMIT 1 OFFSET ?`,
        lane,
        position,
        STEP,
      )
      const sums = client.all<Sum>(
        `SELECT l.adapter, d.state, count(*) AS count, count(d.doubt_since) AS doubts, min(d.planned_at) AS oldest
          FROM deliveries d JOIN lanes l ON l.id = d.lane
          WHERE (d.lane, d.position) >= (?, ?) AND (d.lane, d.position) < (?, ?) GROUP BY l.adapter, d.state`,
        lane,
        position,
        end?.lane ?? Number.MAX_SAFE_INTEGER,
        end?.position ?? 0,
      )
      sums.forEach(add)
      if (end !== undefined) ({ lane, position } = end)
      return end === undefined
    }),
  )
  const lanes = await gate.read(() =>
    client.all<Readonly<{ adapter: number; lanes: number; gone: number }>>(
      'SELECT adapter, count(*) AS lanes, count(gone) AS gone FROM lanes GROUP BY adapter',
    ),
  )
  return lanes
    .map(({ adapter, ...sums }) => ({
      adapter: adapters.nameOf(adapter),
      ...(tallies.get(adapter) ?? { states: {}, inDoubt: 0 }),
      ...sums,
    }))
    .sort((a, b) => compare(a.adapter, b.adapter))
}
