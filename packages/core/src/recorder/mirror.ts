import type { AnyAdapter } from '../adapter/contract.ts'
import { readRefs } from '../adapter/plan.ts'
import type { Incoming, Moved } from '../delivery/model.ts'
import type { Link } from '../descriptor/descriptor.ts'
import { notifyOf } from '../session/at-once.ts'
import { noSession } from '../session/errors.ts'
import { INIT_LANE } from '../session/events.ts'
import { pointInTime, toEpochMs, word } from '../session/fields.ts'
import { idOf, keysOf } from '../session/input.ts'
import { call, count, filled, flag, optional, optionsOf } from '../session/options.ts'
import type { SessionSummary } from '../session/session.ts'
import { adopt, type LinkItem } from './adopt.ts'
import type { Backfilled, BackfillOptions, MirrorOptions, MirrorResult } from './calls.ts'
import { adapterOf, asError, type RecorderContext } from './context.ts'
import { blankSession } from './init.ts'
import { readLinks } from './link.ts'
import {
  eventsOf,
  loadSession,
  type Moment,
  type Refs,
  replay,
  withRefs,
  withRefsOf,
} from './live-session.ts'
import { planEvent, planOpening, summarize } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

export { recreateCard } from './recreate-card.ts'

/** More than any host keeps; a bound all the same. */
const ALL = 100_000

function* each(adapter: AnyAdapter, moments: Iterable<Moment>, links: readonly Link[]): Generator<Incoming> {
  for (const { event, session } of moments) yield* planEvent(adapter, event, session, '', links)
}

/** Opens the lane of one session; `dryRun` only counts. Answers how many deliveries, or `undefined` where it is open. */
const openLane = (
  parts: RecorderContext,
  adapter: AnyAdapter,
  sessionId: string,
  log: 'summary' | 'each',
  dryRun = false,
): Promise<number | undefined> =>
  retryConflicts(parts, sessionId, async () => {
    const live = await loadSession(parts, sessionId, true)
    if (live.through.has(adapter.name)) return undefined
    const summary = live.summary as SessionSummary
    const events = (await eventsOf(parts, sessionId)).filter(({ sequence }) => sequence <= summary.revision)
    // Linked while the session went on: from its start, for an adapter that had no card.
    const moments = withRefs(summary.refs, replay(events))
    const { links } = await readLinks(parts, sessionId, live)
    const deliveries =
      log === 'each'
        ? [...each(adapter, moments, links)]
        : summarize(adapter, moments, '', () => false, links)
    if (dryRun) return deliveries.length
    const lanes = [planOpening(adapter, summary, summary.revision, deliveries)]
    const placed = await parts.store.commit({ events: [], lanes })
    live.through.set(adapter.name, summary.revision)
    live.refs.set(adapter.name, readRefs(adapter, summary))
    announce(parts, lanes, placed)
    if (links.length > 0) parts.link(sessionId)
    return deliveries.length
  })

const BACKFILL = optional({
  sessionId: filled,
  log: word(['summary', 'each']),
  since: pointInTime,
  limit: count(1),
  dryRun: flag,
  onProgress: call,
})
const RETRY = optional({ resend: flag })

/** Opens a lane for older sessions: one, or those of the project that have none. Oldest first. */
export const backfill = async (
  parts: RecorderContext,
  name: string,
  given?: BackfillOptions,
): Promise<Backfilled> => {
  const adapter = adapterOf(parts, name, 'backfill')
  const {
    sessionId,
    log = 'summary',
    since,
    limit = ALL,
    dryRun = false,
    onProgress,
  } = optionsOf('backfill', given, BACKFILL)
  const ids =
    sessionId === undefined
      ? (
          await parts.store.sessions({
            ...{ project: parts.project, withoutLane: name, mirror: true, limit },
            ...(since === undefined ? {} : { since: toEpochMs(since) }),
          })
        )
          .map(({ id }) => id)
          .reverse()
      : [sessionId]
  const sessions: string[] = []
  let deliveries = 0
  for (const [n, id] of ids.entries()) {
    const count = await openLane(parts, adapter, id, log, dryRun)
    if (count !== undefined) sessions.push(id)
    deliveries += count ?? 0
    notifyOf(onProgress, { sessions: n + 1, of: ids.length, deliveries }, thrown =>
      parts.emitter.emit('error', { error: asError(thrown), where: 'backfill.onProgress' }),
    )
  }
  return { sessions, deliveries }
}

/**
 * Mirrors one session into adapters that have no lane for it; default all of this tracker, or those that items are linked
 * to.
 */
