import { isTrackerError, type MirrorResult, type Session, type SessionHandle } from '@sessionwire/core'
import { issueOfBranch } from './workspace/branch.ts'
import type { Opened } from './workspace/open.ts'

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

/**
 * Before a decision or blocker is recorded: the session of a host is local until it has something to show, and is mirrored
 * from here on. One that was started with `mirror: false` stays as it is. Answers the adapters that mirror it now.
 */
export const mirrorShown = async (opened: Opened, id: string): Promise<readonly string[]> =>
  isWaiting(await opened.tracker.session(id).load()) ? (await mirrorOn(opened, id)).adapters : []
