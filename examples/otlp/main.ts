// A session as OpenTelemetry data: log records and spans while it goes on, its own span when it ends.
//   npm run example -- otlp          a collector on this machine that fails now and then
//   npm run example -- otlp --live   your own: OTEL_EXPORTER_OTLP_ENDPOINT
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { otlp } from '@sessionwire/otlp'
import { hostileCollector } from '@sessionwire/otlp/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live ? otlp.fromEnv() : otlp({ endpoint: 'http://localhost:4318', content: true })) ??
  stop('Set OTEL_EXPORTER_OTLP_ENDPOINT.')
const service = live ? undefined : await hostileCollector({ now: clock.now })
const stage = service && createStage([[adapter, service]], {}, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/otlp.db') : memoryStore(clock),
  adapters: [adapter],
  ...stage,
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
for (const { severityText, eventName, body } of service?.logs() ?? [])
  console.log(`\n${severityText} ${eventName}\n${JSON.stringify(body)}`)
for (const { name, traceId, spanId, startTimeUnixNano, endTimeUnixNano } of service?.spans() ?? [])
  console.log(`\nspan ${name} of trace ${traceId}: ${spanId}, ${startTimeUnixNano} to ${endTimeUnixNano}`)
await tracker.close()
await service?.close()
