import { describe, expect, expectTypeOf, test } from 'vitest'
import { type SlackAdapter, type SlackOptions, type SlackWebhookAdapter, slack } from '../src/index.ts'
import { CHANNEL, made } from './made.ts'

test('the smallest configuration', () => {
  const adapter = slack({ channel: CHANNEL })
  expect(adapter.config).toEqual({
    as: 'slack',
    auth: 'bot',
    secrets: { SLACK_BOT_TOKEN: 'SLACK_BOT_TOKEN' },
    baseUrl: 'https://slack.com/api',
    channel: CHANNEL,
    updates: 'card',
    broadcastSummary: false,
    history: 'full',
  })
  expect([adapter.name, adapter.mode, adapter.secrets]).toEqual(['slack', 'execute', ['SLACK_BOT_TOKEN']])
  expect(adapter).not.toHaveProperty('when')
  expectTypeOf(adapter).toEqualTypeOf<SlackAdapter<'slack'>>()
})

test('everything said', () => {
  const when = () => true
  const adapter = slack({
    as: 'ops',
    mode: 'preview',
    when,
    allowDestructive: true,
    onDoubt: 'repeat',
    secrets: { SLACK_BOT_TOKEN: 'OPS_TOKEN' },
    channel: 'GABCDEFGH1',
    updates: 'each',
    broadcastSummary: true,
    history: 'limited',
    baseUrl: 'http://127.0.0.1:1234/api/',
    sessionUrl: 'https://work.example/{id}',
  })
  expect(adapter.config).toEqual({
    as: 'ops',
    auth: 'bot',
    secrets: { SLACK_BOT_TOKEN: 'OPS_TOKEN' },
    baseUrl: 'http://127.0.0.1:1234/api',
    channel: 'GABCDEFGH1',
    updates: 'each',
    broadcastSummary: true,
    history: 'limited',
    sessionUrl: 'https://work.example/{id}',
  })
  expect(adapter).toMatchObject({
    name: 'ops',
    mode: 'preview',
    when,
    allowDestructive: true,
    onDoubt: 'repeat',
  })
  expectTypeOf(adapter.name).toEqualTypeOf<'ops'>()
})

test('a webhook has a channel of its own', () => {
  const adapter = slack({ auth: 'webhook', as: 'hook' })
  expect([adapter.name, adapter.secrets, Object.keys(adapter.actions)]).toEqual([
    'hook',
    ['SLACK_WEBHOOK_URL'],
    ['createMessage'],
  ])
  expectTypeOf(adapter.actions).not.toHaveProperty('editMessage')
  // @ts-expect-error a webhook takes no channel
  expect(() => slack({ auth: 'webhook', channel: CHANNEL })).toThrow('slack.channel: unknown option')
  // @ts-expect-error a bot needs a channel
  expect(() => slack({})).toThrow('slack.channel: missing; expected the id of a channel')
})

describe('says what is wrong and what to do', () => {
  test.for([
    [
      { channel: '#billing' },
      'slack.channel: invalid value; expected the id of a channel, such as C0123456789 (in Slack: open the',
    ],
    [{ channel: 'U012AB3CD' }, 'got the string "U012AB3CD".'],
    [{ chanel: CHANNEL }, 'slack.chanel: unknown option (did you mean "channel"?)'],
    [
      { secrets: { SLACK_BOT_TOKEN: 'xoxb-123' } },
      'slack.secrets.SLACK_BOT_TOKEN: invalid value; expected the name of a secret, not its value.',
    ],
    [
      { secrets: { SLACK_BOT_TOKEN: 'https://hooks.slack.com/services/T/B/x' } },
      'slack.secrets.SLACK_BOT_TOKEN: invalid value; expected the name of a secret',
    ],
    [
      { token: 'xoxb-123' },
      'slack.token: unknown option; credentials are read from the environment: set SLACK_BOT_TOKEN',
    ],
    [{ baseUrl: 'http://slack.com/api' }, 'slack.baseUrl: invalid value; expected an https address'],
    [
      { baseUrl: 'https://user:pass@slack.com/api' },
      'slack.baseUrl: invalid value; expected an https address',
    ],
    [{ baseUrl: 'https://slack.com' }, 'slack.baseUrl: invalid value; expected https://slack.com/api'],
    [{ baseUrl: 'https://work.slack.com/' }, 'slack.baseUrl: invalid value; expected https://slack.com/api'],
    [{ baseUrl: 'https://slack.com/{thread}' }, 'slack.baseUrl: invalid value; expected an https address'],
    [
      { baseUrl: 'http://10.0.0.8/api' },
      'slack.baseUrl: unencrypted address of another machine; expected https, got http://10.0.0.8. Set allowPlaintext: true to allow it.',
    ],
    [
      { sessionUrl: 'https://work.example/' },
      'slack.sessionUrl: invalid value; expected a web address with {id}',
    ],
    [{ sessionUrl: 'javascript:alert("{id}")' }, 'slack.sessionUrl: invalid value; expected a web address'],
    [
      { headers: { Authorization: 'x' } },
      'slack.headers.Authorization: invalid value; expected the name of a header',
    ],
    [
      { broadcastSummary: 'yes' },
      'slack.broadcastSummary: invalid type; expected true or false, got the string "yes".',
    ],
    [
      { history: 'half' },
      'slack.history: unknown value; expected one of "full", "limited", got the string "half".',
    ],
    [{ mode: 'live' }, 'slack.mode: unknown value; expected one of "execute", "preview", "handoff"'],
    [{ auth: 'hook' }, 'slack.auth: '],
    [{ as: 'my slack' }, 'slack.as: invalid value; expected a name of letters'],
  ] as const)('%j', ([options, message]) => {
    const run = () => made(options as Partial<SlackOptions>)
    expect(run).toThrow(message)
    expect(run).toThrow(expect.objectContaining({ code: 'CONFIG' }) as Error)
  })
  test.for([
    [undefined, 'slack: missing; expected an object with channel.'],
    [null, 'slack: invalid type; expected an object with channel, got null.'],
  ] as const)('of %s, which is no options', ([options, message]) =>
    expect(() => slack(options as never)).toThrow(expect.objectContaining({ code: 'CONFIG', message })),
  )
})

