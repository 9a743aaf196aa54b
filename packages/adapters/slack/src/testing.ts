/**
 * A hostile Slack for tests: it behaves like the Web API and its webhooks, and fails on order.
 * @module slack/testing
 */
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type Host,
  type HostileServer,
  type Received,
  segments,
} from '@sessionwire/core/testing'
import { argumentsOf, type Given } from './testing/arguments.ts'
import { blocksFault, isFields, liveIn } from './testing/blocks.ts'
import { METHODS } from './testing/methods.ts'
import type { Said } from './testing/scene.ts'
import { type SlackChannel, type SlackMessage, world } from './testing/world.ts'

export type { SlackChannel, SlackMessage } from './testing/world.ts'

/** Every scope the hostile Slack knows. */
export const SCOPES: readonly string[] = [
  ...['chat:write', 'channels:history', 'channels:read', 'reactions:write', 'pins:write', 'bookmarks:write'],
  'users:read.email',
]

/** How the hostile Slack is set up. */
export type HostileSlackOptions = Readonly<{
  /** The bot's token. Default `xoxb-test`. */
  token?: string
  /** Default: all of `SCOPES`. `chat:write.public` lets the bot post where it is not a member. */
  scopes?: readonly string[]
  /** Default: `C0123456789`, called `billing`, with the bot in it. */
  channels?: readonly SlackChannel[]
  /** Longest page of history. Default 15. */
  pageMax?: number
  /** Epoch ms; default `Date.now`. */
  now?: () => number
  /** For failures by chance. Default 1. */
  seed?: number
}>

/** Something in a message that would notify a person or be a link. */
export type Live = Readonly<{
  /** Of the message. */
  ts: string
  /** The mention or link as it stands in the text, or the block of one as JSON. */
  what: string
}>

/** A hostile Slack and what can be read of it. */
export interface HostileSlack extends HostileServer {
  /** For the adapter's `baseUrl`. */
  readonly api: string
  /** The bot's, which it lets in. */
  readonly token: string
  /** Address of the webhook: a secret. */
  readonly webhook: string
  /** Every message that is kept, oldest first, also those that no person sees. */
  messages(): readonly SlackMessage[]
  /** Messages that people see in a channel, oldest first. */
  roots(channel?: string): readonly SlackMessage[]
  /** Messages that people see in a thread, oldest first, without its root. */
  replies(ts: string, channel?: string): readonly SlackMessage[]
  /** Everything that would have notified a person or been a link. */
  live(): readonly Live[]
  /** Every bookmark that was added, oldest first. */
  bookmarks(): readonly Readonly<{
    /** Id of the channel. */
    channel: string
    /** As people see it. */
    title: string
    /** Where it leads. */
    link: string
  }>[]
  /** A person deletes a message. */
  deleteByHand(ts: string, channel?: string): void
  /** A person writes a message, or a reply. */
  writeByHand(text: string, thread?: string): string
  /** A person archives a channel. */
  archive(channel?: string): void
  /** Pages of one item from now on, or whole ones again. */
  shortPages(on: boolean): void
  /** Takes a scope from the token. */
  revoke(scope: string): void
}

const HOME: SlackChannel = {
  id: 'C0123456789',
  name: 'billing',
  private: false,
  archived: false,
  member: true,
}
const WEBHOOK = '/services/T012AB3CD/B012AB3CD/hookkey'

const plainly = (status: number, text: string): Answer => ({ status, text })

const answerOf = (said: Said, warning: string | undefined): Answer => {
  if ('ok' in said)
    return { status: 200, body: { ok: true, ...said.ok, ...(warning === undefined ? {} : { warning }) } }
  const { error, messages = [], more = {} } = said
  const details = messages.length === 0 ? {} : { errors: messages, response_metadata: { messages } }
  return {
    status: 200,
    body: { ok: false, error, ...details, ...more },
    headers: { 'x-slack-failure': error },
  }
}

