// A session at an address of your own: a signed event for each step, verified by the receiver.
//   npm run example -- webhook          a receiver on this machine that fails now and then
//   npm run example -- webhook --live   your own: SESSIONWIRE_WEBHOOK_URL and SESSIONWIRE_WEBHOOK_SECRET
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock } from '@sessionwire/core/testing'
import { verifyWebhook } from '@sessionwire/core/webhooks'
import { webhook } from '@sessionwire/webhook'
import { hostileReceiver } from '@sessionwire/webhook/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live ? webhook.fromEnv() : webhook({})) ??
  stop('Set SESSIONWIRE_WEBHOOK_URL and SESSIONWIRE_WEBHOOK_SECRET.')
const service = live ? undefined : await hostileReceiver({ now: clock.now })
service?.fail({ nth: 2, failure: { kind: 'reset', applied: true } })
service?.fail({ nth: 5, failure: { kind: 'error', applied: false, status: 503 } })
const values: Readonly<Record<string, string | undefined>> =
  service === undefined
    ? process.env
    : { SESSIONWIRE_WEBHOOK_URL: service.address, SESSIONWIRE_WEBHOOK_SECRET: service.secret }
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, events that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/webhook.db') : memoryStore(clock),
  adapters: [adapter],
  secrets: name => values[name],
  now: clock.now,
  monotonic: clock.monotonic,
})

const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35, nextSteps: ['Find the lock'] })
await session.decide('Lock per invoice', { rationale: 'Stripe retries within seconds' })
const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
await blocker.resolve('Key issued by ops')
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
for (const { headers, raw } of service?.requests() ?? []) {
  const now = Number(headers['webhook-timestamp']) * 1_000
  const verdict = verifyWebhook('standard', { headers, body: raw }, service?.secret ?? '', { now })
  console.log(`\n${verdict.ok ? `verified ${verdict.id}` : verdict.reason}\n${raw}`)
}
if (service !== undefined)
  console.log(`\nTaken twice, by the receiver's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