describe('from the environment', () => {
  const token = { SLACK_BOT_TOKEN: 'xoxb-canary' }
  const hook = { SLACK_WEBHOOK_URL: 'https://hooks.example/canary' }
  test('a bot, a webhook, or nothing', () => {
    expect(slack.fromEnv({}, { ...token, SLACK_CHANNEL: CHANNEL })?.config).toMatchObject({
      auth: 'bot',
      channel: CHANNEL,
    })
    expect(slack.fromEnv({}, hook)?.config).toMatchObject({ auth: 'webhook' })
    expect(slack.fromEnv({}, { ...token, ...hook, SLACK_CHANNEL: CHANNEL })?.config.auth).toBe('bot')
    // A bot without a channel can do nothing; the webhook has its own.
    expect(slack.fromEnv({}, { ...token, ...hook })?.config).toMatchObject({
      auth: 'webhook',
      secrets: { SLACK_WEBHOOK_URL: 'SLACK_WEBHOOK_URL' },
    })
    expect(slack.fromEnv({ channel: CHANNEL }, { ...token, ...hook })?.config.auth).toBe('bot')
    expect(slack.fromEnv({}, {})).toBeUndefined()
    expect(slack.fromEnv({}, { ...hook, SLACK_ENABLED: 'off' })).toBeUndefined()
  })
  test('with what is given besides', () => {
    expect(slack.fromEnv({ channel: CHANNEL, as: 'ops' }, token)?.config).toMatchObject({
      as: 'ops',
      channel: CHANNEL,
    })
    expect(
      slack.fromEnv({ secrets: { SLACK_BOT_TOKEN: 'OTHER' }, channel: CHANNEL }, { OTHER: 'x' })?.secrets,
    ).toEqual(['OTHER'])
    expect(
      slack.fromEnv({ auth: 'webhook' }, { ...token, ...hook, SLACK_CHANNEL: CHANNEL })?.config.auth,
    ).toBe('webhook')
    expect(slack.fromEnv({ auth: 'webhook' }, token)).toBeUndefined()
    expectTypeOf(slack.fromEnv({ as: 'ops' }, {})).toEqualTypeOf<SlackAdapter<'ops'> | undefined>()
    expectTypeOf(slack.fromEnv({ auth: 'webhook' }, {})).toEqualTypeOf<
      SlackWebhookAdapter<'slack'> | undefined
    >()
  })
  test('half of it is refused with the name that is missing', () => {
    expect(() => slack.fromEnv({}, token)).toThrow(
      'SLACK_CHANNEL: missing, although SLACK_BOT_TOKEN is set. Set SLACK_CHANNEL, or SLACK_ENABLED=false.',
    )
    expect(() => slack.fromEnv({}, { SLACK_CHANNEL: CHANNEL })).toThrow('SLACK_BOT_TOKEN: missing, although')
  })
  test('says what is missing when it is switched on', () => {
    expect(() => slack.fromEnv({}, { SLACK_ENABLED: 'true' })).toThrow(
      'SLACK_CHANNEL: missing, although SLACK_ENABLED is on. Set SLACK_CHANNEL and SLACK_BOT_TOKEN, or SLACK_ENABLED=false.',
    )
    expect(() => slack.fromEnv({}, { ...token, SLACK_CHANNEL: 'general' })).toThrow('slack.channel: ')
  })
})
