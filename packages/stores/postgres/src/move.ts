import {
  acknowledge,
  type Delivery,
  describeMove,
  drop,
  isOnItsWay,
  isOpen,
  type Json,
  type Lane,
  type LaneState,
  type Move,
  type Moved,
  type Moving,
  needs,
  release,
  retry,
  stranger,
} from '@sessionwire/core/store'
import { readDeliveries, writeDeliveries } from './careful.ts'
import type { Query } from './connection.ts'
import { type Context, rowsAsked } from './context.ts'
import { nameOf } from './rows.ts'
import { writeJson } from './text.ts'

type Stored = Delivery & Readonly<{ laneId: number }>
type Work = Readonly<{ context: Context; query: Query; now: number; touched: Set<number> }>

const plain = ({ laneId: _, ...delivery }: Stored): Delivery => delivery

const find = async ({ context, query }: Work, key: string): Promise<Stored | undefined> =>
  (await readDeliveries(context, query, 'WHERE d.key = $1::text', [key]))[0]

/** The delivery that stands in the place of a replaced one now. */
const standing = async (work: Work, stored: Stored): Promise<Stored> => {
  const next = stored.successor === undefined ? undefined : await find(work, stored.successor)
  return next === undefined ? stored : next.state === 'replaced' ? standing(work, next) : next
}

type LaneRow = Readonly<{
  sent: LaneState['sent']
  refs: Readonly<Record<string, Json>>
  captured: readonly string[] | null
}>

/** Names that will be captured by planned ones before this one: all that releasing looks at. */
const holders = async (
  { context, query }: Work,
  { laneId, descriptor, position }: Stored,
): Promise<readonly Delivery[]> => {
  const rows = await rowsAsked<Readonly<{ key: string; position: number; name: string }>>(
    context,
    `SELECT d.key, d.position, c.name FROM @.captures c JOIN @.deliveries d ON d.lane = c.lane AND d.position = c.position
      WHERE c.lane = $1::text::bigint AND c.position < $2::text::bigint AND c.value IS NULL AND d.state = 0
        AND c.name IN (SELECT jsonb_array_elements_text($3::text::jsonb)) ORDER BY d.position`,
    [String(laneId), String(position), writeJson(descriptor === undefined ? [] : needs(descriptor))],
    query,
  )
  return rows.map(
    ({ name, ...row }) =>
      ({ ...row, state: 'planned', descriptor: { captures: { [name]: '' } } }) as unknown as Delivery,
  )
}

/** The newest open one of its coalesce name that is not a preview: retrying reads nothing else. */
const newest = async (
  { context, query }: Work,
  { laneId, descriptor, rank }: Stored,
): Promise<readonly Delivery[]> => {
  const coalesce = descriptor?.coalesce
  if (coalesce === undefined) return []
  const rows = await rowsAsked<Readonly<{ key: string; rank: number }>>(
    context,
    `SELECT key, rank FROM @.deliveries WHERE lane = $1::text::bigint AND name = $2::text AND state BETWEEN 1 AND 4
      AND rank > $3::text::bigint ORDER BY rank DESC LIMIT 1`,
    [String(laneId), coalesce.name, String(rank)],
    query,
  )
  return rows.map(row => ({ ...row, descriptor: { coalesce } }) as unknown as Delivery)
}

/** Writes a delivery that was moved, and what that means for its lane. */
const rewrite = async (
  { context, query, now }: Work,
  laneId: number,
  written: Delivery,
  captures: Readonly<Record<string, Json>>,
): Promise<void> => {
  const { sql } = context
  const lane = String(laneId)
  const position = String(written.position)
  await writeDeliveries(context, query, laneId, [written])
  await query(sql('DELETE FROM @.strays WHERE lane = $1::text::bigint AND position = $2::text::bigint'), [
    lane,
    position,
  ])
  if (isOpen(written)) return
  if (written.state === 'delivered') {
    await query(
      sql(
        `SELECT @.deliver_1($1::text::bigint, $2::text::bigint, $3::text::bigint, $4::text, $5::text, $6::text::jsonb, $7::text::bigint)`,
      ),
      [
        ...[lane, position, String(written.rank), written.key],
        written.descriptor?.coalesce?.name ?? null,
        ...[writeJson(captures), String(now)],
      ],
    )
    return
  }
  await query(sql('DELETE FROM @.captures WHERE lane = $1::text::bigint AND position = $2::text::bigint'), [
    lane,
    position,
  ])
  await query(
    sql(`UPDATE @.lanes l SET names = (SELECT coalesce(jsonb_object_agg(e.key, (SELECT coalesce(jsonb_agg(v), '[]')
        FROM jsonb_array_elements(e.value) v WHERE v <> to_jsonb($2::text::bigint))), '{}') FROM jsonb_each(l.names) e)
      WHERE l.id = $1::text::bigint AND l.names <> '{}'`),
    [lane, position],
  )
}

