import { createTracker } from '@sessionwire/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { slack } from '../src/index.ts'
import { type HostileSlack, hostileSlack } from '../src/testing.ts'
import { CHANNEL } from './made.ts'

let server: HostileSlack
beforeEach(async () => {
  server = await hostileSlack()
})
afterEach(() => server.close())

const policy = { backoffMs: 1, backoffMaxMs: 5, timeoutMs: 1_000, afterMs: 0, downAfter: 1_000 }

const tracked = () => {
  const adapter = slack({ channel: CHANNEL, baseUrl: server.api })
  return createTracker({
    project: 'billing',
    user: 'fixer',
    secrets: name => (name === 'SLACK_BOT_TOKEN' ? server.token : undefined),
    policy,
    // A message a second would make a test of seconds; the suite holds the limits themselves.
    adapters: [{ ...adapter, limits: { rates: {} } }],
  })
}
const texts = (ts = server.roots()[0]?.ts ?? '') => server.replies(ts).map(({ text }) => text.split('\n')[0])

/** Waits for the newest delivery of an action. */
const newest = async (tracker: Awaited<ReturnType<typeof tracked>>, action: string) => {
  const found = (await tracker.deliveries()).filter(each => each.action === action).at(-1)
  return tracker.settled(found?.key ?? '', { timeoutMs: 600_000 })
}

test('a session goes out whole and once, however its answers are lost', async () => {
  const applied = { applied: true } as const
  const failing = [
    { kind: 'reset', ...applied },
    { kind: 'error', ...applied },
    { kind: 'inside', ...applied, word: 'fatal_error' },
    { kind: 'throttle', waitSeconds: 0 },
    { kind: 'nonsense', ...applied },
    { kind: 'html', applied: false },
    { kind: 'cut' },
  ] as const
  const path = '/api/chat.postMessage'
  for (const [place, failure] of failing.entries()) server.fail({ path, nth: place + 1, failure })
  server.fail({ path: '/api/chat.update', times: 2, failure: { kind: 'reset', applied: true } })
  await using tracker = await tracked()
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.decide('Lock per invoice <!channel>', { alternatives: ['global lock'] })
  const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
  await blocker.resolve('Key issued by ops')
  await session.close({ summary: 'Fixed', progress: 100 })
  // The summary goes out last: the edits of the card took each other's place before it.
  expect(await newest(tracker, 'postEntry')).toMatchObject({ state: 'delivered' })
  expect(await tracker.drain()).toEqual({ done: true, left: {} })
  expect(server.roots().map(({ text }) => text.split('\n')[0])).toEqual([
    'Stop double charging: completed, 0 → 100 %',
  ])
  expect(texts()).toEqual([
    'Decision: Lock per invoice &lt;!channel&gt;',
    'Blocked (high): No staging key',
    'Unblocked: No staging key',
    'Session completed, 0 → 100 %: Fixed',
  ])
  expect(server.requests().flatMap(({ failed }) => failed ?? []).length).toBeGreaterThanOrEqual(8)
  expect([server.counts().doubled, server.live()]).toEqual([0, []])
})

test('a card that a person deleted stops the lane, and a new one takes its place when asked', async () => {
  await using tracker = await tracked()
  const session = await tracker.start({ goal: 'Stop double charging' })
  await newest(tracker, 'postCard')
  server.deleteByHand(server.roots()[0]?.ts ?? '')
  await session.update('Reproduced', { progress: 40 })
  expect(await newest(tracker, 'editCard')).toMatchObject({ state: 'dead', reason: 'message_not_found' })
  expect(server.roots()).toEqual([])
  await tracker.recreateCard(session.id, 'slack')
  const [again] = await tracker.deliveries({ state: ['waiting', 'claimed', 'begun', 'delivered'] })
  expect(again?.action).toBe('postCard')
  expect(await tracker.settled(again?.key ?? '', { timeoutMs: 600_000 })).toMatchObject({
    state: 'delivered',
  })
  // Its key is a new one in Slack too, or a look-up could take the old card for it.
  expect(server.roots()[0]?.metadata?.event_payload).toMatchObject({
    key: again?.key,
    session: session.id,
  })
  expect(server.roots().map(({ text }) => text.split('\n')[0])).toEqual([
    'Stop double charging: in progress, 0 → 40 %',
  ])
})

test('the address of a reply in a thread leads to the thread', async () => {
  const thread = server.writeByHand('Charged twice')
  const reply = server.writeByHand('Since Monday', thread)
  const url = `https://work.slack.com/archives/${CHANNEL}/p${reply.replace('.', '')}?thread_ts=${thread}&cid=${CHANNEL}`
  await using tracker = await tracked()
  await tracker.start({ goal: 'Stop double charging', refs: { slack: { thread: url } } })
  await newest(tracker, 'postCard')
  expect(texts(thread)).toEqual(['Since Monday', 'Stop double charging: in progress'])
})

test('where history may not be read, a message in doubt is kept and not sent again', async () => {
  server.revoke('channels:history')
  server.fail({ path: '/api/chat.postMessage', failure: { kind: 'reset', applied: true } })
  await using tracker = await tracked()
  await tracker.start({ goal: 'Stop double charging' })
  const reasons = async () => (await tracker.deliveries({ inDoubt: true })).map(({ reason }) => reason)
  await expect.poll(reasons).toEqual([expect.stringContaining('needs channels:history')])
  expect(server.roots()).toHaveLength(1)
})
