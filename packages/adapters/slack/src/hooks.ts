import {
  type Card,
  card,
  entry,
  type Hooks,
  handedOver,
  type Session,
  type SessionEvent,
  type Step,
  TrackerError,
} from '@sessionwire/core/adapter'
import { editing, hooking, posting } from './actions.ts'
import type { SlackConfig } from './config.ts'
import { cardMessage, entryMessage, exportMessage, type Message } from './text.ts'

type Steps = readonly Step<SlackConfig>[]

const thread = { $ref: 'thread' } as const

/** Cards of a busy session are edited this often at most. */
const EVERY_MS = 5_000

const shown = (session: Session, config: SlackConfig): Message =>
  cardMessage(
    card(session) satisfies Card,
    config.sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id)),
  )

/** The thread handed over to this adapter, if one was. Slack takes any text for one and shows the reply to nobody. */
const adopted = (session: Session, config: SlackConfig): boolean => {
  const ts = handedOver(session, config.as, 'thread')
  if (ts === undefined) return false
  if (/^\d{10}\.\d{6}$/.test(ts)) return true
  const field = `refs.${config.as}.thread`
  throw new TrackerError(
    'INVALID_INPUT',
    `start: ${field}: must be the ts of a thread's first message, such as 1503435956.000247, not "${ts.slice(0, 80)}".`,
    { field },
  )
}

/** The root message; in a thread that was there before, a reply to it, which is edited instead. */
const makeCard = (session: Session, config: SlackConfig): Steps => [
  at => ({
    key: at.key,
    action: 'postCard',
    ...posting(
      adopted(session, config)
        ? { message: shown(session, config), keepAs: 'card', thread }
        : { message: shown(session, config), keepAs: 'thread' },
      at,
    ),
  }),
]

const editCard = (session: Session, config: SlackConfig): Steps => [
  at => ({
    key: at.key,
    action: 'editCard',
    ...editing(
      { message: shown(session, config), ts: adopted(session, config) ? { $ref: 'card' } : thread },
      at,
    ),
    coalesce: { name: 'card', everyMs: EVERY_MS },
  }),
]

const reply = (message: Message | undefined, { sequence }: SessionEvent, broadcast = false): Steps =>
  message === undefined
    ? []
    : [
        at => ({
          key: at.key,
          action: 'postEntry',
          ...posting(
            { message, keepAs: `entry.${sequence}`, thread, ...(broadcast ? { broadcast: true } : {}) },
            at,
          ),
        }),
      ]

const entryOf = (event: SessionEvent, session: Session): Message | undefined => {
  const found = entry(event, session)
  return found === undefined ? undefined : entryMessage(found)
}

type Told = (payload: unknown, session: Session, event: SessionEvent, config: SlackConfig) => Steps

/** What is said below the card, and then shown on it. */
const told: Told = (_, session, event, config) => [
  ...reply(entryOf(event, session), event),
  ...editCard(session, config),
]

/** Which hook makes which calls, with a bot. */
export const hooks: Hooks<SlackConfig> = {
  start: (_, session, _event, config) => makeCard(session, config),
  update: (_, session, event, config) => [
    ...(config.updates === 'each' ? reply(entryOf(event, session), event) : []),
    ...(config.updates === 'off' ? [] : editCard(session, config)),
  ],
  decision: told,
  blocker: told,
  resolve: told,
  resume: told,
  close: (_, session, event, config) => [
    ...reply(entryOf(event, session), event, config.broadcastSummary),
    ...editCard(session, config),
  ],
  export: ({ format, content }, _, event) => reply(exportMessage(format, content), event),
}

const hooked = (message: Message): Steps => [
  at => ({ key: at.key, action: 'postWebhook', ...hooking(message, at) }),
]

/** Which hook makes which calls, with a webhook: nothing it posts can be found, answered or edited. */
export const webhookHooks: Hooks<SlackConfig> = {
  start: (_, session, _event, config) => hooked(shown(session, config)),
  close: (_, session, _event, config) => hooked(shown(session, config)),
}
