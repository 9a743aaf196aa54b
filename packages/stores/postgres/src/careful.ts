import {
  type Commit,
  contentOf,
  type Delivery,
  fillPlace,
  INIT_LANE,
  type Incoming,
  type Lane,
  type LanePlan,
  type Placed,
  place,
  recreate,
  TrackerError,
} from '@sessionwire/core/store'
import type { Query } from './connection.ts'
import { type Context, rowsAsked } from './context.ts'
import { describeLane, describeRecord } from './record.ts'
import { COLUMNS, type DeliveryRow, deliveryOf, nameOf, rowOf } from './rows.ts'
import { writeJson } from './text.ts'

type Body = DeliveryRow & Readonly<{ body: string | null; lane_name: string; adapter: number }>

const WHOLE = `SELECT ${COLUMNS}, d.body, l.lane AS lane_name, l.adapter FROM @.deliveries d JOIN @.lanes l ON l.id = d.lane`

/** Deliveries with their descriptors, by the rest of a statement. */
export const readDeliveries = async (
  context: Context,
  query: Query,
  rest: string,
  values: readonly (string | null)[],
): Promise<readonly (Delivery & Readonly<{ laneId: number }>)[]> => {
  const rows = await rowsAsked<Body>(context, `${WHOLE} ${rest}`, values, query)
  if (rows.some(({ adapter }) => context.adapters.nameOf(adapter) === undefined))
    await context.adapters.load(query)
  return rows.map(row => ({
    ...deliveryOf(row, context.adapters.nameOf(row.adapter) as string, row.lane_name, row.body),
    laneId: row.lane,
  }))
}

const withoutLane = ({ laneId: _, ...delivery }: Delivery & Readonly<{ laneId: number }>): Delivery =>
  delivery

/** Writes whole deliveries over those of the same keys. */
export const writeDeliveries = async (
  { sql }: Context,
  query: Query,
  lane: number,
  written: readonly Delivery[],
): Promise<void> => {
  if (written.length === 0) return
  await query(
    sql('DELETE FROM @.deliveries WHERE key IN (SELECT jsonb_array_elements_text($1::text::jsonb))'),
    [writeJson(written.map(({ key }) => key))],
  )
  // Columns that a newer release added keep their defaults.
  const rows = written.map(each => rowOf(lane, each))
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].join(', ')
  await query(
    sql(
      `INSERT INTO @.deliveries (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::@.deliveries, $1::text::jsonb)`,
    ),
    [writeJson(rows)],
  )
}

type Opened = Readonly<{ o: number; lane: number; through: number; fits: boolean }>
type Kept = Readonly<{ id: number; next: number; target: string }>

const open = async (context: Context, query: Query, plan: LanePlan): Promise<Kept> => {
  const [opened] = await rowsAsked<Opened>(
    context,
    'SELECT * FROM @.open_1($1::text::jsonb)',
    [writeJson([describeLane(context, plan, 0)])],
    query,
  )
  const { lane, through, fits } = opened as Opened
  if (!fits)
    throw new TrackerError(
      'VERSION_CONFLICT',
      `Lane ${plan.adapter} of ${plan.lane} is at ${through}, not at ${plan.through?.from}: load it and record again.`,
    )
  const [row] = await rowsAsked<Kept>(
    context,
    'SELECT h.lane AS id, h.next, h.target FROM @.heads h WHERE h.lane = $1::text::bigint',
    [String(lane)],
    query,
  )
  return row as Kept
}

/** Gives a lane to another account; what is counted moves with it. */
const retarget = async ({ sql }: Context, query: Query, { id, target: from }: Kept, target: string) => {
  if (from === target) return
  const values = [String(id), target]
  await query(
    sql(`INSERT INTO @.tallies (adapter, target, state, count)
      SELECT l.adapter, t.target, s.state, t.sign * s.count FROM @.lanes l
        CROSS JOIN LATERAL (VALUES (l.target, -1), ($2::text, 1)) t(target, sign)
        CROSS JOIN LATERAL (
          SELECT CASE WHEN d.state = 2 OR d.state = 3 AND d.token IS NOT NULL THEN 1 ELSE d.state END AS state, count(*) AS count
            FROM @.deliveries d WHERE d.lane = l.id GROUP BY 1
          UNION ALL SELECT 103, count(*) FROM @.deliveries d WHERE d.lane = l.id AND d.doubt_since IS NOT NULL
          UNION ALL SELECT 100, 1 UNION ALL SELECT 101, l.mirrors::int UNION ALL SELECT 102, (l.gone IS NOT NULL)::int) s
      WHERE l.id = $1::text::bigint AND s.count > 0`),
    values,
  )
  await query(sql('UPDATE @.lanes SET target = $2::text WHERE id = $1::text::bigint'), values)
  await query(sql('UPDATE @.heads SET target = $2::text WHERE lane = $1::text::bigint'), values)
}

