import type { Tracker } from '@sessionwire/core'
import type { Context, Result, Zod } from './command.ts'
import { type Delivered, deliver, makeDeliveredSchema, sayDelivered } from './deliver.ts'
import { EXIT, usage } from './failure.ts'
import { showLine } from './io.ts'
import { mustChoose } from './recording.ts'
import type { Opened } from './workspace/open.ts'

type Delivery = Awaited<ReturnType<Tracker['deliveries']>>[number]
type Moved = Awaited<ReturnType<Tracker['release']>>[number]

/** Which deliveries a command moves. */
export type Which = Readonly<{
  keys: readonly string[]
  all?: boolean | undefined
  adapter?: string | undefined
}>

/** More than people move by hand. */
export const MOST = 10_000

/** Keys by argument, or those in a state: of the current session, of an adapter, or all. */
export const chooseKeys = async (
  opened: Opened,
  { keys, all, adapter }: Which,
  state: Delivery['state'],
): Promise<readonly string[]> => {
  if (keys.length > 0) {
    if (all || adapter !== undefined) throw usage('keys: give keys, or --all or --adapter.')
    return keys
  }
  const lane = all || adapter !== undefined ? undefined : await mustChoose(opened, undefined)
  const found = await opened.tracker.deliveries({
    state,
    limit: MOST,
    ...(adapter === undefined ? {} : { adapter }),
    ...(lane === undefined ? {} : { lane }),
  })
  return found.map(({ key }) => key)
}

/** Options that choose deliveries. */
export const WHICH = {
  all: { about: 'All of this workspace' },
  adapter: { about: 'All of this adapter', value: 'name' },
} as const

/** The argument that names deliveries. */
export const KEYS = [
  { name: 'keys', about: 'Keys, as `sessionwire deliveries` lists them', optional: true, many: true },
] as const

/** The object of a command that moves deliveries. */
export const makeMovedSchema = (z: Zod) =>
  z.strictObject({
    moved: z.array(
      z.strictObject({
        key: z.string(),
        asked: z.string(),
        state: z.optional(z.string()),
        refused: z.optional(z.string()),
      }),
    ),
    delivery: makeDeliveredSchema(z),
  })

type MovedObject = Readonly<{ moved: readonly Moved[]; delivery: Delivered }>

/** Moves deliveries, and delivers what can go. Ends with 4 where one was refused. */
export const finishMove = async (
  context: Context,
  opened: Opened,
  moved: readonly Moved[],
  verb: string,
): Promise<Result<MovedObject>> => {
  const delivery = await deliver(opened, context)
  const refused = moved.filter(each => each.refused !== undefined)
  const done = moved.length - refused.length
  return {
    data: { moved, delivery },
    text: [
      `${verb}: ${done} ${done === 1 ? 'request' : 'requests'}`,
      ...refused.map(each => `Refused: ${showLine(each.refused ?? '', 300)}`),
      ...sayDelivered(delivery),
    ],
    ...(refused.length > 0 ? { code: EXIT.integration } : {}),
  }
}
