import { fieldsOf, type Json } from '@sessionwire/core/adapter'
import { type SlackOptions, type SlackWebhookOptions, slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { linksIn, type Target } from './target.ts'

const CHANNEL = 'C0123456789'

/** A message's rich text on its lines, with the addresses that its links lead to. */
const textOf = (value: Json): string => {
  if (Array.isArray(value)) return value.map(textOf).join('')
  const { type, text, url, elements } = fieldsOf(value)
  if (type === 'link') return ` ${String(url)} `
  if (type === 'text') return String(text)
  return elements === undefined ? '' : `${textOf(elements)}${type === 'rich_text_section' ? '\n' : ''}`
}

/** Slack with a bot: no id of ours, a look-up page by page. */
export const slackTarget: Target = {
  name: 'slack',
  secrets: { SLACK_BOT_TOKEN: 'xoxb-canary-slack-8d41f0' },
  make: options => slack({ channel: CHANNEL, ...options } as SlackOptions),
  serve: async ({ seed, now, secrets = slackTarget.secrets }) => {
    const server = await hostileSlack({ seed, now, token: secrets.SLACK_BOT_TOKEN ?? '' })
    return {
      server,
      once: () => server.bookmarks().map(({ title }) => title),
      options: { baseUrl: server.api, sessionUrl: 'https://example.com/s/{id}' },
      secrets,
      listCards: () =>
        server
          .roots()
          .filter(root => !root.text.startsWith('apart'))
          .map(root => ({
            card: root.text,
            entries: server.replies(root.ts).map(({ text }) => text),
            links: linksIn(textOf(root.blocks ?? null)),
          })),
      listMade: () =>
        server
          .roots()
          .filter(root => root.text.startsWith('apart'))
          .map(({ text }) => text),
    }
  },
  below: [n => ({ action: 'createMessage', input: { body: `below ${n}`, thread: 'session' } })],
  apart: [n => ({ action: 'createMessage', input: { body: `apart ${n}` } })],
  once: [n => ({ action: 'addBookmark', input: { title: `once ${n}`, url: `https://example.com/${n}` } })],
  isWrite: ({ path }) => /\/(chat\.(postMessage|update)|bookmarks\.add)$/.test(path),
}

/** Slack with a webhook: nothing it posts can be found again. */
export const webhookTarget: Target = {
  name: 'webhook',
  secrets: { SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/services/T0/B0/canary-hook-2b77' },
  make: options => slack({ auth: 'webhook', as: 'webhook', ...options } as SlackWebhookOptions),
  serve: async ({ seed, now }) => {
    const server = await hostileSlack({ seed, now })
    return {
      server,
      options: {},
      secrets: { SLACK_WEBHOOK_URL: server.webhook },
      listCards: () => server.roots().map(({ text }) => ({ card: text, entries: [] })),
      listMade: () => [],
    }
  },
  below: [],
  apart: [],
  entries: 'none',
  blind: true,
  // A check is an empty message.
  isWrite: ({ raw }) => raw.includes('blocks'),
}
