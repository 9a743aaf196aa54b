import {
  type Hooks,
  type LinkHook,
  type Session,
  type SessionEvent,
  uuidFrom,
} from '@sessionwire/core/adapter'
import { sendSessionEvent } from './actions.ts'
import type { WebhookConfig } from './config.ts'
import { eventData, sessionData } from './text.ts'

/** Each session is a source of its own, as `sequence` orders the events of one source. */
const sourceOf = ({ id }: Session): string => `urn:sessionwire:session:${encodeURIComponent(id)}`
const addressOf = ({ id }: Session, sessionUrl: string | undefined): string | undefined =>
  sessionUrl?.replaceAll('{id}', encodeURIComponent(id))

const planEvent = (_: unknown, session: Session, event: SessionEvent, { sessionUrl }: WebhookConfig) => [
  sendSessionEvent({
    id: event.id,
    source: sourceOf(session),
    type: `sessionwire.session.${event.type}`,
    subject: session.id,
    time: event.time,
    sequence: String(event.sequence).padStart(10, '0'),
    data: {
      session: sessionData(session, addressOf(session, sessionUrl)),
      event: eventData(event),
    },
  }),
]

/** A card of the session became known in another service, or was made again. It has no place in the order of events. */
const planLink: LinkHook<WebhookConfig> = ({ link, former }, session, _, { sessionUrl }) => [
  at =>
    sendSessionEvent({
      id: uuidFrom(at.key),
      source: sourceOf(session),
      type: 'sessionwire.session.linked',
      subject: session.id,
      data: {
        session: sessionData(session, addressOf(session, sessionUrl)),
        link,
        ...(former === undefined ? {} : { former }),
      },
    })(at),
]

/** One request for each event that `events` names. */
export const hooks = ({ events }: WebhookConfig): Hooks<WebhookConfig> => {
  const all = Object.fromEntries(events.map(hook => [hook, planEvent]))
  return events.includes('linked') ? { ...all, linked: planLink } : all
}
