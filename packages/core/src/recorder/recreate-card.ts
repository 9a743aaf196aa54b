import { readRefs } from '../adapter/plan.ts'
import type { Delivery, LaneState, State } from '../delivery/model.ts'
import { targetOf } from '../delivery/place.ts'
import { TrackerError } from '../session/errors.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import type { Backfilled } from './calls.ts'
import { adapterOf, type RecorderContext } from './context.ts'
import { eventsOf, loadSession, refsWithout, replay, withRefs } from './live-session.ts'
import { summarize } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

/** More than any lane holds; a bound all the same. */
const ALL = 100_000

const OPEN: readonly State[] = ['planned', 'waiting', 'claimed', 'begun', 'dead']
/** Not under way for sure, so it may be planned again with other content. */
const IDLE: readonly State[] = ['planned', 'waiting', 'dead']

/** The first suffix of which the store knows no key yet. */
const nextSuffix = async ({ store }: RecorderContext, base: string): Promise<string> => {
  for (let turn = 2; ; turn++) {
    const suffix = `/r${turn}`
    if ((await store.list({ keys: [`${base}/0${suffix}`], limit: 1 })).length === 0) return suffix
  }
}

const captures = ({ descriptor }: Delivery): readonly string[] => Object.keys(descriptor?.captures ?? {})

/**
 * Finds a call that `start` planned, that others need and that can no longer succeed: it is dead, or it was dropped, and
 * neither something delivered nor something still to be sent captures the same.
 */
const stopping = async (
  { store }: RecorderContext,
  lane: string,
  name: string,
  ours: LaneState | undefined,
  all: readonly Delivery[],
): Promise<Delivery | undefined> => {
  const there = new Set([
    ...Object.keys(ours?.refs ?? {}),
    ...(await store.listCaptures(lane)).flatMap(each => (each.adapter === name ? [each.name] : [])),
    ...all.flatMap(each => (each.state !== 'dead' && OPEN.includes(each.state) ? captures(each) : [])),
  ])
  const firsts = all.filter(({ sequence, holds }) => sequence === 1 && holds)
  return (
    firsts.find(({ state }) => state === 'dead') ??
    firsts.find(each => each.state === 'dropped' && captures(each).some(capture => !there.has(capture)))
  )
}

/** A call that may have made the card, although its answer is unknown. */
const findDoubtful = (all: readonly Delivery[]): Delivery | undefined =>
  all.find(
    ({ sequence, holds, state, doubtSince }) =>
      sequence === 1 && holds && OPEN.includes(state) && doubtSince !== undefined,
  )

const refusal = (message: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `recreateCard: ${message}`, { field: 'recreateCard' })

type Replan = Readonly<{
  /** Dropped: the calls planned again replace or include them. */
  dropping: readonly Delivery[]
  /** Events whose entries are planned again too. */
  events: ReadonlySet<number>
}>

/** The card existed: its edits are planned again, and entries are only sent again. */
const afterGone = (all: readonly Delivery[]): Replan => ({
  dropping: all.filter(
    ({ state, sequence, descriptor }) =>
      state === 'dead' && (sequence === 1 || descriptor?.coalesce !== undefined),
  ),
  events: new Set(),
})

/**
 * The card never existed, or it is in a place that is no longer configured: everything that waits for it is planned again, with
 * the configuration as it is now.
 */
const afterStop = (all: readonly Delivery[]): Replan => {
  const dropping = all.filter(
    ({ state, sequence, doubtSince, exposed }) =>
      IDLE.includes(state) && sequence > 0 && doubtSince === undefined && exposed === undefined,
  )
  return { dropping, events: new Set(dropping.map(({ sequence }) => sequence)) }
}

/**
 * A new card where a person deleted the old one, where it could not be made, or where the adapter has another account or place
 * now: the start and what sets a state are
 * planned once more, with the configuration and the session as they are now and none of the refs linked by `start`, in front
 * of all that waits; `linked` are refs that count instead. An entry that died with a deleted card is retried below the new one; those that wait for a card that
 * never existed are planned again.
 */
export const recreateCard = (
  parts: RecorderContext,
  sessionId: string,
  name: string,
  linked: Session['refs'] = {},
): Promise<Backfilled> => {
  const adapter = adapterOf(parts, name, 'recreateCard')
  return retryConflicts(parts, sessionId, async () => {
    const live = await loadSession(parts, sessionId, true)
    if (!live.through.has(name))
      throw refusal(`"${sessionId}" is not mirrored to ${name}: tracker.backfill makes its card.`)
    const gone = live.gone.get(name)
    const all = await parts.store.list({ adapter: name, lane: sessionId, limit: ALL })
    const ours = (await parts.store.load(sessionId))?.lanes.find(each => each.adapter === name)
    // The adapter has another account or place now, so no worker takes up what was planned for the old one.
    const isMoved = ours?.target !== undefined && ours.target !== targetOf(adapter)
    const stopped = gone === undefined ? await stopping(parts, sessionId, name, ours, all) : undefined
    if (gone === undefined && stopped === undefined && !isMoved)
      throw refusal(
        `the card of "${sessionId}" in ${name} is fine: it was not deleted, and nothing it needs is dead or dropped.`,
      )
    const doubtful = isMoved ? findDoubtful(all) : stopped?.state === 'dead' ? stopped : undefined
    if (doubtful?.doubtSince !== undefined)
      throw refusal(
        `${doubtful.key} may have made the card of "${sessionId}" in ${name}: look there, then acknowledge it, or drop it and recreateCard.`,
      )
    const summary = live.summary as SessionSummary
    const refs = { ...refsWithout(summary, name), ...linked }
    const events = (await eventsOf(parts, sessionId)).filter(({ sequence }) => sequence <= summary.revision)
    const replan = gone === undefined ? afterStop(all) : afterGone(all)
    const dropping = new Set(replan.dropping.map(({ key }) => key))
    const suffix = await nextSuffix(parts, `${events[0]?.id}/${name}`)
    const open = all.filter(({ state, key }) => OPEN.includes(state) && !dropping.has(key))
    const staying = new Set(open.map(({ key }) => key + suffix))
    const sent = new Set(all.flatMap(({ key, state }) => (state === 'delivered' ? [key + suffix] : [])))
    const deliveries = summarize(
      adapter,
      withRefs(refs, replay(events)),
      suffix,
      ({ key, sequence }) => replan.events.has(sequence) && !sent.has(key),
    ).filter(({ key }) => !staying.has(key))
    const lanes = [
      {
        adapter: name,
        lane: sessionId,
        deliveries,
        recreate: {
          dropping: [...dropping],
          target: targetOf(adapter),
          refs: readRefs(adapter, { refs }),
        },
      },
    ]
    const placed = await parts.store.commit({ events: [], lanes })
    live.gone.delete(name)
    live.refs.set(name, readRefs(adapter, { refs }))
    const dead = gone === undefined ? [] : open.filter(({ reason }) => reason === gone)
    if (dead.length > 0)
      await parts.store.move(
        dead.map(({ key }) => key),
        { kind: 'retry' },
      )
    announce(parts, lanes, placed)
    return { sessions: [sessionId], deliveries: deliveries.length }
  })
}
