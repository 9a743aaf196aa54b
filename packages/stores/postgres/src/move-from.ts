import {
  aliveUntil,
  type Captured,
  type Delivery,
  expire,
  INIT_LANE,
  type LaneState,
  type SessionEvent,
  type SessionSummary,
  type Store,
} from '@sessionwire/core/store'
import { writeDeliveries } from './careful.ts'
import type { Query } from './connection.ts'
import { type Context, rowsAsked } from './context.ts'
import { beginPause } from './pauses.ts'
import { describeRecord } from './record.ts'
import { nameOf } from './rows.ts'
import { writeJson } from './text.ts'

/** The counts of a copy. */
export type Copied = Readonly<{
  /** Sessions that were copied now. */
  sessions: number
  /** Sessions that an earlier, interrupted copy had written. */
  skipped: number
  /** Sessions that the schema has of other stores. */
  others: number
  /** This is the number of events of the sessions that were copied now. */
  events: number
  /** This is the number of deliveries that were copied now, those of no session included. */
  deliveries: number
}>

/** Whose account lanes are for, by adapter; left out: any. */
export type Targets = Readonly<Record<string, string>>

/** Frees a delivery that a worker of the old store held: that worker has ended. */
const free = (delivery: Delivery, now: number): Delivery => {
  const over = aliveUntil(delivery, 'gone', now)
  return over === undefined ? delivery : expire(delivery, over, { afterMs: 60_000, unreportedMax: 3 })
}

type LaneParts = Readonly<{
  state: Pick<LaneState, 'adapter' | 'lane' | 'through' | 'sent' | 'gone' | 'refs'>
  deliveries: readonly Delivery[]
  captured: readonly Captured[]
}>

const nextOf = ({ state, deliveries }: LaneParts): number =>
  1 +
  Math.max(
    0,
    ...deliveries.flatMap(({ rank, position }) => [rank, position]),
    ...Object.values(state.sent).map(({ rank }) => rank),
  )

const writeLane = async (context: Context, query: Query, lane: LaneParts, target: string): Promise<void> => {
  const { sql, adapters } = context
  const { state, deliveries, captured } = lane
  const [opened] = await rowsAsked<Readonly<{ lane: number }>>(
    context,
    'SELECT lane FROM @.open_1($1::text::jsonb)',
    [
      writeJson([
        { o: 0, adapter: adapters.idOf(state.adapter), lane: state.lane, target, refs: state.refs ?? {} },
      ]),
    ],
    query,
  )
  const { lane: id } = opened as { lane: number }
  const now = Date.now()
  const written = deliveries.map(each => free(each, now))
  await writeDeliveries(context, query, id, written)
  const open = written.filter(each => !['delivered', 'replaced', 'dropped'].includes(each.state))
  const names: Record<string, readonly number[]> = {}
  for (const each of open) {
    const name = nameOf(each)
    if (name !== undefined) names[name] = [...(names[name] ?? []), each.position]
  }
  const positions = new Map(written.map(({ key, position }) => [key, position]))
  const captures = [
    ...captured.map(({ name, value, key }) => ({
      ...{ name, value: writeJson(value), position: positions.get(key) ?? 0 },
    })),
    ...open.flatMap(({ position, descriptor }) =>
      Object.keys(descriptor?.captures ?? {}).map(name => ({ name, position })),
    ),
  ]
  const lane_ = String(id)
  await query(
    sql(`INSERT INTO @.captures (lane, name, position, value) SELECT $1::text::bigint, x.name, x.position, x.value
      FROM jsonb_to_recordset($2::text::jsonb) AS x(name text, position bigint, value text) ON CONFLICT DO NOTHING`),
    [lane_, writeJson(captures)],
  )
  await query(
    sql('UPDATE @.lanes SET names = $2::text::jsonb, sent = $3::text::jsonb WHERE id = $1::text::bigint'),
    [lane_, writeJson(names), writeJson(state.sent)],
  )
  await query(
    sql('UPDATE @.heads SET next = $2::text::bigint, through = $3::text::int WHERE lane = $1::text::bigint'),
    [lane_, String(nextOf(lane)), String(state.through)],
  )
  if (state.gone !== undefined)
    await query(sql('SELECT @.stop_1($1::text::bigint, $2::text)'), [lane_, state.gone])
  await query(sql('SELECT @.walk_1(ARRAY[$1::text::bigint], true, NULL)'), [lane_])
}

/** Every delivery of a store, by adapter and lane. */
const readLanes = async (store: Store, lane: string): Promise<ReadonlyMap<string, readonly Delivery[]>> => {
  const found = new Map<string, Delivery[]>()
  for (const each of await store.list({ lane, limit: Number.MAX_SAFE_INTEGER })) {
    const known = found.get(each.adapter)
    if (known === undefined) found.set(each.adapter, [each])
    else known.push(each)
  }
  return found
}

