import { isTrackerError, type MirrorResult, type Session, type SessionHandle } from '@sessionwire/core'
import { issueOfBranch } from './workspace/branch.ts'
import type { Opened } from './workspace/open.ts'

/** More sessions than a person leaves without a mirror while one goes on. */
const LOOKED_AT = 500
const NOTHING: MirrorResult = { adapters: [], deliveries: 0 }

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
  return NOTHING
}

/** Mirrors a session from now on, by all adapters or those that are named. */
export const mirrorOn = async (
  opened: Opened,
  id: string,
  names: readonly string[] = [],
): Promise<MirrorResult> => {
  const session = opened.tracker.session(id)
  const taken = await takeUp(opened, session, names)
  const mirrored = await session.mirror(names.length === 0 ? undefined : names)
  return {
    adapters: [...taken.adapters, ...mirrored.adapters],
    deliveries: taken.deliveries + mirrored.deliveries,
  }
}

/** Whether a hook captured the session and it had nothing to show yet; imports and sub-agents stay local. */
const isWaiting = ({ mirror, metadata }: Session): boolean =>
  mirror === false &&
  metadata.hostSession !== undefined &&
  metadata.hostAgent === undefined &&
  metadata.imported === undefined

/** Adapters that mirror a captured session from now on, and those that came too late to do so by themselves. */
export type Shown = Readonly<{ adapters: readonly string[]; late: readonly string[] }>

/** When the first thing of a session was recorded that an adapter would show, epoch ms. */
const firstOf = (session: Session, { hooks }: Opened['adapters'][number], at: number): number => {
  // One that shows messages shows those of the beginning, too.
  if (hooks.message !== undefined) return Date.parse(session.startedAt)
  const { updates, decisions, entities, blockers } = session
  return [...updates, ...decisions, ...entities, ...blockers].reduce(
    (first, each) => Math.min(first, Date.parse(each.at)),
    at,
  )
}

/** Whether an adapter mirrors a session already. */
const isMirrored = async ({ tracker }: Opened, adapter: string, { id }: Session): Promise<boolean> => {
  const without = await tracker.sessions({ withoutLane: adapter, limit: LOOKED_AT })
  return !without.some(each => each.id === id)
}

/**
 * Mirrors the session of a host, which is local until it has something to show, by the adapters that were set up before that.
 * Earlier records are not meant for a service: only a person's `mirror` or `backfill` shows them. Every
 * way by which a captured session is mirrored without being asked for comes through here. One that was started with
 * `mirror: false`, imported or a sub-agent's stays as it is. `at`: when that happened which is about to be recorded, epoch ms.
 */
export const mirrorShown = async (opened: Opened, id: string, at: number): Promise<Shown> => {
  const session = await opened.tracker.session(id).load()
  if (!isWaiting(session)) return { adapters: [], late: [] }
  const fitting: string[] = []
  const late: string[] = []
  for (const adapter of opened.adapters) {
    const { [adapter.name]: setUpAt } = opened.setUpAt
    if (setUpAt !== undefined && setUpAt <= firstOf(session, adapter, at)) fitting.push(adapter.name)
    else if (!(await isMirrored(opened, adapter.name, session))) late.push(adapter.name)
  }
  const { adapters } = fitting.length === 0 ? NOTHING : await mirrorOn(opened, id, fitting)
  return { adapters, late }
}
