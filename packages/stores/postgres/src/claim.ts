import type { Claim, Claimed, ClaimRequest, Draw, Settlement } from '@sessionwire/core/store'
import type { Context } from './context.ts'
import { claimOf } from './rows.ts'
import { describeSettlement, verifySettled } from './settle.ts'
import { writeJson } from './text.ts'

type Row = Readonly<{ r: string; body: string | null }>
type Last = Readonly<{
  now: number
  next: number | null
  others: number
  settled: readonly boolean[] | null
}>

const describeRequest = ({ adapters }: Context, request: ClaimRequest) => ({
  adapters: request.adapters.map(({ name, target, room, concurrency, rates, begins }) => ({
    ...{ id: adapters.idOf(name), target, room, concurrency, rates },
    ...(begins === true ? { begins } : {}),
  })),
  ...(request.adapters.some(({ begins }) => begins === true) ? { begins: true } : {}),
  baseMs: request.lease.baseMs,
  readMs: request.lease.readMs,
  afterMs: request.afterMs,
  unreportedMax: request.unreportedMax,
  ...(request.hurry === true ? { hurry: true } : {}),
  holding: request.holding ?? [],
})

const claimsOf = (context: Context, rows: readonly Row[]): readonly Claim[] =>
  rows.map(({ r, body }) => claimOf(r, body, id => context.adapters.nameOf(id) as string))

/** Settlements, each with what was said of it; those of a call that was sent before may have been written then. */
const settledOf = async (
  context: Context,
  settlements: readonly Settlement[],
  answers: readonly boolean[],
  again: boolean,
): Promise<readonly boolean[]> => (again ? verifySettled(context, settlements, answers) : answers)

/** Gives heads that are due to a worker of this store. */
export const claim = async (context: Context, request: ClaimRequest, again: boolean): Promise<Claimed> => {
  await context.adapters.ensure(request.adapters.map(({ name }) => name))
  const { settlements } = request
  const { rows } = await context.connection.query(
    context.sql('SELECT r, body FROM @.claim_1($1::text, $2::text, $3::text, $4::text, $5::text)'),
    [
      context.owner,
      request.worker ?? null,
      context.at(),
      writeJson(describeRequest(context, request)),
      settlements === undefined ? null : writeJson(settlements.map(describeSettlement)),
    ],
  )
  const given = rows as readonly Row[]
  const last = JSON.parse((given.at(-1) as Row).r) as Last
  const places = new Map(request.adapters.map(({ name }, n) => [name, n]))
  const placeOf = ({ delivery }: Claim): number => places.get(delivery.adapter) ?? 0
  const claims = [...claimsOf(context, given.slice(0, -1))].sort((a, b) => placeOf(a) - placeOf(b))
  return {
    claims,
    ...(last.next === null ? {} : { nextDueAt: last.next }),
    ...(last.others > 0 ? { others: last.others } : {}),
    ...(settlements === undefined || last.settled === null
      ? {}
      : { settled: await settledOf(context, settlements, last.settled, again) }),
  }
}

/** Gives heads planned in `handoff` to a host that sends them itself. They have no lease: only `acknowledge` ends them. */
export const take = async (context: Context, name: string, limit: number): Promise<readonly Claim[]> => {
  await context.adapters.ensure([name])
  const { rows } = await context.connection.query(
    context.sql('SELECT r, body FROM @.take_1($1::text, $2::text, $3::text)'),
    [context.at(), String(context.adapters.idOf(name)), String(limit)],
  )
  return claimsOf(context, rows as readonly Row[])
}

/** Takes places of limits for reads. */
export const draw = async (context: Context, draws: readonly Draw[]): Promise<readonly number[]> => {
  if (draws.length === 0) return []
  await context.adapters.ensure(draws.map(({ adapter }) => adapter))
  const asked = draws.map(({ adapter, limit, rate, read, ended }) => ({
    ...{ adapter: context.adapters.idOf(adapter), lim: limit },
    ...{ count: rate.count, per: rate.perMs },
    ...(read === undefined ? {} : { id: read.id, lasts: read.lastsMs }),
    ...(ended === undefined ? {} : { ended }),
  }))
  const { rows } = await context.connection.query(context.sql('SELECT @.draw_1($1::text, $2::text) AS r'), [
    context.at(),
    writeJson(asked),
  ])
  return JSON.parse(rows[0]?.r as string) as readonly number[]
}
