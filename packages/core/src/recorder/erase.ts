import type { AnyAdapter } from '../adapter/contract.ts'
import { removePace } from '../adapter/plan.ts'
import type { Delivery, Incoming, Moved } from '../delivery/model.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor, Link } from '../descriptor/descriptor.ts'
import { ERASED, eraseEvent } from '../session/erase.ts'
import type { SessionEvent } from '../session/events.ts'
import { invalidInput } from '../session/message.ts'
import type { Session } from '../session/session.ts'
import type { Erased } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { isCovered, textsIn } from './covered.ts'
import { findErasedWords } from './kept-captures.ts'
import { eventsOf, loadSession, type Moment, replay, withRefsOf } from './live-session.ts'
import { planEvent, summarize, toIncoming } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

/** More than any session has; a bound all the same. */
const ALL = 100_000

type Planned = Pick<Delivery, 'descriptor'>
const isEdit = ({ descriptor }: Planned): boolean =>
  descriptor?.coalesce !== undefined && descriptor.coalesce.place !== 'after'

/** Everything of a lane that was not sent, and shows what is erased. */
const isPending = ({ state }: Delivery): boolean =>
  state === 'planned' || state === 'waiting' || state === 'dead'

/** A worker or a person has it: its answer decides what becomes of it. */
const isUnderWay = ({ state }: Delivery): boolean => state === 'claimed' || state === 'begun'

/** One that was not delivered, but may have been applied. */
const isDoubtful = ({ doubtSince, exposed }: Delivery): boolean =>
  doubtSince !== undefined || exposed === true

/** Ends the key of a planned deletion, behind the key of what it deletes. */
const DELETION = '/removed'

/** Ends the key of a call that is planned again, unlike those of edits. */
const REWRITING = '/again'

/** The first suffix that no key of the lane has yet. */
const suffixFor = (own: readonly Delivery[]): string => {
  for (let turn = 1; ; turn++) {
    const suffix = `/f${turn}`
    if (!own.some(({ key }) => `${key}/`.includes(`${suffix}/`))) return suffix
  }
}

/** States of deliveries that no service ever saw. */
const NEVER_SENT: ReadonlySet<Delivery['state']> = new Set(['dropped', 'replaced'])

/** A lane whose card was made, or will be. */
const hasCard = (all: readonly Delivery[], dropping: ReadonlySet<string>): boolean =>
  all.some(({ sequence, state, key }) => sequence === 1 && !NEVER_SENT.has(state) && !dropping.has(key))

/** Edits that make the card show the session as it is without the texts: also where nothing but its start was recorded. */
const planEdits = (
  adapter: AnyAdapter,
  moments: readonly Moment[],
  suffix: string,
  links: readonly Link[],
): readonly Incoming[] => {
  const { event, session } = moments.at(-1) as Moment
  const payload = { decisionId: '', content: ERASED, alternatives: [], relatedEntities: [] }
  const shown = { ...event, type: 'decision', payload, erased: true } as SessionEvent<'decision'>
  const edits = planEvent(adapter, shown, session, suffix, links).filter(isEdit)
  // Hooks of an adapter's own may edit the card at other moments only.
  const all =
    edits.length > 0
      ? edits
      : summarize(adapter, moments, suffix).filter(each => each.sequence > 1 && isEdit(each))
  return all.map(each =>
    each.descriptor === undefined ? each : { ...each, descriptor: removePace(each.descriptor) },
  )
}

/** The call that deletes what a delivery left in the service, where the adapter has one. */
const planDeletion = (
  adapter: AnyAdapter,
  { key, action, sequence, descriptor }: Delivery,
): Incoming | undefined => {
  const make = adapter.removals?.[action]
  if (make === undefined || descriptor === undefined) return undefined
  try {
    const deletion = make(descriptor)({ key: `${key}${DELETION}`, config: adapter.config })
    checkDescriptor(deletion)
    return toIncoming(adapter, deletion, sequence)
  } catch {
    // A defect of the adapter must not keep texts in the store: the call is named as one that remains.
    return undefined
  }
}

/** The same call as its event plans it without its texts; `undefined` where it plans no such call. */
const replan = (
  adapter: AnyAdapter,
  moment: Moment | undefined,
  { key, action }: Delivery,
): Incoming | undefined => {
  if (moment === undefined) return undefined
  const suffix = key.split('/').slice(3)
  const planned = planEvent(adapter, moment.event, moment.session, suffix.map(part => `/${part}`).join(''))
  return planned.find(each => each.key === key && each.action === action)
}

