import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signStandardWebhook, verifyWebhook, type WebhookScheme } from '../src/webhooks.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NOW = 1_767_323_045_000
const hex = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex')

describe('signStandardWebhook', () => {
  test('makes the signature of the published vector', () => {
    expect(
      signStandardWebhook({
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        now: 1_614_265_330_999,
        body: '{"test": 2432232314}',
        secrets: [SECRET],
      }),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test('is what any secret of a rotation verifies, and nothing else is', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uuid(),
        fc.base64String({ minLength: 24 }),
        fc.base64String({ minLength: 24 }),
        (body, id, left, right) => {
          const secrets = [`whsec_${left}`, `whsec_${right}`]
          const headers = signStandardWebhook({ id, now: NOW, body, secrets })
          for (const secret of secrets)
            expect(verifyWebhook('standard', { headers, body }, secret, { now: NOW })).toEqual({
              ok: true,
              id,
              at: NOW,
            })
          expect(
            verifyWebhook('standard', { headers, body: `${body} ` }, secrets, { now: NOW }),
          ).toMatchObject({ problem: 'signature' })
          const other = { ...headers, 'webhook-id': 'other' }
          expect(verifyWebhook('standard', { headers: other, body }, secrets, { now: NOW })).toMatchObject({
            problem: 'signature',
          })
        },
      ),
    )
  })
})

