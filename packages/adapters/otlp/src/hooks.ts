import type { Hook, Hooks, Session, SessionEvent } from '@sessionwire/core/adapter'
import { sendLink, sendLog, sendTrace } from './actions.ts'
import type { OtlpConfig } from './config.ts'

/** Events that are sent as log records. Messages and exports are not: they are content and nothing else. */
const LOGGED = [
  'start',
  'update',
  'decision',
  'entity',
  'blocker',
  'resolve',
  'close',
  'resume',
] satisfies Hook[]

const planEvent = (_: unknown, session: Session, event: SessionEvent, config: OtlpConfig) => [
  ...(config.signals === 'traces' ? [] : [sendLog(event, session)]),
  ...(config.signals === 'logs' ? [] : sendTrace(event, session, config)),
]

/** One log record for each event and each link, and the spans of what it ends. */
export const hooks: Hooks<OtlpConfig> = {
  ...Object.fromEntries(LOGGED.map(hook => [hook, planEvent])),
  linked: (change, session, event, { signals }) =>
    signals === 'traces' ? [] : [sendLink(change, session, event)],
}