const partsOf = async (
  store: Store,
  name: string,
  states: readonly LaneState[],
): Promise<readonly LaneParts[]> => {
  const deliveries = await readLanes(store, name)
  const captured = await store.listCaptures(name)
  const known = new Map(states.map(state => [state.adapter, state]))
  return [...new Set([...deliveries.keys(), ...known.keys()])].map(adapter => ({
    state: known.get(adapter) ?? { adapter, lane: name, through: 0, sent: {}, refs: {} },
    deliveries: deliveries.get(adapter) ?? [],
    captured: captured.filter(each => each.adapter === adapter),
  }))
}

const writeSession = async (
  context: Context,
  query: Query,
  summary: SessionSummary,
  events: readonly SessionEvent[],
  keys: readonly Readonly<{ event: string; sequence: number; digest: string }>[],
): Promise<void> => {
  const { meta, lines } = describeRecord(
    context,
    { session: { summary, expected: 0 }, events, lanes: [] },
    false,
  )
  await query(
    context.sql(`SELECT @.record_1($1::text::uuid, $2::text::jsonb, string_to_array($3::text, E'\\n'))`),
    [context.owner, writeJson(meta), lines.join('\n')],
  )
  if (keys.length === 0) return
  await query(
    context.sql(`INSERT INTO @.keys (session, event, sequence, digest) SELECT s.id, x.event, x.sequence, x.digest
      FROM @.sessions s, jsonb_to_recordset($2::text::jsonb) AS x(event text, sequence int, digest text) WHERE s.session = $1::text`),
    [summary.id, writeJson(keys)],
  )
}

/** Every session of a store, oldest first. */
const readSessions = async (store: Store): Promise<readonly SessionSummary[]> =>
  (await store.sessions({ limit: Number.MAX_SAFE_INTEGER })).toReversed()

/** Copies all of a store into an empty schema, one session a transaction; what is there already is left. */
export const copyStore = async (context: Context, from: Store, targets: Targets): Promise<Copied> => {
  const copied = { sessions: 0, skipped: 0, others: 0, events: 0, deliveries: 0 }
  const there = new Set(
    (await rowsAsked<{ session: string }>(context, 'SELECT session FROM @.sessions')).map(
      ({ session }) => session,
    ),
  )
  if (there.size === 0)
    await context.connection.query(context.sql('UPDATE @.identity SET id = $1::text'), [
      await from.identity(),
    ])
  const summaries = await readSessions(from)
  const own = new Set(summaries.map(({ id }) => id))
  copied.others = [...there].filter(id => !own.has(id)).length
  const adaptersOf = (parts: readonly LaneParts[]) => parts.map(({ state }) => state.adapter)
  const writeLanes = async (query: Query, parts: readonly LaneParts[]): Promise<void> => {
    for (const part of parts) {
      await writeLane(context, query, part, targets[part.state.adapter] ?? '')
      copied.deliveries += part.deliveries.length
    }
  }
  for (const { id } of summaries) {
    if (there.has(id)) {
      copied.skipped++
      continue
    }
    const stored = await from.load(id)
    if (stored === undefined) continue
    const events = await from.events(id)
    const keys: { event: string; sequence: number; digest: string }[] = []
    for (const { id: event, sequence } of events) {
      const known = await from.findKey(id, event)
      if (known !== undefined) keys.push({ event, sequence, digest: known.digest })
    }
    const parts = await partsOf(from, id, stored.lanes)
    await context.adapters.ensure(adaptersOf(parts))
    await context.connection.transaction(async query => {
      await writeSession(context, query, stored.summary, events, keys)
      await writeLanes(query, parts)
    })
    copied.sessions++
    copied.events += events.length
  }
  // Lanes of no session: those of the adapters themselves, and direct calls.
  const all = await from.list({ limit: Number.MAX_SAFE_INTEGER })
  const names = new Set(all.map(({ lane }) => lane).filter(lane => !own.has(lane)))
  for (const name of names) {
    const [known] = await rowsAsked<{ id: number }>(context, 'SELECT id FROM @.lanes WHERE lane = $1::text', [
      name,
    ])
    if (known !== undefined) continue
    const parts = await partsOf(from, name, [])
    await context.adapters.ensure(adaptersOf(parts))
    await context.connection.transaction(query => writeLanes(query, parts))
  }
  const begun = await from.events(INIT_LANE)
  if (begun.length > 0) {
    const { meta, lines } = describeRecord(context, { events: begun, lanes: [] }, false)
    await context.connection.transaction(query =>
      query(
        context.sql(`SELECT @.record_1($1::text::uuid, $2::text::jsonb, string_to_array($3::text, E'\\n'))`),
        [context.owner, writeJson(meta), lines.join('\n')],
      ),
    )
  }
  for (const pause of await from.pauses()) if (pause.owner === undefined) await beginPause(context, pause)
  return copied
}