describe('verifyWebhook', () => {
  test("accepts GitHub's published vector", () => {
    const headers = {
      'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    }
    expect(verifyWebhook('github', { headers, body: 'Hello, World!' }, "It's a Secret to Everybody")).toEqual(
      {
        ok: true,
        id: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      },
    )
  })

  const linearBody = JSON.stringify({ action: 'create', webhookTimestamp: NOW })
  const requests: Readonly<
    Record<WebhookScheme, Readonly<{ headers: Record<string, string>; body: string; verdict: object }>>
  > = {
    standard: {
      headers: {
        ...signStandardWebhook({ id: 'evt_01', now: NOW, body: '{}', secrets: ['whsec_c2VjcmV0'] }),
      },
      body: '{}',
      verdict: { ok: true, id: 'evt_01', at: NOW },
    },
    github: {
      headers: { 'x-hub-signature-256': `sha256=${hex('whsec_c2VjcmV0', '{"a":1}')}` },
      body: '{"a":1}',
      verdict: { ok: true },
    },
    slack: {
      headers: {
        'X-Slack-Request-Timestamp': String(NOW / 1_000),
        'X-Slack-Signature': `v0=${hex('whsec_c2VjcmV0', `v0:${NOW / 1_000}:payload=%7B%7D`)}`,
      },
      body: 'payload=%7B%7D',
      verdict: { ok: true, at: NOW },
    },
    pagerduty: {
      headers: { 'X-PagerDuty-Signature': `v1=${hex('old', '{}')},v1=${hex('whsec_c2VjcmV0', '{}')}` },
      body: '{}',
      verdict: { ok: true },
    },
    linear: {
      headers: { 'Linear-Signature': hex('whsec_c2VjcmV0', linearBody), 'Linear-Delivery': 'd1' },
      body: linearBody,
      verdict: { ok: true, id: 'd1', at: NOW },
    },
    notion: {
      headers: { 'X-Notion-Signature': `sha256=${hex('whsec_c2VjcmV0', '{}')}` },
      body: '{}',
      verdict: { ok: true },
    },
  }
  const schemes = Object.keys(requests) as WebhookScheme[]

  test.for(schemes)('accepts %s, in every form of headers and body, and nothing that was changed', scheme => {
    const { headers, body, verdict } = requests[scheme]
    const verify = (
      given: Parameters<typeof verifyWebhook>[1],
      secrets: string | string[] = 'whsec_c2VjcmV0',
      now = NOW,
    ) => verifyWebhook(scheme, given, secrets, { now })
    expect(verify({ headers, body })).toEqual(verdict)
    expect(verify({ headers: new Headers(headers), body: new TextEncoder().encode(body) })).toEqual(verdict)
    expect(verify({ headers, body }, ['new', 'whsec_c2VjcmV0'])).toEqual(verdict)
    expect(verify({ headers, body: `${body} ` })).toMatchObject({ ok: false, problem: 'signature' })
    expect(verify({ headers, body }, 'other')).toMatchObject({ ok: false, problem: 'signature' })
    for (const name of Object.keys(headers).filter(each => !/delivery/i.test(each))) {
      const { [name]: _, ...rest } = headers
      expect(verify({ headers: rest, body })).toMatchObject({ ok: false, problem: 'missing' })
      expect(verify({ headers: { ...rest, [name]: 'x' }, body })).toMatchObject({ ok: false })
    }
  })

  test.for(['standard', 'slack', 'linear'] as const)('refuses a replay of %s', scheme => {
    const { headers, body } = requests[scheme]
    const verdicts = [-3_600_000, -59_000, 59_000, 3_600_000].map(
      later => verifyWebhook(scheme, { headers, body }, 'whsec_c2VjcmV0', { now: NOW + later }).ok,
    )
    expect(verdicts).toEqual([false, true, true, false])
    const { ok } = verifyWebhook(scheme, { headers, body }, 'whsec_c2VjcmV0', {
      now: NOW + 3_600_000,
      toleranceMs: 7_200_000,
    })
    expect(ok).toBe(true)
  })

  test('refuses an id with a dot, which could be read as another time and body', () => {
    const { 'webhook-signature': signature } = signStandardWebhook({
      id: 'a',
      now: 1_767_323_045_000,
      body: `${NOW / 1_000}.{}`,
      secrets: [SECRET],
    })
    const headers = {
      'webhook-id': 'a.1767323045',
      'webhook-timestamp': String(NOW / 1_000),
      'webhook-signature': signature,
    }
    expect(verifyWebhook('standard', { headers, body: '{}' }, SECRET, { now: NOW })).toMatchObject({
      problem: 'malformed',
    })
  })

  test.for(['', ' ', '\n', 'whsec_', 'whsec_ '])(
    'never verifies or signs by a secret without a key: %j',
    secret => {
      const key = secret.replace('whsec_', '')
      const headers = {
        'webhook-id': 'id',
        'webhook-timestamp': String(NOW / 1_000),
        'webhook-signature': `v1,${createHmac('sha256', key)
          .update(`id.${NOW / 1_000}.{}`)
          .digest('base64')}`,
      }
      const verify = (secrets: string | string[]) =>
        verifyWebhook('standard', { headers, body: '{}' }, secrets, { now: NOW })
      expect(() => verify(secret)).toThrow(
        new TypeError('secrets: missing; expected a string that is not empty'),
      )
      expect(verify([secret, SECRET])).toMatchObject({ ok: false, problem: 'signature' })
      expect(() =>
        signStandardWebhook({ id: 'id', now: NOW, body: '{}', secrets: [SECRET, secret] }),
      ).toThrow(TypeError)
    },
  )

  test.for(['password=', 'abcd=', 'whsec_abcd=', ' whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ', 'a=b', 'ab==='])(
    'signs and verifies by a secret that is not quite base64, and by one with blanks around: %j',
    secret => {
      const headers = signStandardWebhook({ id: 'id', now: NOW, body: '{}', secrets: [secret] })
      expect(verifyWebhook('standard', { headers, body: '{}' }, secret.trim(), { now: NOW })).toMatchObject({
        ok: true,
      })
    },
  )

  test('signs no id with a dot or a line end, no time that is none, and nothing without a secret', () => {
    const good = { id: 'id', now: NOW, body: '{}', secrets: [SECRET] }
    for (const wrong of [{ id: '' }, { id: 'a.b' }, { id: 'a\nb' }, { now: Number.NaN }, { secrets: [] }])
      expect(() => signStandardWebhook({ ...good, ...wrong })).toThrow(TypeError)
  })

  test('takes headers of any kind for missing ones, and no body that was parsed', () => {
    const headers = signStandardWebhook({ id: 'id', now: NOW, body: '{}', secrets: [SECRET] })
    for (const given of [
      undefined,
      null,
      {},
      { ...headers, 'webhook-id': null },
      { ...headers, 'webhook-id': 7 },
    ])
      expect(verifyWebhook('standard', { headers: given as never, body: '{}' }, SECRET)).toMatchObject({
        problem: 'missing',
      })
    expect(() => verifyWebhook('standard', { headers, body: {} as never }, SECRET)).toThrow(
      'body: expected the raw',
    )
  })

  test('compares the first 64 signatures of a header alone', () => {
    const headers = signStandardWebhook({ id: 'id', now: NOW, body: '{}', secrets: [SECRET] })
    const behind = (count: number) => ({
      ...headers,
      'webhook-signature': `${'v1,a '.repeat(count)}${headers['webhook-signature']}`,
    })
    const verify = (count: number) =>
      verifyWebhook('standard', { headers: behind(count), body: '{}' }, SECRET, { now: NOW }).ok
    expect([verify(63), verify(64)]).toEqual([true, false])
  })

  test('throws without a secret and for an unknown scheme', () => {
    const request = { headers: {}, body: '' }
    expect(() => verifyWebhook('github', request, '')).toThrow(TypeError)
    expect(() => verifyWebhook('github', request, [])).toThrow(TypeError)
    expect(() => verifyWebhook('github', request, undefined as never)).toThrow('secrets: missing')
    expect(() => verifyWebhook('gitlab' as 'github', request, 's')).toThrow('scheme: unknown')
  })
})
