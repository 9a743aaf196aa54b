import { type HttpCall, type Json, plan } from '@sessionwire/core/adapter'
import { type Logged, plainSender, story } from '@sessionwire/core/testing'
import { LogLevel, WebClient } from '@slack/web-api'
import { IncomingWebhook } from '@slack/webhook'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { slack } from '../src/index.ts'
import { type HostileSlack, hostileSlack } from '../src/testing.ts'
import { CHANNEL } from './made.ts'

type Fields = Readonly<Record<string, Json>>

let server: HostileSlack
let client: WebClient
beforeEach(async () => {
  server = await hostileSlack()
  client = new WebClient(server.token, {
    slackApiUrl: `${server.api}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  })
})
afterEach(() => server.close())

/** The vendor's forms carry everything as text: objects as JSON, numbers and booleans as they print. */
const decoded = (value: Json): Json => {
  if (typeof value !== 'string') return value
  try {
    const parsed = JSON.parse(value) as Json
    // A `ts` is a text that looks like a number, and must stay one.
    return typeof parsed === 'number' && String(parsed) !== value ? value : parsed
  } catch {
    return value
  }
}
const decodedAll = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, decoded(value)]))

/** What a request says, whatever way it says it. */
const said = (request: Logged | undefined) => ({
  path: request?.path,
  method: request?.method,
  authorization: request?.headers.authorization,
  arguments: decodedAll({ ...request?.query, ...(request?.body as Fields | null) }),
})

const READS = /\/(conversations|users)\.|getPermalink$/

/** Sends ours, then lets the vendor's client send the same, and compares. */
const compare = async (ours: HttpCall, theirs: () => Promise<unknown>, own: readonly string[] = []) => {
  await plainSender({ SLACK_BOT_TOKEN: server.token }).send(ours, { timeoutMs: 5_000 })
  await theirs()
  const [we, they] = server.requests().slice(-2).map(said)
  expect(they?.path).toBe(we?.path)
  // The vendor's client posts everything; reads of ours are reads to proxies and logs as well.
  expect(we?.method).toBe(READS.test(we?.path ?? '') ? 'GET' : they?.method)
  expect(they?.authorization).toBe(we?.authorization)
  expect(we?.arguments).toMatchObject(they?.arguments ?? {})
  const more = Object.keys(we?.arguments ?? {}).filter(name => !Object.hasOwn(they?.arguments ?? {}, name))
  expect(more).toEqual(own)
}

/** A call of ours with its placeholders filled by hand. */
const filled = (call: HttpCall, placeholders: Fields): HttpCall => {
  const fill = (value: Json): Json => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const { $ref, $attempt } = value as Fields
    if (typeof $ref === 'string') return placeholders[$ref] ?? null
    if ($attempt !== undefined) return placeholders.oldest ?? null
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner as Json)]))
  }
  return {
    ...call,
    ...(call.payload === undefined ? {} : { payload: fill(call.payload) }),
    ...(call.query === undefined ? {} : { query: fill(call.query) }),
  }
}

const adapterHere = () => slack({ channel: CHANNEL, baseUrl: server.api })
const key = 'event/slack/0'
const metadata = { event_type: 'work_session', event_payload: { key } }

describe('what our actions send, @slack/web-api sends too', () => {
  const built = (
    use: (
      actions: ReturnType<typeof adapterHere>['actions'],
    ) => (at: { key: string; config: ReturnType<typeof adapterHere>['config'] }) => unknown,
  ) => {
    const { actions, config } = adapterHere()
    return use(actions)({ key, config }) as HttpCall
  }
  const posted = async () => String((await client.chat.postMessage({ channel: CHANNEL, text: 'root' })).ts)

  test('chat.postMessage, with a thread', async () => {
    const ts = await posted()
    await compare(
      built(({ createMessage }) => createMessage({ body: 'Green & done', thread: ts, broadcast: true })),
      () =>
        client.chat.postMessage({
          channel: CHANNEL,
          thread_ts: ts,
          reply_broadcast: true,
          text: 'Green &amp; done',
          parse: 'none',
          unfurl_links: false,
          unfurl_media: false,
          metadata,
        }),
    )
    expect(server.replies(ts)).toHaveLength(2)
  })
  test('chat.update', async () => {
    const ts = await posted()
    await compare(
      built(({ editMessage }) => editMessage({ message: ts, body: 'Red' })),
      () => client.chat.update({ channel: CHANNEL, ts, text: 'Red', parse: 'none' }),
    )
    expect(server.roots()[0]).toMatchObject({ text: 'Red', edits: 2 })
  })
  test('chat.delete', async () => {
    const ts = await posted()
    await compare(
      built(({ deleteMessage }) => deleteMessage({ message: ts })),
      () => client.chat.delete({ channel: CHANNEL, ts }).catch((error: unknown) => error),
    )
  })
  test('reactions.add and pins.add', async () => {
    const ts = await posted()
    await compare(
      built(({ addReaction }) => addReaction({ message: ts, name: 'eyes' })),
      () =>
        client.reactions
          .add({ channel: CHANNEL, timestamp: ts, name: 'eyes' })
          .catch((error: unknown) => error),
    )
    await compare(
      built(({ pinMessage }) => pinMessage({ message: ts })),
      () => client.pins.add({ channel: CHANNEL, timestamp: ts }).catch((error: unknown) => error),
    )
    expect(server.roots()[0]).toMatchObject({ reactions: ['eyes'], pinned: true })
  })
  test('bookmarks.add', () =>
    compare(
      built(({ addBookmark }) =>
        addBookmark({ title: 'Runbook', url: 'https://example.com/r', emoji: 'book' }),
      ),
      () =>
        client.bookmarks.add({
          channel_id: CHANNEL,
          title: 'Runbook',
          type: 'link',
          link: 'https://example.com/r',
          emoji: ':book:',
        }),
    ))

  const looked = (use: (adapter: ReturnType<typeof adapterHere>) => { call: unknown }) =>
    use(adapterHere()).call as HttpCall
  const at = () => ({ key, config: adapterHere().config })
  test('chat.getPermalink', async () => {
    const ts = await posted()
    await compare(
      looked(({ actions }) => actions.getMessageLink.build({ message: ts }, at())),
      () => client.chat.getPermalink({ channel: CHANNEL, message_ts: ts }),
    )
  })
  test('conversations.list and conversations.info', async () => {
    await compare(
      looked(({ actions }) => actions.findChannel.build({ name: 'billing', private: true }, at())),
      () =>
        client.conversations.list({
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: 999,
        }),
    )
    await compare(
      looked(({ actions }) => actions.getChannel.build({ channel: CHANNEL }, at())),
      () => client.conversations.info({ channel: CHANNEL }),
    )
  })
  test('users.lookupByEmail and auth.test', async () => {
    await compare(
      looked(({ actions }) => actions.findUser.build({ email: 'ada@example.com' }, at())),
      () => client.users.lookupByEmail({ email: 'ada@example.com' }),
    )
    await compare(
      looked(({ check }) => check),
      () => client.auth.test(),
    )
  })
})

test('the card, its edit and its look-ups', async () => {
  const adapter = adapterHere()
  const moments = story({ hooks: ['update', 'decision'] })
  const [card, edit, entry] = moments.flatMap(({ event, session }) =>
    plan(adapter, event, session),
  ) as unknown as (HttpCall & {
    payload: Fields
    repeat: { call: HttpCall }
  })[]
  if (card === undefined || edit === undefined || entry === undefined) throw new Error('no plan')
  const content = ({ payload: { text, blocks } }: { payload: Fields }) => ({
    text: String(text),
    blocks: blocks as unknown as [],
  })
  const marked = (call: { payload: Fields }) => ({
    ...content(call),
    metadata: call.payload.metadata as unknown as typeof metadata,
  })
  const options = { channel: CHANNEL, parse: 'none', unfurl_links: false, unfurl_media: false } as const
  await compare(card, () => client.chat.postMessage({ ...options, ...marked(card) }))
  const ts = server.roots()[0]?.ts ?? ''
  const placeholders = { thread: ts, oldest: '1503435956.000000' }
  await compare(filled(edit, placeholders), () =>
    client.chat.update({ channel: CHANNEL, ts, parse: 'none', ...content(edit) }),
  )
  await compare(filled(entry, placeholders), () =>
    client.chat.postMessage({ ...options, thread_ts: ts, ...marked(entry) }),
  )
  const reading = { channel: CHANNEL, oldest: placeholders.oldest, limit: 200, include_all_metadata: true }
  await compare(filled(card.repeat.call, placeholders), () => client.conversations.history(reading))
  await compare(filled(entry.repeat.call, placeholders), () =>
    client.conversations.replies({ ...reading, ts }),
  )
  expect(server.live()).toEqual([])
})

test('a webhook gets what @slack/webhook sends', async () => {
  const { actions, config } = slack({ auth: 'webhook' })
  const ours = actions.createMessage({ body: 'Begun & <b>' })({ key, config }) as HttpCall
  await plainSender({ SLACK_WEBHOOK_URL: server.webhook }).send(ours, { timeoutMs: 5_000 })
  const text = 'Begun &amp; &lt;b&gt;'
  await new IncomingWebhook(server.webhook).send({ text, unfurl_links: false, unfurl_media: false })
  const [we, they] = server.requests()
  expect(we?.body).toEqual(they?.body)
  expect([we?.path, we?.method, we?.encoding]).toEqual([they?.path, they?.method, they?.encoding])
  expect([we?.headers.authorization, they?.headers.authorization]).toEqual([undefined, undefined])
})

test("the vendor's client takes the hostile Slack for the real one", async () => {
  expect(await client.auth.test()).toMatchObject({ ok: true, team_id: 'T012AB3CD' })
  server.fail({ failure: { kind: 'throttle', waitSeconds: 2 } })
  await expect(client.auth.test()).rejects.toMatchObject({ retryAfter: 2 })
  await expect(client.chat.postMessage({ channel: 'C9999999999', text: 'x' })).rejects.toMatchObject({
    data: { ok: false, error: 'channel_not_found' },
  })
  await expect(new IncomingWebhook(`${server.webhook}x`).send('x')).rejects.toMatchObject({
    statusCode: 404,
    body: 'no_service',
  })
})
