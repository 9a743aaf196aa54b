import type { Pause } from '@sessionwire/core/store'
import type { Query } from './connection.ts'
import { type Context, rowsAsked } from './context.ts'
import { writeJson } from './text.ts'

type Which = Pick<Pause, 'adapter' | 'limit' | 'owner'>
type Row = Readonly<{ adapter: number; lim: string; worker: string | null; pause: Pause }>

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const lengthOf = ({ since, until }: Pause, now: number): number =>
  Math.max(0, Math.min(until ?? now, now) - since)

const ALL = `SELECT adapter, lim, NULL AS worker, pause FROM @.gates WHERE pause IS NOT NULL
  UNION ALL SELECT adapter, lim, worker, pause FROM @.denials`

/** All that stand, those over by time too. */
export const pauses = async (context: Context): Promise<readonly Pause[]> =>
  (await rowsAsked<Row>(context, ALL))
    .map(({ pause }) => pause)
    .sort(
      (a, b) =>
        compare(a.adapter, b.adapter) ||
        compare(a.limit ?? '', b.limit ?? '') ||
        compare(a.owner ?? '', b.owner ?? ''),
    )

/** The adapter's gate is locked first by everybody who changes a pause; then its pauses are read. */
const lock = async (context: Context, query: Query, adapter: string): Promise<readonly Row[]> => {
  const id = String(context.adapters.idOf(adapter))
  await query(
    context.sql(`INSERT INTO @.gates AS g (adapter, lim) VALUES ($1::text::smallint, '')
      ON CONFLICT (adapter, lim) DO UPDATE SET lim = excluded.lim`),
    [id],
  )
  return rowsAsked<Row>(context, `SELECT * FROM (${ALL}) p WHERE adapter = $1::text::smallint`, [id], query)
}

const write = async (
  context: Context,
  query: Query,
  which: Which,
  pause: Pause | undefined,
  rested: number,
) => {
  const id = String(context.adapters.idOf(which.adapter))
  const lim = which.limit ?? ''
  const text = pause === undefined ? null : writeJson(pause)
  await query(
    context.sql(`INSERT INTO @.gates AS g (adapter, lim, pause, rested)
      VALUES ($1::text::smallint, $2::text, CASE WHEN $5::text IS NULL THEN $3::text::jsonb END, $4::text::bigint)
      ON CONFLICT (adapter, lim) DO UPDATE SET rested = g.rested + excluded.rested,
        pause = CASE WHEN $5::text IS NULL THEN excluded.pause ELSE g.pause END`),
    [id, lim, text, String(rested), which.owner ?? null],
  )
  if (which.owner === undefined) return
  if (text === null)
    await query(
      context.sql(
        'DELETE FROM @.denials WHERE adapter = $1::text::smallint AND lim = $2::text AND worker = $3::text',
      ),
      [id, lim, which.owner],
    )
  else
    await query(
      context.sql(`INSERT INTO @.denials (adapter, lim, worker, pause) VALUES ($1::text::smallint, $2::text, $3::text, $4::text::jsonb)
        ON CONFLICT (adapter, lim, worker) DO UPDATE SET pause = excluded.pause`),
      [id, lim, which.owner, text],
    )
}

const isOf =
  ({ limit = '', owner }: Which) =>
  (row: Row): boolean =>
    row.lim === limit && row.worker === (owner ?? null)

/** Begins a pause, in the place of the one that stands. */
export const beginPause = async (context: Context, pause: Pause): Promise<void> => {
  await context.adapters.ensure([pause.adapter])
  await context.connection.transaction(async query => {
    const before = (await lock(context, query, pause.adapter)).find(isOf(pause))?.pause
    await write(context, query, pause, pause, before === undefined ? 0 : lengthOf(before, pause.since))
  })
}

/** Ends a pause, and with an adapter's own also those of its workers; what they lasted counts as paused time. */
export const endPause = async (context: Context, which: Which): Promise<void> => {
  await context.adapters.ensure([which.adapter])
  await context.connection.transaction(async query => {
    const stand = await lock(context, query, which.adapter)
    const whole = which.limit === undefined && which.owner === undefined
    const [clock] = await rowsAsked<Readonly<{ now: number }>>(
      context,
      'SELECT coalesce($1::text::bigint, @.ms()) AS now',
      [context.at()],
      query,
    )
    for (const row of stand)
      if ((whole && row.worker !== null) || isOf(which)(row))
        await write(context, query, row.pause, undefined, lengthOf(row.pause, (clock as { now: number }).now))
  })
}

/** Moves the next check of a pause that stands as it was read. */
export const takeCheck = async (context: Context, pause: Pause, checkAt: number): Promise<boolean> => {
  await context.adapters.ensure([pause.adapter])
  return context.connection.transaction(async query => {
    const stands = (await lock(context, query, pause.adapter)).find(isOf(pause))?.pause
    if (stands === undefined || stands.checkAt !== pause.checkAt || stands.since !== pause.since) return false
    await write(context, query, pause, { ...stands, checkAt }, 0)
    return true
  })
}
