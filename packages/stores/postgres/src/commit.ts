import { type Commit, INIT_LANE, type Placed, type State, writeDescriptor } from '@sessionwire/core/store'
import { commitCarefully } from './careful.ts'
import type { Context } from './context.ts'
import { isDuplicate } from './failure.ts'
import { describeLane, describeRecord } from './record.ts'
import { incomingRow, isPlain, STATES } from './rows.ts'
import { writeJson } from './text.ts'

/** Whether the rules of placing have to be asked outside of the database: rare plans, and events of no session. */
const isRare = ({ session, events, lanes }: Commit): boolean => {
  const names = lanes.map(({ adapter, lane }) => `${adapter}\n${lane}`)
  const keys = lanes.flatMap(({ deliveries }) => deliveries.map(({ key }) => key))
  return (
    (session === undefined && events.length > 0) ||
    lanes.some(({ lane, recreate }) => lane === INIT_LANE || recreate !== undefined) ||
    new Set(names).size < names.length ||
    new Set(keys).size < keys.length
  )
}

type Answer = Readonly<{ key: string; state: number; position: string | number; replaced: readonly string[] }>

/** Writes all of a commit in one round trip. A key that is known throws a duplicate. */
const commitAtOnce = async (context: Context, given: Commit, again: boolean): Promise<readonly Placed[]> => {
  const { meta, lines } = describeRecord(context, given, again)
  const deliveries: unknown[] = []
  const lanes = given.lanes.map((plan, o) => {
    const plain = plan.deliveries.every(isPlain)
    const [first] = plan.deliveries
    plan.deliveries.forEach((each, n) => {
      lines.push(each.descriptor === undefined ? '' : writeDescriptor(each.descriptor))
      deliveries.push({ ...incomingRow(each), l: o, nth: n, b: lines.length })
    })
    const lim = first?.descriptor?.limit
    return {
      ...describeLane(context, plan, o),
      ...{ plain, count: plan.deliveries.length },
      ...(lim === undefined ? {} : { lim }),
    }
  })
  const { rows } = await context.connection.query(
    context.sql(
      'SELECT key, state, position::text AS position, replaced FROM @.commit_1($1::text, $2::text, $3::text, $4::text)',
    ),
    [
      context.owner,
      context.at(),
      writeJson({
        ...meta,
        lanes,
        deliveries,
        ...(lanes.some(({ plain }) => !plain) ? { slow: true } : {}),
      }),
      lines.join('\n'),
    ],
  )
  context.member.know()
  const answers = new Map((rows as readonly Answer[]).map(row => [row.key, row]))
  return given.lanes.flatMap(plan =>
    plan.deliveries.map(({ key }): Placed => {
      const { state, position, replaced } = answers.get(key) as Answer
      return { key, state: STATES[state] as State, position: Number(position), replaced }
    }),
  )
}

/**
 * Writes a commit. One whose answer was lost may be given again: it finds itself by its events or its keys. `again`: it was
 * given before, and what is known of it was written then.
 */
export const commit = async (context: Context, given: Commit, again: boolean): Promise<readonly Placed[]> => {
  await context.adapters.ensure(given.lanes.map(({ adapter }) => adapter))
  const careful = async () => {
    const placed = await commitCarefully(context, given, again)
    return again ? placed.map(({ known: _, ...rest }) => rest) : placed
  }
  if (isRare(given)) return careful()
  try {
    return await commitAtOnce(context, given, again)
  } catch (thrown) {
    if (!isDuplicate(thrown)) throw thrown
    return careful()
  }
}
