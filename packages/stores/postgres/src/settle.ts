import type { Json, Settlement } from '@sessionwire/core/store'
import { type Context, rowsAsked } from './context.ts'
import { stateNumber } from './rows.ts'
import { writeJson } from './text.ts'

/** A settlement as `settle_1` reads it. */
export const describeSettlement = ({ key, token, state, attempts, misses, ...more }: Settlement) => ({
  ...{ key, token, state: stateNumber(state), attempts, misses },
  due: more.dueAt,
  ...(more.doubtSince === null ? {} : { doubt: more.doubtSince }),
  ...(more.reason === null ? {} : { reason: more.reason }),
  ...(more.rejected === null ? {} : { rejected: more.rejected }),
  ...(more.exposed === true ? { exposed: true } : {}),
  ...(more.captures === undefined ? {} : { captures: more.captures }),
  ...(more.gone === undefined ? {} : { gone: more.gone }),
  ...(more.waitsFor === undefined ? {} : { waits_for: more.waitsFor }),
})

type Stands = Readonly<{ key: string; state: number; attempts: number; token: string | null; due_at: number }>

/**
 * The answer to a settlement that was sent twice: the second one finds its token gone, because the first one was written. Then
 * the delivery stands as the settlement says.
 */
export const verifySettled = async (
  context: Context,
  settlements: readonly Settlement[],
  answers: readonly boolean[],
): Promise<readonly boolean[]> => {
  const doubtful = settlements.filter((_, n) => answers[n] !== true)
  if (doubtful.length === 0) return answers
  const rows = await rowsAsked<Stands>(
    context,
    `SELECT key, state, attempts, token, due_at FROM @.deliveries WHERE key IN (SELECT jsonb_array_elements_text($1::text::jsonb))`,
    [writeJson(doubtful.map(({ key }) => key))],
  )
  const stands = new Map(rows.map(row => [row.key, row]))
  return settlements.map((each, n) => {
    const row = stands.get(each.key)
    return (
      answers[n] === true ||
      (row !== undefined &&
        row.token === null &&
        row.state === stateNumber(each.state) &&
        row.attempts === each.attempts &&
        (each.state !== 'waiting' || row.due_at === each.dueAt))
    )
  })
}

/** Marks that requests may leave, each unless its lease was lost or has run out. */
export const begin = async (
  context: Context,
  starts: readonly Readonly<{ key: string; token: string }>[],
): Promise<readonly boolean[]> => {
  if (starts.length === 0) return []
  const { rows } = await context.connection.query(context.sql('SELECT @.begin_1($1::text, $2::text) AS r'), [
    context.at(),
    writeJson(starts.map(({ key, token }) => ({ key, token }))),
  ])
  return JSON.parse(rows[0]?.r as string) as readonly boolean[]
}

/** Keeps what a delivery under way captured. */
export const capture = async (
  context: Context,
  key: string,
  captures: Readonly<Record<string, Json>>,
): Promise<void> =>
  void (await context.connection.query(
    context.sql(
      `INSERT INTO @.captures (lane, name, position, value)
        SELECT d.lane, c.key, d.position, c.value::text
        FROM @.deliveries d JOIN @.lanes l ON l.id = d.lane, jsonb_each($2::text::jsonb) c
        WHERE d.key = $1::text AND d.state IN (2, 3) AND NOT l.refs ? c.key
          AND NOT EXISTS (SELECT 1 FROM @.captures k WHERE k.lane = d.lane AND k.name = c.key AND k.value IS NOT NULL)
        ON CONFLICT (lane, name, position) DO UPDATE SET value = excluded.value`,
    ),
    [key, writeJson(captures)],
  ))

/** Writes what attempts ended in, each only if its token still holds. */
export const settle = async (
  context: Context,
  settlements: readonly Settlement[],
  again: boolean,
): Promise<readonly boolean[]> => {
  if (settlements.length === 0) return []
  const { rows } = await context.connection.query(context.sql('SELECT @.settle_1($1::text, $2::text) AS r'), [
    context.at(),
    writeJson(settlements.map(describeSettlement)),
  ])
  const answers = JSON.parse(rows[0]?.r as string) as readonly boolean[]
  return again ? verifySettled(context, settlements, answers) : answers
}
