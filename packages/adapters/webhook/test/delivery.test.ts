import { createTracker, memoryStore } from '@sessionwire/core'
import { createFastClock, type Logged } from '@sessionwire/core/testing'
import { verifyWebhook } from '@sessionwire/core/webhooks'
import { type CloudEvent, HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { type WebhookOptions, webhook } from '../src/index.ts'
import { type HostileReceiverOptions, hostileReceiver } from '../src/testing.ts'

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

let ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends) await end()
  ends = []
})

const begin = async (
  options: WebhookOptions = {},
  service: HostileReceiverOptions = {},
  secrets: Readonly<Record<string, string>> = {},
  policy: Readonly<{ timeoutMs: number; afterMs?: number }> = { timeoutMs: 600_000 },
) => {
  const clock = createFastClock(100)
  const server = await hostileReceiver({ now: clock.now, ...service })
  const values: Readonly<Record<string, string>> = {
    SESSIONWIRE_WEBHOOK_URL: server.address,
    SESSIONWIRE_WEBHOOK_SECRET: server.secret,
    ...secrets,
  }
  const tracker = await createTracker({
    project: 'billing',
    user: 'ada',
    store: memoryStore(clock),
    adapters: [webhook(options)],
    secrets: name => values[name],
    now: clock.now,
    monotonic: clock.monotonic,
    pollMs: 5,
    drainOnClose: 0,
    policy: { readTimeoutMs: 600_000, ...policy },
  })
  ends.push(async () => {
    await tracker.close()
    await server.close()
  })
  return { tracker, server, clock }
}
const story = async ({ tracker }: Awaited<ReturnType<typeof begin>>) => {
  const session = await tracker.start({ goal: 'Stop double charging\u202e', agent: 'fixer' })
  await session.update('Reproduced: "twice" & €, \\ and \u0007', { progress: 35 })
  await session.decide('Lock per invoice', { rationale: 'x'.repeat(40_000) })
  await session.close({ summary: 'Fixed', progress: 100 })
  return session
}
/** What another library makes of a request: it throws where the signature is wrong. */
const verifyElsewhere = ({ headers, raw }: Logged, secret: string, now: number) => {
  // The library takes the time from the system's clock.
  const shifted = new Webhook(secret)
  const system = Date.now
  Date.now = () => now
  try {
    return shifted.verify(raw, headers as Record<string, string>) as Readonly<Record<string, unknown>>
  } finally {
    Date.now = system
  }
}

test('maxBytes bounds each body, which stays whole JSON', async () => {
  const begun = await begin({ maxBytes: 3_000 })
  await story(begun)
  expect((await begun.tracker.drain({ timeoutMs: 2_000_000 })).done).toBe(true)
  const sent = begun.server.requests().map(({ raw }) => raw)
  const encoder = new TextEncoder()
  const longest = Math.max(...sent.map(raw => encoder.encode(raw).length))
  expect(longest).toBeLessThanOrEqual(3_000)
  expect(longest).toBeGreaterThan(1_500)
  for (const raw of sent) expect(JSON.parse(raw)).toMatchObject({ specversion: '1.0' })
})

