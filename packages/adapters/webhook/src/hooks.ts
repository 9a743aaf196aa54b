import type { Hooks, Session, SessionEvent } from '@sessionwire/core/adapter'
import { sendSessionEvent } from './actions.ts'
import type { WebhookConfig } from './config.ts'
import { eventData, sessionData } from './text.ts'

const planEvent = (_: unknown, session: Session, event: SessionEvent, { sessionUrl }: WebhookConfig) => [
  sendSessionEvent({
    id: event.id,
    // Each session is a source of its own, as `sequence` orders the events of one source.
    source: `urn:sessionwire:session:${encodeURIComponent(session.id)}`,
    type: `sessionwire.session.${event.type}`,
    subject: session.id,
    time: event.time,
    sequence: String(event.sequence).padStart(10, '0'),
    data: {
      session: sessionData(session, sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id))),
      event: eventData(event),
    },
  }),
]

/** One request for each event that `events` names. */
export const hooks = ({ events }: WebhookConfig): Hooks<WebhookConfig> =>
  Object.fromEntries(events.map(hook => [hook, planEvent]))
