import { isTrackerError, type MirrorResult, type SessionHandle } from '@sessionwire/core'
import { defineCommand } from '../command.ts'
import { deliver, makeDeliveredSchema, sayDelivered } from '../deliver.ts'
import { showLine } from '../io.ts'
import { mustChoose } from '../recording.ts'
import { issueOfBranch } from '../workspace/branch.ts'
import type { Opened } from '../workspace/open.ts'

/** Takes up the issue that the session's branch names, for adapters that have no card of it. */
const takeUp = async (
  { adapters }: Opened,
  session: SessionHandle,
  names: readonly string[],
): Promise<MirrorResult> => {
  const { refs: known, metadata } = await session.load()
  const { branch } = metadata
  const wanted = Object.entries(
    issueOfBranch(typeof branch === 'string' ? branch : undefined, adapters),
  ).filter(([name]) => known[name] === undefined && (names.length === 0 || names.includes(name)))
  try {
    if (wanted.length > 0) return await session.mirror(undefined, { refs: Object.fromEntries(wanted) })
  } catch (thrown) {
    // A card that is there stays.
    if (!isTrackerError(thrown) || thrown.code !== 'INVALID_INPUT') throw thrown
  }
  return { adapters: [], deliveries: 0 }
}

export const mirror = defineCommand({
  name: 'mirror',
  group: 'Deliver',
  about: 'Mirrors the current session, else the newest one, where it was started or captured without',
  uses: 'recording',
  arguments: [{ name: 'adapters', about: 'Names (default: all)', optional: true, many: true }],
  json: z =>
    z.strictObject({
      session: z.string(),
      adapters: z.array(z.string()),
      deliveries: z.number(),
      delivery: makeDeliveredSchema(z),
    }),
  run: async (context, { adapters: names = [] }) => {
    const opened = await context.open()
    const id = await mustChoose(opened, undefined)
    const session = opened.tracker.session(id)
    const taken = await takeUp(opened, session, names)
    const mirrored = await session.mirror(names.length === 0 ? undefined : names)
    const adapters = [...taken.adapters, ...mirrored.adapters]
    const deliveries = taken.deliveries + mirrored.deliveries
    const delivery = await deliver(opened, context)
    const { title } = await opened.tracker.session(id).load()
    return {
      data: { session: id, adapters, deliveries, delivery },
      text: [
        adapters.length === 0
          ? `Nothing new to mirror of: ${showLine(title, 80)} (${id})`
          : `Mirrored by ${adapters.join(', ')}: ${showLine(title, 80)} (${id})`,
        ...sayDelivered(delivery),
      ],
    }
  },
})