describe('a session', () => {
  test('is one signed event for each hook, in order, as two other libraries read it', async () => {
    const made = await begin({ sessionUrl: 'https://example.com/s/{id}' })
    const session = await story(made)
    expect((await made.tracker.drain({ timeoutMs: 5_000_000 })).done).toBe(true)
    const requests = made.server.requests()
    expect(requests.map(({ answer }) => answer?.status)).toEqual([202, 202, 202, 202])
    const events = requests.map(request => {
      const { headers, raw } = request
      expect(raw.length).toBeLessThanOrEqual(20_000)
      const now = Number(headers['webhook-timestamp']) * 1_000
      expect(verifyElsewhere(request, made.server.secret, now)).toEqual(JSON.parse(raw))
      expect(verifyWebhook('standard', { headers, body: raw }, made.server.secret, { now }).ok).toBe(true)
      const event = HTTP.toEvent({ headers, body: raw })
      if (Array.isArray(event)) throw new Error('a batch')
      expect((event as CloudEvent).validate()).toBe(true)
      return event
    })
    expect(events.map(({ type }) => type)).toEqual([
      'sessionwire.session.start',
      'sessionwire.session.update',
      'sessionwire.session.decision',
      'sessionwire.session.close',
    ])
    expect(events.map(({ id }) => id)).toEqual(requests.map(({ headers }) => headers['webhook-id']))
    expect(new Set(events.map(({ source }) => source))).toEqual(
      new Set([`urn:sessionwire:session:${session.id}`]),
    )
    expect(events.map(({ sequence }) => String(sequence))).toEqual(
      [...events.map(({ sequence }) => String(sequence))].sort(),
    )
    expect(events[1]?.data).toMatchObject({
      session: {
        id: session.id,
        title: 'Stop double charging',
        progress: 35,
        url: `https://example.com/s/${session.id}`,
      },
      event: { description: 'Reproduced: "twice" & €, \\ and ', progress: 35 },
    })
  })

  test('keeps id and bytes over attempts, with a time and signature for each', async () => {
    // What was lost is sent again when the time-out of the request before is over and nothing of it can arrive any more.
    const made = await begin({ events: ['start'] }, {}, {}, { timeoutMs: 200_000, afterMs: 0 })
    made.server.fail({ times: 1, failure: { kind: 'reset', applied: true } })
    made.server.fail({ times: 1, failure: { kind: 'error', applied: false, status: 503 } })
    await story(made)
    const drained = await made.tracker.drain({ timeoutMs: 5_000_000 })
    expect(drained.done).toBe(true)
    const requests = made.server.requests()
    expect(requests).toHaveLength(3)
    expect(new Set(requests.map(({ raw, headers }) => `${headers['webhook-id']} ${raw}`)).size).toBe(1)
    expect(new Set(requests.map(({ headers }) => headers['webhook-timestamp'])).size).toBeGreaterThan(1)
    expect(made.server.events()).toHaveLength(1)
    expect(made.server.countDoubled()).toBe(0)
  })

  test('shows the address and the signature in no preview', async () => {
    const made = await begin({ mode: 'preview' })
    const session = await story(made)
    const planned = await made.tracker.preview(session.id)
    for (const format of ['curl', 'http', 'text'] as const) {
      const shown = made.tracker.render(planned, format)
      expect(shown).not.toContain(made.server.address)
      expect(shown).not.toContain('v1,')
    }
    expect(made.tracker.render(planned, 'text')).toContain(
      'send sessionwire.session.start of "Stop double charging"',
    )
  })
})

