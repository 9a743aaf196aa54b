import type { Captured, Delivery, DeliveryFilter, Json } from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { COLUMNS, type DeliveryRow, deliveryOf, stateNumber } from './rows.ts'
import { writeJson } from './text.ts'

type Row = DeliveryRow & Readonly<{ body: string | null; lane_name: string; adapter_name: string }>

/** Rows read in one statement: a descriptor may be long. */
const STEP = 2_000

/** Deliveries that fit, by adapter, lane and position. */
export const list = async (context: Context, filter: DeliveryFilter): Promise<readonly Delivery[]> => {
  const { keys, adapter, lane, state, inDoubt, limit = 1_000 } = filter
  const states =
    state === undefined ? undefined : (typeof state === 'string' ? [state] : state).map(stateNumber)
  const found: Delivery[] = []
  let last: Row | undefined
  while (found.length < limit) {
    const values: (string | null)[] = []
    const addValue = (value: string): string => `$${values.push(value)}::text`
    const conditions: string[] = []
    if (keys !== undefined)
      conditions.push(`d.key IN (SELECT jsonb_array_elements_text(${addValue(writeJson(keys))}::jsonb))`)
    if (adapter !== undefined) conditions.push(`a.name = ${addValue(adapter)}`)
    if (lane !== undefined) conditions.push(`l.lane = ${addValue(lane)}`)
    if (states !== undefined)
      conditions.push(states.length === 0 ? 'false' : `d.state IN (${states.join(', ')})`)
    if (inDoubt !== undefined) conditions.push(`d.doubt_since IS ${inDoubt ? 'NOT ' : ''}NULL`)
    // Deliveries that wait for a person have a small index of their own.
    if (inDoubt === true || states?.every(each => each === 0 || each === 4) === true)
      conditions.push('d.attention')
    if (last !== undefined)
      conditions.push(
        `(a.name, l.lane, d.position) > (${addValue(last.adapter_name)}, ${addValue(last.lane_name)}, ${addValue(String(last.position))}::bigint)`,
      )
    const most = Math.min(STEP, limit - found.length)
    const rows = await rowsAsked<Row>(
      context,
      `SELECT ${COLUMNS}, d.body, l.lane AS lane_name, a.name AS adapter_name FROM @.deliveries d JOIN @.lanes l ON l.id = d.lane
        JOIN @.adapters a ON a.id = l.adapter ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
        ORDER BY a.name, l.lane, d.position LIMIT ${Math.max(0, most)}`,
      values,
    )
    for (const row of rows) found.push(deliveryOf(row, row.adapter_name, row.lane_name, row.body))
    last = rows.at(-1)
    if (rows.length < most || most <= 0) break
  }
  return found
}

type CapturedRow = Readonly<{ adapter: string; name: string; value: string; key: string }>

/** The values that the deliveries of a lane captured, by adapter and name. */
export const listCaptures = async (context: Context, lane: string): Promise<readonly Captured[]> =>
  (
    await rowsAsked<CapturedRow>(
      context,
      `SELECT a.name AS adapter, c.name, c.value, d.key FROM @.lanes l JOIN @.adapters a ON a.id = l.adapter
        JOIN @.captures c ON c.lane = l.id JOIN @.deliveries d ON d.lane = c.lane AND d.position = c.position
        WHERE l.lane = $1::text AND c.value IS NOT NULL ORDER BY a.name, c.name`,
      [lane],
    )
  ).map(row => ({ ...row, lane, value: JSON.parse(row.value) as Json }))
