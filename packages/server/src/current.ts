import { join, sep } from 'node:path'
import type { SessionSummary, Tracker } from '@sessionwire/core'
import type { Asker, CurrentSession } from './operations/operation.ts'
import type { Workspace } from './options.ts'

/** Sessions that are looked at for the one of a host. */
const LOOKED_AT = 500

/** A start that is later than this, ms, was written by a clock that was wrong; such a session comes last. */
const AHEAD_MS = 300_000

/** Active sessions, the newest first; behind them those that began later than it is now. */
const listActive = async (tracker: Tracker): Promise<readonly SessionSummary[]> => {
  const active = await tracker.sessions({ status: 'active', limit: LOOKED_AT })
  const until = Date.now() + AHEAD_MS
  const isAhead = ({ startedAt }: SessionSummary): boolean => Date.parse(startedAt) > until
  return [...active.filter(each => !isAhead(each)), ...active.filter(isAhead)]
}

const isWithin =
  (root: string) =>
  (workspace: string | undefined): boolean =>
    workspace === undefined || workspace === root || workspace.startsWith(join(root, sep))

const isOf = ({ metadata, parentId }: SessionSummary, { host, session }: Asker): boolean =>
  parentId === undefined &&
  metadata.hostSession !== undefined &&
  metadata.hostAgent === undefined &&
  metadata.imported === undefined &&
  (session === undefined ? host === undefined || metadata.host === host : metadata.hostSession === session)

/**
 * The session that a call without an id is about. The environment names one, or the host behind the call has one: by the id
 * that its client gives, else its newest active one in this folder. Few hosts name their session to the servers they start, and
 * a host that begins a new one keeps its servers, with the id of the old one. `own`: the session that the client of this process
 * began; with one, a client without a host never gets the session of another client of this folder.
 */
export const currentOf = async (
  { ingest, current, tracker, root, isHere = isWithin(root) }: Workspace,
  asker: Asker,
  own?: string,
): Promise<CurrentSession | undefined> => {
  // Hooks write while the server runs.
  await ingest()
  let found: CurrentSession | undefined
  let isUnknown = false
  try {
    found = await current()
  } catch {
    isUnknown = true
  }
  if (found !== undefined && found.by !== 'newest' && found.by !== 'host') return found
  const active = await listActive(tracker)
  if (found?.by === 'host' && asker.session === undefined && active.some(({ id }) => id === found.id))
    return found
  const isKnown = isUnknown || asker.host !== undefined || asker.session !== undefined
  const ofHost = isKnown ? active.find(each => isHere(each.workspace) && isOf(each, asker)) : undefined
  if (ofHost !== undefined) return { id: ofHost.id, by: 'host' }
  if (own !== undefined) return active.some(({ id }) => id === own) ? { id: own, by: 'own' } : undefined
  if (found !== undefined || !isUnknown) return found
  const newest = active.find(each => isHere(each.workspace) && each.parentId === undefined)
  return newest === undefined ? undefined : { id: newest.id, by: 'newest' }
}