test('a secret is rotated with both signatures, and receivers with either accept', async () => {
  for (const secrets of [['whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct'], [OLD]]) {
    const made = await begin(
      { auth: 'rotating', events: ['start'] },
      { secrets },
      {
        SESSIONWIRE_WEBHOOK_SECRET: 'whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct',
        SESSIONWIRE_WEBHOOK_SECRET_OLD: OLD,
      },
    )
    await story(made)
    expect((await made.tracker.drain({ timeoutMs: 5_000_000 })).done).toBe(true)
    expect(made.server.requests()[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2)
  }
})

test('n8n gets a type that it parses, with a header of its own', async () => {
  const made = await begin(
    { auth: 'token', tokenHeader: 'X-Api-Key', format: 'json' },
    { token: 'n8n-key', tokenHeader: 'X-Api-Key' },
    { SESSIONWIRE_WEBHOOK_TOKEN: 'n8n-key' },
  )
  await story(made)
  expect((await made.tracker.drain({ timeoutMs: 5_000_000 })).done).toBe(true)
  const [request] = made.server.requests()
  expect([request?.headers['content-type'], request?.headers['x-api-key']]).toEqual([
    'application/json',
    'n8n-key',
  ])
})

describe('410 stops everything', () => {
  test('until the receiver wants events again, and none is lost', async () => {
    const made = await begin()
    made.server.retire()
    await story(made)
    await made.tracker.drain({ timeoutMs: 20_000 })
    const pauses = async () => JSON.stringify((await made.tracker.status()).adapters[0]?.pauses)
    await expect.poll(pauses).toContain('410 the receiver wants no more events')
    expect(made.server.requests().length).toBeLessThanOrEqual(4)
    made.server.reopen()
    await made.tracker.unpause('webhook')
    expect((await made.tracker.drain({ timeoutMs: 5_000_000 })).done).toBe(true)
    expect(made.server.events()).toHaveLength(4)
  })
})

test('plain http leaves this machine only where it is allowed', async () => {
  const send = async (options: WebhookOptions) => {
    const made = await begin(
      { events: ['start'], ...options },
      {},
      { SESSIONWIRE_WEBHOOK_URL: 'http://10.255.255.1:9/hook' },
    )
    await story(made)
    await made.tracker.drain({ timeoutMs: 20_000 })
    await expect.poll(async () => (await made.tracker.deliveries())[0]?.reason).toBeDefined()
    const [delivery] = await made.tracker.deliveries()
    return delivery
  }
  const refused = await send({})
  expect(refused?.state).not.toBe('delivered')
  expect(refused?.reason).toContain('the address in SESSIONWIRE_WEBHOOK_URL cannot be called')
  expect(refused?.reason).not.toContain('10.255')
})

test('actions send events of the caller', async () => {
  const made = await begin()
  await made.tracker.act(
    'webhook',
    'sendEvent',
    { type: 'deploy.finished', data: { environment: 'staging' } },
    { key: 'one' },
  )
  await made.tracker.act(
    'webhook',
    'sendEvent',
    { type: 'deploy.finished', data: { environment: 'staging' } },
    { key: 'one' },
  )
  expect((await made.tracker.drain({ timeoutMs: 5_000_000 })).done).toBe(true)
  expect(made.server.events()).toMatchObject([{ type: 'deploy.finished', data: { environment: 'staging' } }])
})

test('the environment chooses how it authenticates', () => {
  const address = { SESSIONWIRE_WEBHOOK_URL: 'https://example.com/h' }
  const authOf = (env: Readonly<Record<string, string>>) =>
    webhook.fromEnv({}, { ...address, ...env })?.config.auth
  expect(authOf({ SESSIONWIRE_WEBHOOK_SECRET: OLD })).toBe('signed')
  expect(authOf({ SESSIONWIRE_WEBHOOK_SECRET: OLD, SESSIONWIRE_WEBHOOK_SECRET_OLD: OLD })).toBe('rotating')
  expect(authOf({ SESSIONWIRE_WEBHOOK_TOKEN: 't' })).toBe('token')
  expect(() => webhook.fromEnv({}, address)).toThrow('SESSIONWIRE_WEBHOOK_SECRET')
})

test.for<readonly [secret: string, problem: string]>([
  [' ', 'it holds no key; expected whsec_ and base64'],
  ['whsec_', 'it holds no key; expected whsec_ and base64'],
  [`"${OLD}"`, 'it is in quotes; write it without them'],
  [`'a password'`, 'it is in quotes; write it without them'],
  [`${OLD.slice(0, -2)}_-`, 'it is not base64 behind whsec_; copy it once more'],
])('a secret that was copied wrongly signs nothing: %s', async ([secret, problem]) => {
  const begun = await begin({}, {}, { SESSIONWIRE_WEBHOOK_SECRET: secret })
  const { tracker, server } = begun
  const { ok, reason } = await tracker.check('webhook')
  expect([ok, reason]).toEqual([false, `secret SESSIONWIRE_WEBHOOK_SECRET: ${problem}`])
  await story(begun)
  await tracker.drain({ timeoutMs: 50 })
  expect(server.requests()).toEqual([])
})
