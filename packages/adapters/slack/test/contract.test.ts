import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { spread, thin } from '../../../../test/sample.ts'
import { type SlackOptions, type SlackWebhookOptions, slack } from '../src/index.ts'
import { hostileSlack } from '../src/testing.ts'
import { apiFailures, webhookFailures } from './replies.ts'

const CHANNEL = 'C0123456789'

const bot = adapterSuite({
  make: options => slack({ channel: CHANNEL, ...options } as SlackOptions),
  secrets: { SLACK_BOT_TOKEN: 'xoxb-canary-4f7a' },
  fromEnv: { make: env => slack.fromEnv({}, env), settings: { SLACK_CHANNEL: CHANNEL } },
  wrong: [
    { options: { channel: '#billing' }, field: 'slack.channel' },
    { options: { channel: undefined }, field: 'slack.channel' },
    { options: { channel: 'c0123456789' }, field: 'slack.channel' },
    { options: { secrets: { SLACK_BOT_TOKEN: 'xoxb-1-2-3' } }, field: 'slack.secrets.SLACK_BOT_TOKEN' },
    { options: { baseUrl: 'http://slack.com/api' }, field: 'slack.baseUrl' },
    { options: { sessionUrl: 'javascript:alert({id})' }, field: 'slack.sessionUrl' },
    { options: { updates: 'all' }, field: 'slack.updates' },
    { options: { as: '1st' }, field: 'slack.as' },
    { options: { when: true }, field: 'slack.when' },
  ],
  refs: { thread: '1503435956.000247' },
  failures: apiFailures,
  service: async () => {
    const server = await hostileSlack({ token: 'xoxb-canary-4f7a' })
    const seen = () => {
      const roots = server.roots()
      return { cards: roots.length, entries: roots.flatMap(({ ts }) => server.replies(ts)).length }
    }
    const inputOf = (action: string, example: unknown) =>
      /^(edit|delete)/.test(action)
        ? { ...(example as object), message: server.messages().at(-1)?.ts }
        : example
    return { server, options: { baseUrl: server.api }, inspect: seen, inputOf }
  },
})

const HOOK = 'http://127.0.0.1:9/services/T1/B1/canary-91c2'

const webhook = adapterSuite({
  make: options => slack({ auth: 'webhook', ...options } as SlackWebhookOptions),
  secrets: { SLACK_WEBHOOK_URL: HOOK },
  fromEnv: { make: env => slack.fromEnv({}, env), settings: {} },
  wrong: [
    { options: { channel: CHANNEL }, field: 'slack.channel' },
    { options: { secrets: { SLACK_WEBHOOK_URL: HOOK } }, field: 'slack.secrets.SLACK_WEBHOOK_URL' },
    { options: { mode: 'now' }, field: 'slack.mode' },
  ],
  updates: [],
  failures: webhookFailures,
  cards: 4,
  entries: 0,
  service: async () => {
    const server = await hostileSlack()
    return {
      server,
      options: {},
      secrets: { SLACK_WEBHOOK_URL: server.webhook },
      wrongSecrets: { SLACK_WEBHOOK_URL: `${server.webhook}x` },
      inspect: () => ({
        cards: server.roots().length,
        entries: server.messages().length - server.roots().length,
      }),
    }
  },
})

const [byBot = [], byWebhook = []] = spread([bot, webhook].map(checks => thin(checks, 'slack')))

describe.each([
  ['with a bot', byBot],
  ['with a webhook', byWebhook],
] as const)('slack %s', (_, checks) => {
  test.for(checks.map(check => [check.name, check] as const))('%s', ([, { run }]) => run())
})
