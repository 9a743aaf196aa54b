// A session in Slack: one message edited in place, decisions and blockers as replies in its thread.
//   npm run example -- slack          a Slack on this machine that fails now and then
//   npm run example -- slack --live   the real one: SLACK_BOT_TOKEN and SLACK_CHANNEL (its id)
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const adapter =
  (live ? slack.fromEnv() : slack({ channel: 'C0123456789' })) ??
  stop('Set SLACK_BOT_TOKEN and SLACK_CHANNEL.')
const service = live ? undefined : await hostileSlack({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], { SLACK_BOT_TOKEN: service.token })),
})

const session = await day(tracker)
await session.close({ summary: 'Fixed in #981', progress: 100 })
// Anything else the service can do goes the same durable way, in the session's order.
await tracker.act(
  'slack',
  'addReaction',
  { ts: 'session', name: 'white_check_mark' },
  { sessionId: session.id },
)

const { done, left } = await tracker.drain({ timeoutMs })
console.log(done ? 'Delivered:' : `Not all is delivered yet: ${JSON.stringify(left)}`)
console.log(await deliveries(tracker, session.id))
for (const root of service?.roots() ?? []) {
  console.log(`\n${root.text}`)
  for (const reply of service?.replies(root.ts) ?? [])
    console.log(`\n  ${reply.text.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nDoubled, by Slack's own count: ${service.doubled()}`)
await tracker.close()
await service?.close()
