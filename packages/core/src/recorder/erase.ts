import type { Delivery, Incoming, Moved } from '../delivery/model.ts'
import { eraseEvent } from '../session/erase.ts'
import type { SessionEvent } from '../session/events.ts'
import { invalidInput } from '../session/message.ts'
import type { Session } from '../session/session.ts'
import type { Erased } from './calls.ts'
import type { RecorderContext } from './context.ts'
import { findErasedWords } from './kept-captures.ts'
import { eventsOf, loadSession, replay, withRefsOf } from './live-session.ts'
import { announce, retryConflicts } from './record.ts'
import {
  DELETION,
  hasCard,
  isDoubtful,
  isEdit,
  isPending,
  isUnderWay,
  NEVER_SENT,
  planEdits,
  suffixFor,
  takeBack,
} from './take-back.ts'

/** More than any session has; a bound all the same. */
const ALL = 100_000

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
    // With its start, the session loses its links to other cards: nothing should lead to it any more.
    const links = targets.has(events[0]?.id ?? '') ? [] : live.links
    const planned: string[] = []
    const replaced = new Set<string>()
    const commit = async (adapter: string, deliveries: readonly Incoming[]): Promise<void> => {
      if (deliveries.length === 0) return
      const lanes = [{ adapter, lane: sessionId, deliveries }]
      const placed = await parts.store.commit({ events: [], lanes })
      planned.push(...deliveries.map(({ key }) => key))
      for (const each of placed) for (const key of each.replaced) replaced.add(key)
      announce(parts, lanes, placed)
    }
    const names = new Set([...live.through.keys(), ...shown.map(({ adapter }) => adapter)])
    const scenes = [...names].flatMap(name => {
      const adapter = parts.adapters.get(name)
      if (adapter === undefined) return []
      const own = all.filter(each => each.adapter === name)
      const refs = live.refs.get(name)
      const seen = moments.map(each => ({ ...each, session: withRefsOf(each.session, name, refs) }))
      return [{ name, adapter, own, seen, suffix: suffixFor(own) }]
    })
    const edits = new Map<string, readonly Incoming[]>()
    const edit = async (gone: ReadonlySet<string>): Promise<void> => {
      for (const { name, adapter, own, seen, suffix } of scenes) {
        if (edits.has(name) || !hasCard(own, gone)) continue
        const made = planEdits(adapter, seen, suffix, links)
        edits.set(name, made)
        await commit(name, made)
      }
    }
    // They take the places of edits that wait: a process that ends before the others are dropped leaves no card without its
    // newest state and its links.
    await edit(new Set(dropping))
    const asked = dropping.filter(key => !replaced.has(key))
    const moved = asked.length === 0 ? [] : await parts.store.move(asked, { kind: 'drop' })
    // A worker may have claimed one since it was listed.
    const isDropped = ({ key, asked, refused }: Moved): boolean => refused === undefined && key === asked
    const dropped = new Set([
      ...dropping.filter(key => replaced.has(key)),
      ...moved.filter(isDropped).map(({ key }) => key),
    ])
    await edit(dropped)
    const underWay = new Set([
      ...shown.filter(isUnderWay).map(({ key }) => key),
      ...dropping.filter(key => !dropped.has(key)),
    ])
    const sent = shown.filter(
      each => !NEVER_SENT.has(each.state) && (!dropped.has(each.key) || isDoubtful(each)),
    )
    const deleting: string[] = []
    const rewrites: string[] = [...rewritten]
    const known = new Set(scenes.map(({ name }) => name))
    const remaining = sent.filter(each => !known.has(each.adapter) && each.descriptor !== undefined)
    for (const { name, adapter, own, seen, suffix } of scenes) {
      const ours = sent.filter(each => each.adapter === name)
      const bySequence = new Map(seen.map(each => [each.event.sequence, each]))
      const back = takeBack(adapter, bySequence, own, ours, edits.get(name) ?? [], suffix, underWay)
      remaining.push(...back.remaining)
      deleting.push(...back.deletions.map(({ key }) => key))
      rewrites.push(...back.rewrites.map(({ key }) => key))
      await commit(name, [...back.deletions, ...back.rewrites])
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
      edited: [...edits].flatMap(([name, made]) => (made.length === 0 ? [] : [name])),
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
