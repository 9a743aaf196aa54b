import {
  card,
  cardHooks,
  type Descriptor,
  entry,
  fieldsOf,
  type Hooks,
  type Session,
  type SessionEvent,
  type Step,
  step,
} from '@sessionwire/core/adapter'
import { editing, post, posting, postWebhook, readAddress } from './actions/message.ts'
import type { SlackConfig, SlackWebhookConfig } from './config.ts'
import { cardContent, entryContent, exportContent } from './text.ts'

const thread = { $ref: 'thread' } as const

const MESSAGE =
  /^https:\/\/[\w.-]+\/archives\/([CGD][A-Z0-9]{8,})\/p(\d{10})(\d{6})(?:\?(?:.*&)?thread_ts=(\d{10}\.\d{6})(?:[&#].*)?|\?.*)?$/s

/**
 * The `ts` of a thread, also from the address that "Copy link" gives of its first message or of a reply, which names the
 * thread behind the `?`; not of a message of another channel, whose number may be that of another message here.
 */
export const readThread = (value: string, { channel }: Pick<SlackConfig, 'channel'>): string | undefined => {
  if (/^\d{10}\.\d{6}$/.test(value)) return value
  const [, where, seconds, rest, thread] = MESSAGE.exec(value) ?? []
  return where === channel ? (thread ?? `${seconds}.${rest}`) : undefined
}

type Posting = Parameters<typeof posting>[1]
const postEntry = (name: string, message: Posting): Step<SlackConfig> =>
  step('postEntry', at => posting(name, { thread, ...message }, at))

/** Deletes a message that was posted, in the channel it was posted to. */
export const removeMessage = (sent: Descriptor): Step<SlackConfig> =>
  step('deleteMessage', ({ config }) => {
    const { channel } = fieldsOf(sent.payload ?? null)
    const [ts = ''] = Object.keys(sent.captures ?? {})
    return {
      ...post(config, 'chat.delete', { channel: channel ?? config.channel, ts: { $ref: ts } }),
      repeat: 'safe',
    }
  })

/** The hooks of a bot: a root message that is edited; in a thread that was there before, a reply that is edited. */
export const hooks = cardHooks<SlackConfig>({
  // Slack accepts any text as a thread, and then does not show the reply.
  linked: {
    ref: 'thread',
    read: readThread,
    expected:
      "the ts of a thread's first message, such as 1503435956.000247, or its address in the configured channel",
  },
  create: ({ session, event, card, url, linked }) => {
    const message = { content: cardContent(card, url), about: { session, event } }
    return [
      step('postCard', at =>
        linked === undefined ? posting('thread', message, at) : posting('card', { ...message, thread }, at),
      ),
    ]
  },
  edit: ({ card, url, linked }) => [
    step('editCard', ({ config }) =>
      editing(cardContent(card, url), linked === undefined ? thread : { $ref: 'card' }, config),
    ),
  ],
  links: 'card',
  locate: ({ linked }) => [readAddress(linked === undefined ? thread : { $ref: 'card' })],
  entry: (entry, { session, event, config }) => [
    postEntry(`entry.${event.sequence}`, {
      content: entryContent(entry),
      about: { session, event },
      broadcast: event.type === 'close' && config.broadcastSummary,
    }),
  ],
  more: {
    export: ({ session, event }) => [
      postEntry(`entry.${event.sequence}`, {
        content: exportContent(event.payload.format, event.payload.content),
        about: { session, event },
      }),
    ],
  },
})

/** The content that a webhook posts: the card at start and close, else the entry below the title of its session. */
const contentOf = (event: SessionEvent, session: Session, url: string | undefined) => {
  if (event.type === 'start' || event.type === 'close') return cardContent(card(session), url)
  const found = entry(event, session)
  return found === undefined ? undefined : entryContent(found, session.title)
}

const planPost = (_: unknown, session: Session, event: SessionEvent, config: SlackWebhookConfig) => {
  // A session that was left can be resumed, so it has not ended for those who read the channel.
  const isLeft = event.type === 'close' && (event.payload.end as string) === 'left'
  if (isLeft || !(config.post as readonly string[]).includes(event.type)) return []
  const content = contentOf(
    event,
    session,
    config.sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id)),
  )
  return content === undefined ? [] : [postWebhook(content)]
}

/** The hooks of a webhook: none of its messages can be found, answered or edited. */
export const webhookHooks: Hooks<SlackWebhookConfig> = Object.fromEntries(
  ['start', 'update', 'decision', 'blocker', 'resolve', 'close', 'resume'].map(hook => [hook, planPost]),
)
