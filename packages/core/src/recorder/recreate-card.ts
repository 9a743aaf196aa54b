import { targetOf } from '../adapter/target.ts'
import type { Delivery, State } from '../delivery/model.ts'
import { TrackerError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import type { Session, SessionSummary } from '../session/session.ts'
import type { Backfilled } from './calls.ts'
import { adapterOf } from './ids.ts'
import type { Parts } from './parts.ts'
import { handedTo, type Moment, refsWithout, summarised } from './planning.ts'
import { eventsOf, known, replay } from './reading.ts'
import { announce, repeated } from './record.ts'

/** More than any lane holds; a bound all the same. */
const ALL = 100_000

const OPEN: readonly State[] = ['planned', 'waiting', 'claimed', 'begun', 'dead']
/** Surely not under way: it may be planned anew in other words. */
const IDLE: readonly State[] = ['planned', 'waiting', 'dead']

/** The first suffix of which the store knows no key yet. */
const nextSuffix = async ({ store }: Parts, base: string): Promise<string> => {
  for (let turn = 2; ; turn++) {
    const suffix = `/r${turn}`
    if ((await store.list({ keys: [`${base}/0${suffix}`], limit: 1 })).length === 0) return suffix
  }
}

function* without(refs: Session['refs'], moments: Iterable<Moment>): Generator<Moment> {
  for (const { event, session } of moments) {
    const payload = event.type === 'start' ? { ...event.payload, refs } : event.payload
    yield { event: { ...event, payload } as SessionEvent, session: { ...session, refs } }
  }
}

const captures = ({ descriptor }: Delivery): readonly string[] => Object.keys(descriptor?.captures ?? {})

/**
 * What `start` planned and others need, and what can no longer come as things stand: it is dead, or it was dropped, and
 * neither something delivered nor something still to be sent captures the same.
 */
const stopping = async (
  { store }: Parts,
  lane: string,
  name: string,
  all: readonly Delivery[],
): Promise<Delivery | undefined> => {
  const ours = (await store.load(lane))?.lanes.find(({ adapter }) => adapter === name)
  const there = new Set([
    ...Object.keys(ours?.refs ?? {}),
    ...(await store.captured(lane)).flatMap(each => (each.adapter === name ? [each.name] : [])),
    ...all.flatMap(each => (each.state !== 'dead' && OPEN.includes(each.state) ? captures(each) : [])),
  ])
  const firsts = all.filter(({ sequence, holds }) => sequence === 1 && holds)
  return (
    firsts.find(({ state }) => state === 'dead') ??
    firsts.find(each => each.state === 'dropped' && captures(each).some(capture => !there.has(capture)))
  )
}

const refused = (message: string): TrackerError =>
  new TrackerError('INVALID_INPUT', `recreateCard: ${message}`)

type Anew = Readonly<{
  /** Given up: planned anew, or shown by what is. */
  dropping: readonly Delivery[]
  /** Events of which the entries are planned anew, too. */
  events: ReadonlySet<number>
}>

/** The card was there: what edits it is planned anew, entries only have to be sent again. */
const afterGone = (all: readonly Delivery[]): Anew => ({
  dropping: all.filter(
    ({ state, sequence, descriptor }) =>
      state === 'dead' && (sequence === 1 || descriptor?.coalesce !== undefined),
  ),
  events: new Set(),
})

/** The card never was: what waits for it was planned with what was wrong, and is planned anew as a whole. */
const afterStop = (all: readonly Delivery[]): Anew => {
  const dropping = all.filter(
    ({ state, sequence, doubtSince, exposed }) =>
      IDLE.includes(state) && sequence > 0 && doubtSince === undefined && exposed === undefined,
  )
  return { dropping, events: new Set(dropping.map(({ sequence }) => sequence)) }
}

/**
 * A new card where a person deleted the old one, or where it could not be made: the start and what sets a state are
 * planned once more, with the configuration and the session as they are now and nothing of what was handed over, in front
 * of all that waits. An entry that died with a deleted card is retried below the new one; those that wait for a card that
 * never was are planned anew.
 */
export const recreateCard = (parts: Parts, sessionId: string, name: string): Promise<Backfilled> => {
  const adapter = adapterOf(parts, name, 'recreateCard')
  return repeated(parts, sessionId, async () => {
    const held = await known(parts, sessionId, true)
    if (!held.through.has(name))
      throw refused(`"${sessionId}" is not mirrored to ${name}: tracker.backfill makes its card.`)
    const gone = held.gone.get(name)
    const all = await parts.store.list({ adapter: name, lane: sessionId, limit: ALL })
    const first = gone === undefined ? await stopping(parts, sessionId, name, all) : undefined
    if (gone === undefined && first === undefined)
      throw refused(
        `nobody deleted the card of "${sessionId}" in ${name}, and nothing it needs is dead or dropped: there is nothing to recreateCard.`,
      )
    if (first?.state === 'dead' && first.doubtSince !== undefined)
      throw refused(
        `${first.key} may have made the card of "${sessionId}" in ${name}: look there, then acknowledge it, or drop it and recreateCard.`,
      )
    const summary = held.summary as SessionSummary
    const refs = refsWithout(summary, name)
    const events = (await eventsOf(parts, sessionId)).filter(({ sequence }) => sequence <= summary.revision)
    const anew = gone === undefined ? afterStop(all) : afterGone(all)
    const dropping = new Set(anew.dropping.map(({ key }) => key))
    const suffix = await nextSuffix(parts, `${events[0]?.id}/${name}`)
    const open = all.filter(({ state, key }) => OPEN.includes(state) && !dropping.has(key))
    const staying = new Set(open.map(({ key }) => key + suffix))
    const sent = new Set(all.flatMap(({ key, state }) => (state === 'delivered' ? [key + suffix] : [])))
    const deliveries = summarised(
      adapter,
      without(refs, replay(events)),
      suffix,
      ({ key, sequence }) => anew.events.has(sequence) && !sent.has(key),
    ).filter(({ key }) => !staying.has(key))
    const lanes = [
      {
        adapter: name,
        lane: sessionId,
        deliveries,
        recreate: { dropping: [...dropping], target: targetOf(adapter) },
      },
    ]
    const placed = await parts.store.commit({ events: [], lanes })
    held.gone.delete(name)
    if (handedTo(summary, name)) held.anew.add(name)
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
