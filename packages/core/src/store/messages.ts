import type { SessionEvent } from '../session/events.ts'
import type { MessagePage } from './sessions.ts'

/** An event with the content of its message, which a store keeps apart; without one, as erased. */
export const withContent = (event: SessionEvent, content: string | null | undefined): SessionEvent => {
  if (event.type !== 'message') return event
  return typeof content === 'string'
    ? { ...event, payload: { ...event.payload, content } }
    : { ...event, erased: true }
}

/** Where a page of messages ends: the place of its last one. */
export type MessagePlace = Readonly<{
  /** When it happened, an ISO time. */
  at: string
  /** Its place in its session, from 1. */
  sequence: number
  /** Id of its event. */
  eventId: string
}>

/** The place that a cursor names; `undefined` stands for the first page. */
export const readCursor = (cursor: string | undefined): MessagePlace | undefined => {
  const [, at, sequence, eventId = ''] = /^([^/]*)\/(\d+)\/(.*)$/s.exec(cursor ?? '') ?? []
  return at === undefined ? undefined : { at, sequence: Number(sequence), eventId }
}

/** The page of at most `limit` messages, of which a store found these, newest first: one more where others come behind them. */
export const pageOf = (found: readonly SessionEvent<'message'>[], limit: number): MessagePage => {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    messages: page.map(({ id: eventId, sessionId, time, at, payload }) => ({
      ...{ eventId, sessionId, time, at },
      ...payload,
    })),
    ...(last !== undefined && found.length > limit
      ? { cursor: `${last.at}/${last.sequence}/${last.id}` }
      : {}),
  }
}