const moveOne = async (work: Work, key: string, how: Move, keys: ReadonlySet<string>): Promise<Moved> => {
  const { context, query, now } = work
  const stored = await find(work, key)
  if (stored === undefined) return stranger(key)
  if (stored.state === 'replaced' && how.kind !== 'drop')
    return describeMove(key, await standing(work, stored), how.kind)
  const { laneId } = stored
  const [kept] = await rowsAsked<LaneRow>(
    context,
    `SELECT l.sent, l.refs, (SELECT json_agg(c.name) FROM @.captures c WHERE c.lane = l.id AND c.value IS NOT NULL) AS captured
      FROM @.lanes l WHERE l.id = $1::text::bigint`,
    [String(laneId)],
    query,
  )
  const { sent, refs, captured } = kept as LaneRow
  const isCaptured = (name: string): boolean => Object.hasOwn(refs, name) || captured?.includes(name) === true
  const part = (deliveries: readonly Delivery[]): Lane => ({
    ...{ adapter: stored.adapter, lane: stored.lane, through: 0, sent, next: 0 },
    deliveries,
  })
  const delivery = plain(stored)
  const moves: { readonly [K in Move['kind']]: (how: Extract<Move, { kind: K }>) => Promise<Moving> } = {
    release: async () => release(part(await holders(work, stored)), delivery, isCaptured, keys, now),
    retry: async ({ resend = false }) => retry(part(await newest(work, stored)), delivery, resend, now),
    drop: async () => drop(delivery, now),
    acknowledge: async ({ captures }) => acknowledge(delivery, captures, now),
  }
  const { written, moved } = await (moves[how.kind] as (how: Move) => Promise<Moving>)(how)
  if (written === undefined) return moved
  await rewrite(
    work,
    laneId,
    // The columns of what was overtaken keep its name.
    written,
    how.kind === 'acknowledge' ? how.captures : {},
  )
  if (written.descriptor === undefined && nameOf(delivery) !== undefined)
    await query(context.sql('UPDATE @.deliveries SET name = $2::text WHERE key = $1::text'), [
      key,
      nameOf(delivery) as string,
    ])
  work.touched.add(laneId)
  // The next one of this call reads where the lane stands now.
  await query(context.sql('SELECT @.walk_1(ARRAY[$1::text::bigint], true, NULL)'), [String(laneId)])
  return moved
}

/** Retries those that died because they need a capture of this one, and those that wait for them. */
const retryWaiting = async (work: Work, moved: Moved): Promise<void> => {
  if (!isOnItsWay(moved)) return
  const waiting = await rowsAsked<Readonly<{ key: string }>>(
    work.context,
    `SELECT key FROM @.deliveries WHERE lane = (SELECT lane FROM @.deliveries WHERE key = $1::text) AND attention AND state = 4
      AND waits_for = $1::text ORDER BY position`,
    [moved.asked],
    work.query,
  )
  for (const { key } of waiting)
    await retryWaiting(work, await moveOne(work, key, { kind: 'retry' }, new Set()))
}

/** Moves deliveries by hand, and with them those that wait for their captures, all in one transaction. */
export const move = (context: Context, keys: readonly string[], how: Move): Promise<readonly Moved[]> =>
  context.connection.transaction(async query => {
    const [clock] = await rowsAsked<Readonly<{ now: number; lanes: number }>>(
      context,
      `SELECT coalesce($2::text::bigint, @.ms()) AS now, (SELECT count(*) FROM (SELECT 1 FROM @.heads WHERE lane IN (
          SELECT d.lane FROM @.deliveries d WHERE d.key IN (SELECT jsonb_array_elements_text($1::text::jsonb)))
        ORDER BY lane FOR NO KEY UPDATE) locked) AS lanes`,
      [writeJson(keys), context.at()],
      query,
    )
    const work: Work = { context, query, now: (clock as { now: number }).now, touched: new Set() }
    const all = new Set(keys)
    const moved: Moved[] = []
    for (const key of keys) moved.push(await moveOne(work, key, how, all))
    for (const each of moved) await retryWaiting(work, each)
    return moved
  })
