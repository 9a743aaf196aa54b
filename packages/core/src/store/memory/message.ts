import { noSession } from '../../session/errors.ts'
import type { SessionEvent } from '../../session/events.ts'
import type { Erasure, KnownKey, MessageFilter, MessagePage } from '../contract.ts'
import { type MessagePlace, pageOf, readCursor, withContent } from '../messages.ts'
import { copy, type Memory } from './data.ts'

/** Events of a session with a sequence above `after`, in order. */
export const events = (memory: Memory, sessionId: string, after: number): readonly SessionEvent[] =>
  (memory.events.get(sessionId) ?? [])
    .slice(after)
    .map(event => withContent(event, memory.messages.get(event.id)))

/** Keeps an event, and the content of a message apart from it. */
export const addEvent = (memory: Memory, event: SessionEvent): void => {
  const kept = copy(event)
  const before = memory.events.get(event.sessionId)
  if (kept.type === 'message') memory.messages.set(kept.id, kept.payload.content)
  const bare: SessionEvent =
    kept.type === 'message' ? { ...kept, payload: { ...kept.payload, content: '' } } : kept
  if (before === undefined) memory.events.set(event.sessionId, [bare])
  else before.push(bare)
}

/** The event of a session that was recorded with a key. */
export const findKey = (memory: Memory, sessionId: string, eventId: string): KnownKey | undefined => {
  const digest = memory.keys.get(`${sessionId}\n${eventId}`)
  const event = events(memory, sessionId, 0).find(({ id }) => id === eventId)
  return digest === undefined || event === undefined ? undefined : { event, digest }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const placeOf = ({ at, sequence, id }: SessionEvent): MessagePlace => ({ at, sequence, eventId: id })

/** The newest first. Messages of one moment stand as their session has them: ids made of keys tell nothing of their order. */
const older = (a: MessagePlace, b: MessagePlace): number =>
  compare(b.at, a.at) || b.sequence - a.sequence || compare(b.eventId, a.eventId)

/** Messages that fit, newest first; the cursor is the place behind the last one given. */
export const messages = (memory: Memory, filter: MessageFilter): MessagePage => {
  const { sessionId, project, role, since, cursor, limit = 100 } = filter
  const place = readCursor(cursor)
  const fits = (event: SessionEvent): event is SessionEvent<'message'> =>
    event.type === 'message' &&
    event.erased !== true &&
    (role === undefined || event.payload.role === role) &&
    (since === undefined || Date.parse(event.at) >= since) &&
    (place === undefined || older(place, placeOf(event)) < 0)
  const found = [...memory.sessions.values()].flatMap(({ summary }) =>
    (sessionId === undefined || summary.id === sessionId) &&
    (project === undefined || summary.project === project)
      ? events(memory, summary.id, 0).filter(fits)
      : [],
  )
  return pageOf(
    found.sort((a, b) => older(placeOf(a), placeOf(b))),
    limit,
  )
}

/** Removes the content of messages stored before a time; answers of how many. */
export const pruneMessages = (memory: Memory, before: number): number => {
  let count = 0
  for (const all of memory.events.values())
    for (const event of all)
      if (event.type === 'message' && Date.parse(event.time) < before && memory.messages.delete(event.id))
        count++
  return count
}

/** Writes events without their texts over the stored ones. Throws `NO_SUCH_SESSION`. */
export const erase = (memory: Memory, sessionId: string, { summary, events: over, keys }: Erasure): void => {
  const stored = memory.sessions.get(sessionId)
  const all = memory.events.get(sessionId)
  if (stored === undefined || all === undefined) throw noSession(sessionId, 'memory')
  memory.sessions.set(sessionId, { ...stored, summary: copy(summary) })
  for (const event of over) {
    memory.messages.delete(event.id)
    all[event.sequence - 1] = copy(event)
  }
  for (const key of keys) {
    const delivery = memory.deliveries.get(key)
    if (delivery?.state !== 'delivered' && delivery?.state !== 'dropped') continue
    // A reason may quote the text that the service refused.
    const { descriptor: _, reason: __, ...bare } = delivery
    memory.deliveries.set(delivery.key, bare)
  }
}
