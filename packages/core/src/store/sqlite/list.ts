import type { Delivery } from '../../delivery/model.ts'
import type { DeliveryFilter } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { type DeliveryRow, deliveryOf, descriptorOf, stateNumber } from './rows.ts'
import { inSlices } from './slices.ts'

/** Rows of a lane looked at in one step: some ms, whatever of them fits. */
const STEP = 5_000
/** Deliveries read with their descriptors in one step, and lanes found in one. */
const READ = 200

type Row = DeliveryRow & Readonly<{ lane_name: string; adapter_name: string }>
type Lane = Readonly<{ id: number; adapter: number; lane: string }>

const WHOLE = `SELECT d.*, b.text AS descriptor, l.lane AS lane_name, a.name AS adapter_name FROM deliveries d
  JOIN lanes l ON l.id = d.lane JOIN adapters a ON a.id = l.adapter LEFT JOIN bodies b ON b.id = d.body
  WHERE d.key = ?`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const statesOf = ({ state }: DeliveryFilter): readonly number[] | undefined =>
  state === undefined ? undefined : (typeof state === 'string' ? [state] : state).map(stateNumber)

const byKeys = async (
  { client, gate }: Context,
  filter: DeliveryFilter & Readonly<{ keys: readonly string[] }>,
  limit: number,
): Promise<readonly Delivery[]> => {
  const found: Delivery[] = []
  const wanted = [...new Set(filter.keys)]
  const states = statesOf(filter)
  const fits = (row: Row): boolean =>
    (filter.adapter === undefined || row.adapter_name === filter.adapter) &&
    (filter.lane === undefined || row.lane_name === filter.lane) &&
    states?.includes(row.state) !== false &&
    (filter.inDoubt === undefined || (row.doubt_since !== null) === filter.inDoubt)
  await inSlices(async () => {
    const some = wanted.splice(0, READ)
    const rows = await gate.read(() => some.flatMap(key => client.get<Row>(WHOLE, key) ?? []))
    for (const row of rows)
      if (fits(row)) found.push(deliveryOf(row, row.adapter_name, row.lane_name, descriptorOf(row)))
    return wanted.length === 0
  })
  return found
    .sort((a, b) => compare(a.adapter, b.adapter) || compare(a.lane, b.lane) || a.position - b.position)
    .slice(0, limit)
}

const ATTENTION = `FROM deliveries INDEXED BY deliveries_attention
  WHERE (state IN (0, 4) OR doubt_since IS NOT NULL) AND lane > ?`

/** Lanes that hold something planned, dead or in doubt: by jumps over an index that has nothing else. */
const attentionLanes = async ({ client, gate, adapters }: Context): Promise<Lane[]> => {
  const found: Lane[] = []
  let last = -1
  await inSlices(() =>
    gate.read(() => {
      for (let n = 0; n < READ; n++) {
        const next = client.get<{ lane: number | null }>(`SELECT min(lane) AS lane ${ATTENTION}`, last)?.lane
        if (typeof next !== 'number') return true
        last = next
        const lane = client.get<Lane>('SELECT id, adapter, lane FROM lanes WHERE id = ?', next)
        if (lane !== undefined) found.push(lane)
      }
      return false
    }),
  )
  const name = ({ adapter }: Lane): string => adapters.nameOf(adapter)
  return found.sort((a, b) => compare(name(a), name(b)) || compare(a.lane, b.lane))
}

/** Gives the lanes a filter may find something in, in order, some at a time; none: there are no more. */
const laneSource = (context: Context, filter: DeliveryFilter, attention: Lane[] | undefined) => {
  const { client, adapters } = context
  let names: readonly string[] | undefined
  let after = ''
  return (): readonly Lane[] => {
    if (attention !== undefined)
      return attention
        .splice(0, READ)
        .filter(
          each =>
            (filter.lane === undefined || each.lane === filter.lane) &&
            (filter.adapter === undefined || adapters.nameOf(each.adapter) === filter.adapter),
        )
    names ??= filter.adapter === undefined ? adapters.names() : [filter.adapter]
    while (names.length > 0) {
      const id = adapters.known(names[0] as string) ?? null
      const lanes =
        filter.lane === undefined
          ? client.all<Lane>(
              'SELECT id, adapter, lane FROM lanes WHERE adapter = ? AND lane > ? ORDER BY lane LIMIT ?',
              id,
              after,
              READ,
            )
          : client.all<Lane>(
              'SELECT id, adapter, lane FROM lanes WHERE adapter = ? AND lane = ?',
              id,
              filter.lane,
            )
      if (filter.lane !== undefined || lanes.length < READ) {
        names = names.slice(1)
        after = ''
      } else after = lanes.at(-1)?.lane as string
      if (lanes.length > 0) return lanes
    }
    return []
  }
}

/** Reads what fits of one lane from a position on; answers where to go on, `undefined` at its end. */
const readLane = (
  client: Client,
  lane: number,
  from: number,
  where: string,
  limit: number,
): Readonly<{ rows: readonly DeliveryRow[]; next: number | undefined }> => {
  const end = client.get<{ position: number }>(
    'SELECT position FROM deliveries WHERE lane = ? AND position >= ? ORDER BY position LIMIT 1 OFFSET ?',
    lane,
    from,
    STEP,
  )?.position
  const most = Math.min(READ, limit)
  const rows = client.all<DeliveryRow>(
    `SELECT d.*, b.text AS descriptor FROM deliveries d LEFT JOIN bodies b ON b.id = d.body
      WHERE d.lane = ? AND d.position >= ? AND d.position < ? ${where} ORDER BY d.position LIMIT ?`,
    lane,
    from,
    end ?? Number.MAX_SAFE_INTEGER,
    most,
  )
  const last = rows.at(-1)
  return { rows, next: rows.length === most && last !== undefined ? last.position + 1 : end }
}

/** Deliveries that fit, by adapter, lane and position. A long backlog is walked in steps. */
export const list = async (context: Context, filter: DeliveryFilter): Promise<readonly Delivery[]> => {
  const { client, gate, adapters } = context
  const { keys, limit = 1_000 } = filter
  if (keys !== undefined) return byKeys(context, { ...filter, keys }, limit)
  const found: Delivery[] = []
  const states = statesOf(filter)
  const rare = filter.inDoubt === true || states?.every(state => state === 0 || state === 4) === true
  const where =
    (states === undefined ? '' : `AND d.state IN (${states.join(', ')}) `) +
    (filter.inDoubt === undefined ? '' : `AND d.doubt_since IS ${filter.inDoubt ? 'NOT ' : ''}NULL`)
  const source = laneSource(
    context,
    filter,
    rare && filter.lane === undefined ? await attentionLanes(context) : undefined,
  )
  let lanes: readonly Lane[] = []
  let from = Number.MIN_SAFE_INTEGER
  let over = false
  await inSlices(() =>
    gate.read(() => {
      for (let n = 0; n < READ && found.length < limit && !over; n++) {
        const [lane] = lanes
        if (lane === undefined) {
          lanes = source()
          over = lanes.length === 0
          continue
        }
        const { rows, next } = readLane(client, lane.id, from, where, limit - found.length)
        for (const row of rows)
          found.push(deliveryOf(row, adapters.nameOf(lane.adapter), lane.lane, descriptorOf(row)))
        from = next ?? Number.MIN_SAFE_INTEGER
        if (next === undefined) lanes = lanes.slice(1)
        if (rows.length > 0 || next !== undefined) break
      }
      return over || found.length >= limit
    }),
  )
  return found
}
