import type { Delivery } from '../../delivery/model.ts'
import type { DeliveryFilter } from '../contract.ts'
import type { Client } from './client.ts'
import type { Context } from './context.ts'
import { type DeliveryRow, deliveryOf, descriptorOf, FROM, stateNumber, WITH_DESCRIPTOR } from './rows.ts'
import { inSlices } from './slices.ts'

/** Rows of a lane looked at in one step: some ms, whatever of them fits. */
const STEP = 5_000
/** Deliveries read with their descriptors in one step, and lanes found in one. */
const READ = 200

type Row = DeliveryRow & Readonly<{ lane_name: string; adapter_name: string }>
/** `next` is about how many rows it has. */
type Lane = Readonly<{ id: number; adapter: number; lane: string; next: number }>

const WHOLE = `SELECT ${WITH_DESCRIPTOR}, l.lane AS lane_name, a.name AS adapter_name ${FROM}
  JOIN lanes l ON l.id = d.lane JOIN adapters a ON a.id = l.adapter WHERE d.key = ?`

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
const attentionLanes = async (
  { client, gate, adapters }: Context,
  wanted: string | undefined,
): Promise<Lane[]> => {
  const found: Lane[] = []
  let last = -1
  await inSlices(() =>
    gate.read(() => {
      for (let n = 0; n < READ; n++) {
        const next = client.get<{ lane: number | null }>(`SELECT min(lane) AS lane ${ATTENTION}`, last)?.lane
        if (typeof next !== 'number') return true
        last = next
        const lane = client.get<Lane>('SELECT id, adapter, lane, next FROM lanes WHERE id = ?', next)
        if (lane !== undefined) found.push(lane)
      }
      return false
    }),
  )
  const name = ({ adapter }: Lane): string => adapters.nameOf(adapter)
  return found
    .filter(lane => wanted === undefined || name(lane) === wanted)
    .sort((a, b) => compare(name(a), name(b)) || compare(a.lane, b.lane))
}

/** Gives the lanes a filter may find something in, in order, some at a time; none: there are no more. */
const laneSource = (context: Context, filter: DeliveryFilter, attention: Lane[] | undefined) => {
  const { client, adapters } = context
  let names: readonly string[] | undefined
  let after = ''
  return (): readonly Lane[] => {
    if (attention !== undefined) return attention.splice(0, READ)
    names ??= filter.adapter === undefined ? adapters.names() : [filter.adapter]
    while (names.length > 0) {
      const id = adapters.idOf(names[0] as string) ?? null
      const lanes =
        filter.lane === undefined
          ? client.all<Lane>(
              'SELECT id, adapter, lane, next FROM lanes WHERE adapter = ? AND lane > ? ORDER BY lane LIMIT ? + 0',
              id,
              after,
              READ,
            )
          : client.all<Lane>(
              'SELECT id, adapter, lane, next FROM lanes WHERE adapter = ? AND lane = ?',
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

type Found = Readonly<{ rows: readonly DeliveryRow[]; lane: number; from: number }>

const START = Number.MIN_SAFE_INTEGER

/** Reads what fits of a long lane from a position on; answers the place in `lanes` and in that lane where to go on. */
const readLong = (client: Client, lane: number, from: number, where: string, most: number): Found => {
  const end = client.get<{ position: number }>(
    'SELECT position FROM deliveries WHERE lane = ? AND position >= ? ORDER BY position LIMIT 1 OFFSET ?',
    lane,
    from,
    STEP,
  )?.position
  const rows = client.all<DeliveryRow>(
    `SELECT ${WITH_DESCRIPTOR} ${FROM}
      WHERE d.lane = ? AND d.position >= ? AND d.position < ? ${where} ORDER BY d.position LIMIT ? + 0`,
    lane,
    from,
    end ?? Number.MAX_SAFE_INTEGER,
    most,
  )
  const last = rows.at(-1)
  if (rows.length === most && last !== undefined) return { rows, lane: 0, from: last.position + 1 }
  return end === undefined ? { rows, lane: 1, from: START } : { rows, lane: 0, from: end }
}

/** Reads what fits of several short lanes at once. */
const readShort = (
  client: Client,
  lanes: readonly Lane[],
  from: number,
  where: string,
  most: number,
): Found => {
  const rows = client.all<DeliveryRow & Readonly<{ place: number }>>(
    `SELECT ${WITH_DESCRIPTOR}, j.key AS place FROM json_each(?) j CROSS JOIN deliveries d ON d.lane = j.value
      LEFT JOIN bodies b ON b.id = d.body WHERE (j.key > 0 OR d.position >= ?) ${where}
      ORDER BY j.key, d.position LIMIT ? + 0`,
    JSON.stringify(lanes.map(({ id }) => id)),
    from,
    most,
  )
  const last = rows.at(-1)
  return rows.length === most && last !== undefined
    ? { rows, lane: last.place, from: last.position + 1 }
    : { rows, lane: lanes.length, from: START }
}

/** How many lanes from the first on may be read in one step. */
const shortOnes = (lanes: readonly Lane[]): number => {
  let sum = 0
  const long = lanes.findIndex(({ next }) => {
    sum += next
    return sum > STEP
  })
  return long < 0 ? lanes.length : long
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
    rare && filter.lane === undefined ? await attentionLanes(context, filter.adapter) : undefined,
  )
  let lanes: readonly Lane[] = []
  let from = START
  await inSlices(() =>
    gate.read(() => {
      if (lanes.length === 0) lanes = source()
      const [first] = lanes
      if (first === undefined || found.length >= limit) return true
      const most = Math.min(READ, limit - found.length)
      const short = shortOnes(lanes)
      const read =
        short === 0
          ? readLong(client, first.id, from, where, most)
          : readShort(client, lanes.slice(0, short), from, where, most)
      const of = new Map(lanes.map(lane => [lane.id, lane]))
      for (const row of read.rows) {
        const { adapter, lane } = of.get(row.lane) as Lane
        found.push(deliveryOf(row, adapters.nameOf(adapter), lane, descriptorOf(row)))
      }
      lanes = lanes.slice(read.lane)
      from = read.from
      return found.length >= limit
    }),
  )
  return found
}