export const mirrorSession = async (
  parts: RecorderContext,
  sessionId: string,
  names: readonly string[] | undefined,
  given: MirrorOptions | undefined,
  linkItem: LinkItem,
): Promise<MirrorResult> => {
  const open = (name: string) => openLane(parts, adapterOf(parts, name, 'mirror'), idOf(sessionId), 'summary')
  const adopted = given === undefined ? undefined : await adopt(parts, idOf(sessionId), given, linkItem, open)
  const asked = names === undefined ? undefined : keysOf(names, 'mirror')
  const adapters = (asked ?? (adopted === undefined ? [...parts.adapters.keys()] : [])).map(name =>
    adapterOf(parts, name, 'mirror'),
  )
  const opened: string[] = [...(adopted?.adapters ?? [])]
  let deliveries = adopted?.deliveries ?? 0
  for (const adapter of adapters) {
    const count = await openLane(parts, adapter, idOf(sessionId), 'summary')
    if (count === undefined) continue
    opened.push(adapter.name)
    deliveries += count
  }
  return { adapters: opened, deliveries }
}

/**
 * Where a question finds nothing: refuses an adapter that neither this tracker nor the store has, and a lane of which
 * nothing is stored.
 */
export const mustBeThere = async (
  { store, adapters }: Pick<RecorderContext, 'store' | 'adapters'>,
  where: string,
  { lane, adapter }: Readonly<{ lane?: string | undefined; adapter?: string | undefined }>,
): Promise<void> => {
  if (adapter !== undefined && !adapters.has(adapter)) {
    const stored = await store.counts()
    if (!stored.some(each => each.adapter === adapter)) adapterOf({ adapters }, adapter, where)
  }
  if (lane === undefined || lane === INIT_LANE || (await store.load(lane)) !== undefined) return
  if ((await store.list({ lane, limit: 1 })).length === 0) throw noSession(lane, store.where)
}

const moment = async (parts: RecorderContext, lane: string, eventId: string): Promise<Moment | undefined> => {
  const events = await eventsOf(parts, lane)
  const event = events.find(({ id }) => id === eventId)
  if (event === undefined) return undefined
  if (lane === INIT_LANE) return { event, session: blankSession(parts.project, event.time) }
  let last: Moment | undefined
  for (last of replay(events.slice(0, events.indexOf(event) + 1)));
  return last
}

/** Plans again what a hook that threw left empty, in its place; calls whose state a newer one sets already are left out. */
const replan = async (parts: RecorderContext, key: string): Promise<Moved> => {
  const [dead] = await parts.store.list({ keys: [key], limit: 1 })
  // Another process pruned it in the meantime.
  if (dead === undefined) return { key, asked: key, refused: `unknown key ${key}` }
  const refuseRetry = (why: string): Moved => ({
    key,
    asked: key,
    state: dead.state,
    refused: `${key} ${why}`,
  })
  const { lane, adapter: name } = dead
  const adapter = parts.adapters.get(name)
  if (adapter === undefined)
    return refuseRetry(`cannot be planned here: this tracker has no adapter "${name}"`)
  const then = await moment(parts, lane, key.slice(0, key.lastIndexOf(`/${name}/`)))
  if (then === undefined) return refuseRetry('belongs to an event that is no longer stored')
  const stored = await parts.store.load(lane)
  const own = stored?.lanes.find(each => each.adapter === name)
  const again = planEvent(adapter, then.event, withRefsOf(then.session, name, own?.refs as Refs | undefined))
  const failed = again.find(({ descriptor }) => descriptor === undefined)
  if (failed !== undefined) return refuseRetry(`cannot be planned: ${failed.reason}`)
  const newer = (await parts.store.list({ adapter: name, lane, limit: ALL })).flatMap(each =>
    each.sequence > dead.sequence ? [each.descriptor?.coalesce?.name] : [],
  )
  const deliveries = again.filter(
    ({ descriptor }) => descriptor?.coalesce === undefined || !newer.includes(descriptor.coalesce.name),
  )
  const lanes = [{ adapter: name, lane, deliveries }]
  const placed = deliveries.length === 0 ? [] : await parts.store.commit({ events: [], lanes })
  announce(parts, lanes, placed)
  const filled = placed.find(each => each.key === key)
  if (filled !== undefined) return { key, asked: key, state: filled.state }
  const [dropped] = await parts.store.move([key], { kind: 'drop' })
  return dropped ?? refuseRetry('is unknown')
}

/** Retries dead deliveries in their old places; those that a hook failed to plan are planned again. */
export const retry = async (
  parts: RecorderContext,
  keys: readonly string[],
  given?: Readonly<{ resend?: boolean }>,
): Promise<readonly Moved[]> => {
  const { resend = false } = optionsOf('retry', given, RETRY)
  const empty = new Set(
    (await parts.store.list({ keys, state: 'dead', limit: ALL })).flatMap(({ key, descriptor }) =>
      descriptor === undefined ? [key] : [],
    ),
  )
  const stored = keys.filter(key => !empty.has(key))
  const moved = stored.length === 0 ? [] : await parts.store.move(stored, { kind: 'retry', resend })
  const byKey = new Map(moved.map(each => [each.asked, each]))
  for (const key of empty) byKey.set(key, await replan(parts, key))
  parts.wake()
  return keys.flatMap(key => byKey.get(key) ?? [])
}