/** A value that is set, such as the note of a blocked card, and that no later call set to another one. */
const isNewest = ({ descriptor, rank }: Delivery, own: readonly Delivery[]): boolean =>
  descriptor?.coalesce !== undefined &&
  !own.some(each => each.rank > rank && each.descriptor?.coalesce?.name === descriptor.coalesce?.name)

type TakenBack = Readonly<{
  deletions: readonly Incoming[]
  /** Calls that set the same value again, without the texts. */
  rewrites: readonly Incoming[]
  remaining: readonly Delivery[]
}>

/** Finds out how each call that was sent with the texts is taken back, and which are not. */
const takeBack = (
  adapter: AnyAdapter,
  moments: ReadonlyMap<number, Moment>,
  own: readonly Delivery[],
  sent: readonly Delivery[],
  edits: readonly Incoming[],
  suffix: string,
  underWay: ReadonlySet<string>,
): TakenBack => {
  const deletions: Incoming[] = []
  const rewrites: Incoming[] = []
  const remaining: Delivery[] = []
  const edited = edits.flatMap(({ descriptor }) => descriptor ?? [])
  const isEdited = ({ coalesce }: Descriptor): boolean =>
    coalesce !== undefined && edited.some(each => each.coalesce?.name === coalesce.name)
  for (const each of sent) {
    const { descriptor, sequence } = each
    if (descriptor === undefined) continue
    const bare = replan(adapter, moments.get(sequence), each)
    if (bare?.descriptor === undefined) {
      // A state such as a column holds no text of a session.
      if (descriptor.coalesce?.place === 'after') continue
      // An edit that showed a link is planned for no event; it is written over like any other.
      if (isEdited(descriptor)) continue
    } else {
      const places = textsIn(descriptor, bare.descriptor)
      // An edit writes over what the start made, and over edits before it; each entry stays.
      const isCard = sequence === 1 || isEdited(descriptor)
      if (places.length === 0 || (isCard && isCovered(places, edited))) continue
      if (isNewest(each, own)) {
        const key = `${each.key}${suffix}${REWRITING}`
        rewrites.push({ ...bare, key, descriptor: { ...bare.descriptor, key } })
        continue
      }
      // A later call of the same name wrote over it.
      if (descriptor.coalesce !== undefined && descriptor.coalesce.keep !== true) continue
    }
    const deletion = isDoubtful(each) || underWay.has(each.key) ? undefined : planDeletion(adapter, each)
    if (deletion === undefined) remaining.push(each)
    else deletions.push(deletion)
  }
  return { deletions, rewrites, remaining }
}

/** Names of captures that the store keeps and that have words of the erased texts, by the key of the call they came from. */
type Kept = ReadonlyMap<string, Readonly<{ adapter: string; names: readonly string[] }>>

const describeKept = (names: readonly string[]): string =>
  `The store keeps its ${names.join(' and ')} with words of the texts, as later calls need it; prune removes it with the session.`

const describeRemaining = ({ adapter, key, action, state }: Delivery, kept: Kept) => {
  const sent = `${state === 'delivered' ? 'It was sent' : 'It may have been sent'} to ${adapter}. Remove it there; a secret in it is no longer secret.`
  const names = kept.get(key)?.names
  return { adapter, key, action, todo: names === undefined ? sent : `${sent} ${describeKept(names)}` }
}

/** Finds captures such as the path of a note that was named after its goal. */
const findKept = async (
  { store, adapters }: RecorderContext,
  sessionId: string,
  before: readonly SessionEvent[],
  after: readonly SessionEvent[],
  session: Session,
): Promise<Kept> => {
  const hasErased = findErasedWords(before, [after, session.title])
  const kept = new Map<string, { adapter: string; names: string[] }>()
  for (const { adapter, name, value, key } of await store.listCaptures(sessionId))
    if (hasErased(value, [adapter, name, adapters.get(adapter)?.config])) {
      const known = kept.get(key) ?? { adapter, names: [] }
      kept.set(key, { adapter, names: [...known.names, name] })
    }
  return kept
}

/**
 * Erases the texts of a session or of one event: in the store at once, in deliveries that were not sent by dropping them,
 * on cards by planning an edit, and in the service by planning deletions where the adapter has them. Texts that were sent
 * and that none of these takes back are listed. A card that was not sent yet is dropped too; `recreateCard` makes it again.
 * Other processes show what they hold in memory until they read the session again. A delivery under way keeps its texts: its
 * key is in `underWay`, and a later call erases it. `rewritten` of an earlier call is kept as it is: it has no such texts.
 */
