// A session in Slack: one message edited in place, decisions and blockers as replies in its thread.
//   npm run example -- slack          a Slack on this machine that fails now and then
//   npm run example -- slack --live   the real one: SLACK_BOT_TOKEN and SLACK_CHANNEL (its id)
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live ? slack.fromEnv() : slack({ channel: 'C0123456789' })) ??
  stop('Set SLACK_BOT_TOKEN and SLACK_CHANNEL.')
const service = live ? undefined : await hostileSlack({ now: clock.now })
const stage = service && createStage([[adapter, service]], { SLACK_BOT_TOKEN: service.token }, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/slack.db') : memoryStore(clock),
  adapters: [adapter],
  ...stage,
})

const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35, nextSteps: ['Find the lock'] })
await session.decide('Lock per invoice', {
  rationale: 'Stripe retries within seconds',
  alternatives: ['One global lock'],
})
const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
await blocker.resolve('Key issued by ops')
await session.entity({ name: 'InvoiceLock', type: 'class', path: 'src/lock.ts' })
await session.close({ summary: 'Fixed in #981', progress: 100 })
// Every other action of the service goes the same durable way, in the session's order.
const reaction = { name: 'white_check_mark' }
await tracker.act('slack', 'addReaction', reaction, { sessionId: session.id })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
for (const root of service?.roots() ?? []) {
  console.log(`\n${root.text}`)
  for (const reply of service?.replies(root.ts) ?? [])
    console.log(`\n  ${reply.text.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nSent twice, by Slack's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
