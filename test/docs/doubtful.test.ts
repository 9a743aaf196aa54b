import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { slack } from '../../packages/adapters/slack/src/index.ts'
import { type HostileSlack, hostileSlack } from '../../packages/adapters/slack/src/testing.ts'
import { createTracker } from '../../packages/core/src/index.ts'
import { fencesOf } from '../../scripts/docs/markdown.ts'
import { ROOT } from '../../scripts/docs/pages.ts'

// What the page says of doubt, run against services in which it happened.

const page = readFileSync(join(ROOT, 'docs/guide/delivery.md'), 'utf8')
const section = page.split(/^## /m).find(each => each.startsWith('Requests in doubt')) ?? ''
const blocks = fencesOf(section).map(({ text }) => text)

/** Runs a block of the page with these names given. */
const run = async (block: string | undefined, given: Readonly<Record<string, unknown>>): Promise<void> => {
  const code = `export const run = async ({ ${Object.keys(given).join(', ')} }) => {\n${block}\n}`
  const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)
  await module.run(given)
}

let server: HostileSlack
beforeEach(async () => {
  server = await hostileSlack()
})
afterEach(() => server.close())

const SECRETS: Readonly<Record<string, () => string>> = {
  SLACK_BOT_TOKEN: () => server.token,
  SLACK_WEBHOOK_URL: () => server.webhook,
}
const tracked = () => {
  const webhook = slack({ auth: 'webhook', as: 'webhook' })
  const bot = slack({ channel: 'C0123456789', baseUrl: server.api })
  const unlimited = { limits: { rates: {} } }
  return createTracker({
    project: 'billing',
    user: 'fixer',
    secrets: name => SECRETS[name]?.(),
    policy: { backoffMs: 1, backoffMaxMs: 5, timeoutMs: 1_000, downAfter: 1_000 },
    adapters: [
      { ...webhook, ...unlimited, hooks: {} },
      { ...bot, ...unlimited, hooks: {} },
    ],
  })
}

test('the page has the blocks that are run here', () => {
  expect(blocks.length).toBe(2)
})

test('yes, no and never are answers to a doubt', async () => {
  await using tracker = await tracked()
  server.fail({ path: new URL(server.webhook).pathname, times: 3, failure: { kind: 'reset', applied: true } })
  const keys = ['yes', 'no', 'never']
  for (const key of keys) {
    await tracker.act('webhook', 'createMessage', { body: key }, { key })
    expect((await tracker.settled(key)).state).toBe('dead')
  }
  expect(await tracker.deliveries({ inDoubt: true })).toHaveLength(3)
  await run(blocks[0], { tracker, yes: 'yes', no: 'no', never: 'never' })
  await tracker.drain()
  const states = (await tracker.deliveries()).map(({ key, state }) => [key, state])
  expect(Object.fromEntries(states)).toEqual({ yes: 'delivered', no: 'delivered', never: 'dropped' })
  // All three were applied; only the one that was said not to be was sent again.
  expect(server.roots().map(({ text }) => text)).toEqual(['yes', 'no', 'never', 'no'])
})

test('the id of a message is all that is asked for', async () => {
  await using tracker = await tracked()
  // It stands in no list while the worker looks.
  server.fail({ path: '/api/chat.postMessage', failure: { kind: 'late' } })
  await tracker.act('slack', 'createMessage', { body: 'hello' }, { key: 'message' })
  await expect
    .poll(async () => (await tracker.deliveries({ inDoubt: true })).map(({ key }) => key))
    .toEqual(['message'])
  await expect(tracker.acknowledge('message')).rejects.toThrow('(from "/ts")')
  await run(blocks[1], { tracker, message: 'message' })
  expect(await tracker.settled('message')).toMatchObject({ state: 'delivered' })
})
