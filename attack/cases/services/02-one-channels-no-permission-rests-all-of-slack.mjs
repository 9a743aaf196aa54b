// One channel refuses with no_permission, because the app is not a member of it.
// Right: a session in another channel still reaches Slack.

import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { collectLog, fastClock, front, rows, sleep, until, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileSlack({ now: clock.now })
// Slack answers no_permission for a conversation the app is not a member of (that one channel only).
const at = await front(service.url, ({ path, json }) =>
  json?.channel === 'C0OTHER0001' ? { status: 200, body: { ok: false, error: 'no_permission' } } : undefined,
)
const log = collectLog()
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [slack({ channel: 'C0123456789', baseUrl: `${at.url}/api` })],
  secrets: () => 'xoxb-test',
})
await tracker.act('slack', 'createMessage', { body: 'Hello', channel: 'C0OTHER0001' })
await until(() => at.log.length > 0)
await sleep(300)
const s = await tracker.start({ goal: 'Another session, in the right channel' })
await s.close({ summary: 'done', progress: 100 })
const arrived = await until(async () =>
  (await tracker.deliveries({ state: 'delivered' })).some(d => d.action === 'postCard'),
)
console.log((await rows(tracker)).join('\n'))
console.log(log.said.join('\n'))
console.log(at.log.map(r => `${r.path} ${r.status} ${r.answer?.slice(0, 120)}`).join('\n'))
verdict(
  arrived,
  'a session in the right channel reaches Slack although one message was refused for another channel',
)
await tracker.close()
await at.close()
await service.close()