/** Starts a hostile Slack. */
export const hostileSlack = async (options: HostileSlackOptions = {}): Promise<HostileSlack> => {
  const { token = 'xoxb-test', channels = [HOME], pageMax = 15, now = Date.now } = options
  const scopes = new Set(options.scopes ?? SCOPES)
  const place = world(channels, now)
  const live: Live[] = []
  const home = channels[0]?.id ?? HOME.id
  let short = false

  const watch = (given: Given, method: string, ts: string): void => {
    const found = [...liveIn(String(given.text ?? ''), given.blocks)]
    // On update the default is `client`, which looks for names and channels in the text.
    const loose = given.parse !== 'none' && (method === 'chat.update' || given.parse !== undefined)
    if (loose) found.push(`parse: ${String(given.parse)}`)
    if (given.link_names === true) found.push('link_names')
    live.push(...found.map(what => ({ ts, what })))
  }

  const refusal = (method: string, request: Received): string | undefined => {
    const proof = request.headers.authorization
    if (proof === undefined) return 'not_authed'
    if (proof !== `Bearer ${token}`) return 'invalid_auth'
    return Object.hasOwn(METHODS, method) ? undefined : 'unknown_method'
  }

  const api = (name: string, request: Received, host: Host): Answer => {
    const refused = refusal(name, request)
    if (refused !== undefined) return answerOf({ error: refused }, undefined)
    const method = METHODS[name]
    const read = argumentsOf(name, request)
    if ('error' in read) return answerOf(read, undefined)
    if (method === undefined) return answerOf({ error: 'unknown_method' }, undefined)
    const { scope } = method
    if (scope !== undefined && !scopes.has(scope))
      return answerOf(
        { error: 'missing_scope', more: { needed: scope, provided: [...scopes].join(',') } },
        undefined,
      )
    const said = method.run({ world: place, host, scopes, pageMax, short: () => short }, read.given)
    if ('ok' in said && typeof said.ok.ts === 'string') watch(read.given, name, said.ok.ts)
    return answerOf(said, read.warning)
  }

  const postWebhook = (request: Received, host: Host): Answer => {
    if (request.encoding !== 'json' || !isFields(request.body)) return plainly(400, 'invalid_payload')
    const given = request.body as Readonly<Record<string, Json>>
    if (place.channels.get(home)?.archived === true) return plainly(410, 'channel_is_archived')
    const { text, blocks, attachments } = given
    if ((text === undefined || text === '') && blocks === undefined && attachments === undefined)
      return plainly(400, 'no_text')
    const wrong = blocks === undefined ? undefined : blocksFault(blocks)
    if (wrong !== undefined) return plainly(400, wrong.error)
    const ts = place.nextTs()
    place.put({
      ts,
      channel: home,
      text: String(text ?? ''),
      ...(blocks === undefined ? {} : { blocks }),
      broadcast: false,
      edits: 0,
      reactions: [],
      pinned: false,
      by: 'webhook',
    })
    watch(given, 'webhook', ts)
    host.effect('message', request.raw, ts)
    return plainly(200, 'ok')
  }

  const handle = (request: Received, host: Host): Answer => {
    const method = segments('/api/:method', request.path)?.method
    if (method !== undefined) return api(method, request, host)
    if (!request.path.startsWith('/services/')) return plainly(404, 'not found')
    return request.path === WEBHOOK && request.method === 'POST'
      ? postWebhook(request, host)
      : plainly(404, 'no_service')
  }
  const ofApi = (request: Received) => request.path.startsWith('/api/')

  const server = await createHostileServer({
    name: 'Slack',
    handle,
    now,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    voice: {
      tooManyRequests: (request, seconds) => ({
        ...(ofApi(request) ? answerOf({ error: 'ratelimited' }, undefined) : plainly(429, 'rate_limited')),
        status: 429,
        headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
      }),
      broken: request =>
        ofApi(request)
          ? { ...answerOf({ error: 'internal_error' }, undefined), status: 500 }
          : plainly(500, 'rollup_error'),
      inside: (_, word = 'fatal_error') => answerOf({ error: word }, undefined),
    },
  })
  return {
    ...server,
    api: `${server.url}/api`,
    token,
    webhook: `${server.url}${WEBHOOK}`,
    messages: () => [...place.messages.values()],
    roots: (channel = home) => place.rootsOf(channel).filter(message => message.thread === undefined),
    replies: (ts, channel = home) => place.repliesOf(channel, ts),
    live: () => [...live],
    bookmarks: () => [...place.bookmarks],
    deleteByHand: (ts, channel = home) => {
      const message = place.message(channel, ts)
      if (message !== undefined) place.remove(message)
    },
    writeByHand: (text, thread) => {
      const ts = place.nextTs()
      const base = {
        ts,
        channel: home,
        text,
        broadcast: false,
        edits: 0,
        reactions: [],
        pinned: false,
        by: 'person',
      }
      place.put({ ...base, by: 'person', ...(thread === undefined ? {} : { thread }) })
      return ts
    },
    archive: (channel = home) => {
      const found = place.channels.get(channel)
      if (found !== undefined) place.channels.set(channel, { ...found, archived: true })
    },
    shortPages: on => {
      short = on
    },
    revoke: scope => void scopes.delete(scope),
  }
}