export const erase = (
  parts: RecorderContext,
  sessionId: string,
  eventId?: string,
  rewritten: readonly string[] = [],
): Promise<Erased> =>
  retryConflicts(parts, sessionId, async () => {
    const live = await loadSession(parts, sessionId, true)
    const events = await eventsOf(parts, sessionId)
    const erased = events.filter(({ id }) => eventId === undefined || id === eventId)
    if (erased.length === 0)
      throw invalidInput({
        field: 'forget.eventId',
        problem: `unknown event ${JSON.stringify(eventId)}`,
        expected: 'the id of an event of this session',
      })
    const targets = new Set(erased.map(({ id }) => id))
    const after = events.map((event): SessionEvent => (targets.has(event.id) ? eraseEvent(event) : event))
    const moments = [...replay(after)]
    const session = moments.at(-1)?.session as Session
    const { updates: _, decisions: __, entities: ___, blockers: ____, ...summary } = session
    const from = erased[0]?.sequence ?? 1
    const all = await parts.store.list({ lane: sessionId, limit: ALL })
    // Direct calls (sequence 0) belong to the session as a whole.
    const belongs = ({ key, sequence }: Delivery): boolean =>
      sequence === 0 ? eventId === undefined : targets.has(key.slice(0, key.indexOf('/')))
    const isOurs = ({ key }: Delivery): boolean => key.endsWith(DELETION) || rewritten.includes(key)
    const shown = all.filter(
      each => !isOurs(each) && (belongs(each) || (each.sequence >= from && isEdit(each))),
    )
    const dropping = shown.filter(isPending).map(({ key }) => key)
    const moved = dropping.length === 0 ? [] : await parts.store.move(dropping, { kind: 'drop' })
    // A worker may have claimed one since it was listed.
    const isDropped = ({ key, asked, refused }: Moved): boolean => refused === undefined && key === asked
    const dropped = new Set(moved.filter(isDropped).map(({ key }) => key))
    const underWay = new Set([
      ...shown.filter(isUnderWay).map(({ key }) => key),
      ...dropping.filter(key => !dropped.has(key)),
    ])
    const sent = shown.filter(
      each => !NEVER_SENT.has(each.state) && (!dropped.has(each.key) || isDoubtful(each)),
    )
    // With its start, the session loses its links to other cards: nothing should lead to it any more.
    const links = targets.has(events[0]?.id ?? '') ? [] : live.links
    const edited: string[] = []
    const deleting: string[] = []
    const planned: string[] = []
    const rewrites: string[] = [...rewritten]
    const remaining: Delivery[] = []
    for (const name of new Set([...live.through.keys(), ...sent.map(each => each.adapter)])) {
      const adapter = parts.adapters.get(name)
      const own = all.filter(each => each.adapter === name)
      const ours = sent.filter(each => each.adapter === name)
      if (adapter === undefined) {
        remaining.push(...ours.filter(each => each.descriptor !== undefined))
        continue
      }
      const refs = live.refs.get(name)
      const seen = moments.map(each => ({ ...each, session: withRefsOf(each.session, name, refs) }))
      const suffix = suffixFor(own)
      const edits = hasCard(own, dropped) ? planEdits(adapter, seen, suffix, links) : []
      const bySequence = new Map(seen.map(each => [each.event.sequence, each]))
      const back = takeBack(adapter, bySequence, own, ours, edits, suffix, underWay)
      remaining.push(...back.remaining)
      if (edits.length > 0) edited.push(name)
      deleting.push(...back.deletions.map(({ key }) => key))
      const deliveries = [...back.deletions, ...back.rewrites, ...edits]
      if (deliveries.length === 0) continue
      planned.push(...deliveries.map(({ key }) => key))
      rewrites.push(...back.rewrites.map(({ key }) => key))
      const lanes = [{ adapter: name, lane: sessionId, deliveries }]
      announce(parts, lanes, await parts.store.commit({ events: [], lanes }))
    }
    // Last, so that a process that ends before leaves the texts by which a second call plans the same.
    await parts.store.erase(sessionId, {
      summary,
      events: after.filter(({ id }) => targets.has(id)),
      // A request under way stays whole, so that the call that erases it can tell how to take it back.
      keys: shown.flatMap(({ key }) => (underWay.has(key) ? [] : [key])),
    })
    parts.cache.delete(sessionId)
    const kept = await findKept(parts, sessionId, erased, after, session)
    const alone = all.filter(({ key }) => kept.has(key) && !remaining.some(each => each.key === key))
    return {
      events: erased.length,
      edited,
      dropped: [...dropped],
      deleting,
      remaining: [
        ...remaining.map(each => describeRemaining(each, kept)),
        ...alone.map(({ adapter, key, action }) => ({
          ...{ adapter, key, action },
          todo: describeKept(kept.get(key)?.names ?? []),
        })),
      ],
      underWay: [...underWay],
      planned,
      rewritten: rewrites,
    }
  })
