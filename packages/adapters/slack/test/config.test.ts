import { describe, expect, expectTypeOf, test } from 'vitest'
import { type SlackAdapter, type SlackOptions, type SlackWebhookAdapter, slack } from '../src/index.ts'
import { CHANNEL, made } from './made.ts'

test('the smallest configuration', () => {
  const adapter = slack({ channel: CHANNEL })
  expect(adapter.config).toEqual({
    as: 'slack',
    auth: 'bot',
    secret: 'SLACK_BOT_TOKEN',
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
    secret: 'OPS_TOKEN',
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
    secret: 'OPS_TOKEN',
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
    ['postWebhook'],
  ])
  expectTypeOf(adapter.actions).not.toHaveProperty('postMessage')
  // @ts-expect-error a webhook takes no channel
  expect(() => slack({ auth: 'webhook', channel: CHANNEL })).toThrow(
    "slack.channel: is no option of slack({ auth: 'webhook' }), whose address leads to one channel: remove it",
  )
  // @ts-expect-error a bot needs a channel
  expect(() => slack({})).toThrow('slack.channel: must be the id of a channel')
})

describe('says what is wrong and what to do', () => {
  test.for([
    [
      { channel: '#billing' },
      'slack.channel: must be the id of a channel, such as C0123456789 (in Slack: open the',
    ],
    [{ channel: 'U012AB3CD' }, 'slack.channel: must be the id of a channel'],
    [{ chanel: CHANNEL }, 'slack.chanel: it is not known: did you mean "channel"? There is as, mode, when'],
    [
      { secret: 'xoxb-123' },
      'slack.secret: must be the name of a secret, such as SLACK_BOT_TOKEN, not its value',
    ],
    [{ secret: 'https://hooks.slack.com/services/T/B/x' }, 'slack.secret: must be the name of a secret'],
    [{ baseUrl: 'http://slack.com/api' }, 'slack.baseUrl: must be an https address'],
    [{ baseUrl: 'https://user:pass@slack.com/api' }, 'slack.baseUrl: must be an https address'],
    [{ baseUrl: 'https://slack.com/{thread}' }, 'slack.baseUrl: must be an https address'],
    [{ sessionUrl: 'https://work.example/' }, 'slack.sessionUrl: must be a web address with {id} in it'],
    [{ sessionUrl: 'javascript:alert("{id}")' }, 'slack.sessionUrl: must be a web address'],
    [{ broadcastSummary: 'yes' }, 'slack.broadcastSummary: give true or false'],
    [{ history: 'half' }, 'slack.history: give one of "full", "limited"'],
    [{ mode: 'live' }, 'slack.mode: give one of "execute", "preview", "handoff"'],
    [{ auth: 'hook' }, 'slack.auth: must be "bot" or "webhook"'],
    [{ as: 'my slack' }, 'slack.as: must begin with a letter'],
  ] as const)('%j', ([options, message]) => {
    const run = () => made(options as Partial<SlackOptions>)
    expect(run).toThrow(message)
    expect(run).toThrow(expect.objectContaining({ code: 'CONFIG' }) as Error)
  })
  test.for([
    [undefined, 'slack: give an object with channel.'],
    [null, 'slack: give an object with channel.'],
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
    expect(slack.fromEnv({}, hook)?.config).toMatchObject({ auth: 'webhook', secret: 'SLACK_WEBHOOK_URL' })
    expect(slack.fromEnv({}, { ...token, ...hook, SLACK_CHANNEL: CHANNEL })?.config.auth).toBe('bot')
    // A bot without a channel can do nothing; the webhook has its own.
    expect(slack.fromEnv({}, { ...token, ...hook })?.config).toMatchObject({
      auth: 'webhook',
      secret: 'SLACK_WEBHOOK_URL',
    })
    expect(slack.fromEnv({ channel: CHANNEL }, { ...token, ...hook })?.config.auth).toBe('bot')
    expect(slack.fromEnv({}, token)).toBeUndefined()
    expect(slack.fromEnv({}, {})).toBeUndefined()
    expect(slack.fromEnv({}, { ...hook, SLACK_ENABLED: 'off' })).toBeUndefined()
  })
  test('with what is given besides', () => {
    expect(slack.fromEnv({ channel: CHANNEL, as: 'ops' }, token)?.config).toMatchObject({
      as: 'ops',
      channel: CHANNEL,
    })
    expect(slack.fromEnv({ secret: 'OTHER', channel: CHANNEL }, { OTHER: 'x' })?.secrets).toEqual(['OTHER'])
    expect(
      slack.fromEnv({ auth: 'webhook' }, { ...token, ...hook, SLACK_CHANNEL: CHANNEL })?.config.auth,
    ).toBe('webhook')
    expect(slack.fromEnv({ auth: 'webhook' }, token)).toBeUndefined()
    expectTypeOf(slack.fromEnv({ as: 'ops' }, {})).toEqualTypeOf<SlackAdapter<'ops'> | undefined>()
    expectTypeOf(slack.fromEnv({ auth: 'webhook' }, {})).toEqualTypeOf<
      SlackWebhookAdapter<'slack'> | undefined
    >()
  })
  test('says what is missing when it is switched on', () => {
    expect(() => slack.fromEnv({}, { SLACK_ENABLED: 'true' })).toThrow(
      /SLACK_CHANNEL and SLACK_BOT_TOKEN is not set/,
    )
    expect(() => slack.fromEnv({}, { ...token, SLACK_CHANNEL: 'general' })).toThrow('slack.channel: ')
  })
})