/** Forgets what the lane captured of the old card, its refs, and that the card is gone. */
const forget = async ({ sql }: Context, query: Query, id: number, refs: object): Promise<void> => {
  const lane = [String(id)]
  await query(sql('DELETE FROM @.captures WHERE lane = $1::text::bigint AND value IS NOT NULL'), lane)
  await query(
    sql(`INSERT INTO @.tallies (adapter, target, state, count)
      SELECT adapter, target, 102, -1 FROM @.lanes WHERE id = $1::text::bigint AND gone IS NOT NULL`),
    lane,
  )
  await query(sql('UPDATE @.lanes SET refs = $2::text::jsonb, gone = NULL WHERE id = $1::text::bigint'), [
    ...lane,
    writeJson(refs),
  ])
  await query(sql('UPDATE @.heads SET still = false WHERE lane = $1::text::bigint'), lane)
}

/** Writes which names of which open deliveries are yet to be captured, and which coalesce names stand where. */
const indexLane = async ({ sql }: Context, query: Query, id: number, open: readonly Delivery[]) => {
  const captures = open.flatMap(({ position, descriptor }) =>
    Object.keys(descriptor?.captures ?? {}).map(name => ({ position, name })),
  )
  const names: Record<string, number[]> = {}
  for (const each of open) {
    const name = nameOf(each)
    if (name !== undefined) names[name] = [...(names[name] ?? []), each.position]
  }
  const lane = String(id)
  await query(sql('DELETE FROM @.captures WHERE lane = $1::text::bigint AND value IS NULL'), [lane])
  await query(
    sql(`INSERT INTO @.captures (lane, name, position) SELECT $1::text::bigint, x.name, x.position
      FROM jsonb_to_recordset($2::text::jsonb) AS x(name text, position bigint) ON CONFLICT DO NOTHING`),
    [lane, writeJson(captures)],
  )
  await query(sql('UPDATE @.lanes SET names = $2::text::jsonb WHERE id = $1::text::bigint'), [
    lane,
    writeJson(names),
  ])
}

const toPlaced = (old: Delivery): Placed => ({
  ...{ key: old.key, state: old.state, position: old.position },
  replaced: [],
  known: true,
})

const planLane = async (
  context: Context,
  query: Query,
  plan: LanePlan,
  again: boolean,
  now: number,
): Promise<readonly Placed[]> => {
  const kept = await open(context, query, plan)
  const { id } = kept
  const target = plan.lane === INIT_LANE ? (plan.open?.target ?? kept.target) : kept.target
  await retarget(context, query, kept, target)
  const keys = writeJson(plan.deliveries.map(({ key }) => key))
  const byKey = new Map(
    (
      await readDeliveries(
        context,
        query,
        'WHERE d.key IN (SELECT jsonb_array_elements_text($1::text::jsonb))',
        [keys],
      )
    ).map(each => [each.key, each]),
  )
  const texts = new Map<string, string>()
  for (const { key, descriptor } of plan.deliveries) {
    const stored = byKey.get(key)?.descriptor
    const before = stored === undefined ? texts.get(key) : contentOf(stored)
    const text = descriptor === undefined ? undefined : contentOf(descriptor)
    if (!again && before !== undefined && text !== undefined && before !== text)
      throw new TrackerError(
        'STORE',
        `Key ${key} is known with other content: give another call another key.`,
      )
    if (text !== undefined) texts.set(key, before ?? text)
  }
  const open_ = (
    await readDeliveries(
      context,
      query,
      'WHERE d.lane = $1::text::bigint AND d.state < 5 ORDER BY d.position',
      [String(id)],
    )
  ).map(withoutLane)
  const fresh: Incoming[] = []
  const placed = new Map<string, Placed>()
  const changed = new Map<string, Delivery>()
  for (const each of plan.deliveries) {
    const old = byKey.get(each.key)
    if (old === undefined) {
      if (!fresh.some(({ key }) => key === each.key)) fresh.push(each)
      continue
    }
    const filled = old.laneId === id ? fillPlace(withoutLane(old), each, now) : undefined
    if (filled === undefined) continue
    changed.set(filled.key, filled)
    placed.set(filled.key, { key: filled.key, state: filled.state, position: filled.position, replaced: [] })
  }
  const lane: Lane = {
    ...{ adapter: plan.adapter, lane: plan.lane, through: 0, sent: {}, next: kept.next },
    deliveries: open_.map(each => changed.get(each.key) ?? each),
  }
  if (plan.recreate !== undefined) {
    await retarget(context, query, { ...kept, target }, plan.recreate.target ?? target)
    await forget(context, query, id, plan.recreate.refs ?? {})
  }
  const placing =
    plan.recreate === undefined ? place(lane, fresh, now) : recreate(lane, fresh, plan.recreate.dropping, now)
  for (const each of placing.written) changed.set(each.key, each)
  // Before the newcomer stands where the replaced one stood.
  const replaced = open_.filter(({ key }) => changed.get(key)?.state === 'replaced')
  if (replaced.length > 0)
    await query(
      context.sql(
        'DELETE FROM @.captures WHERE lane = $1::text::bigint AND position IN (SELECT jsonb_array_elements_text($2::text::jsonb)::bigint)',
      ),
      [String(id), writeJson(replaced.map(({ position }) => String(position)))],
    )
  for (const each of placing.placed) placed.set(each.key, each)
  await writeDeliveries(context, query, id, [...changed.values()])
  await indexLane(context, query, id, placing.lane.deliveries)
  await query(
    context.sql(
      'UPDATE @.heads SET next = $2::text::bigint, through = coalesce($3::text::int, through) WHERE lane = $1::text::bigint',
    ),
    [String(id), String(placing.lane.next), plan.through === undefined ? null : String(plan.through.to)],
  )
  await query(context.sql('SELECT @.walk_1(ARRAY[$1::text::bigint], true, NULL)'), [String(id)])
  return plan.deliveries.map(({ key }): Placed => {
    const first = placed.get(key)
    placed.delete(key)
    return first ?? toPlaced((changed.get(key) ?? byKey.get(key)) as Delivery)
  })
}

/**
 * Writes a commit by the rules of core, in a transaction of several round trips: for what is rare, as a new card, the calls
 * of `init`, and keys that are stored already.
 */
export const commitCarefully = (
  context: Context,
  given: Commit,
  isSentAgain: boolean,
): Promise<readonly Placed[]> =>
  context.connection.transaction(async query => {
    const { meta, lines } = describeRecord(context, given, isSentAgain)
    const [recorded] = await rowsAsked<Readonly<{ again: boolean | null; now: number }>>(
      context,
      `SELECT @.record_1($1::text::uuid, $2::text::jsonb, string_to_array($3::text, E'\\n')) AS again, coalesce($4::text::bigint, @.ms()) AS now`,
      [context.owner, writeJson(meta), lines.join('\n'), context.at()],
      query,
    )
    const { again, now } = recorded as { again: boolean | null; now: number }
    if (again === null) {
      const keys = given.lanes.flatMap(({ deliveries }) => deliveries.map(({ key }) => key))
      const stored = await readDeliveries(
        context,
        query,
        'WHERE d.key IN (SELECT jsonb_array_elements_text($1::text::jsonb))',
        [writeJson(keys)],
      )
      return keys.flatMap(key =>
        stored.filter(each => each.key === key).map(each => ({ ...toPlaced(each), known: true as const })),
      )
    }
    // Heads are locked in one order by everybody.
    await query(context.sql('SELECT count(*) FROM @.open_1($1::text::jsonb)'), [
      writeJson(given.lanes.map((plan, o) => ({ ...describeLane(context, plan, o), from: undefined }))),
    ])
    const placed: Placed[] = []
    for (const plan of given.lanes) placed.push(...(await planLane(context, query, plan, again, now)))
    context.member.know()
    return placed
  })
