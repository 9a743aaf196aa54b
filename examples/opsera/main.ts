// A session in Opsera: one project that is created once and kept up to date. Experimental: much of Opsera's API is not
// documented, so its adapter only plans until `mode: 'execute'` is set.
//   npm run example -- opsera          an Opsera on this machine that fails now and then
//   npm run example -- opsera --live   the real one: OPSERA_API_URL and OPSERA_API_KEY; plans, and sends nothing
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus, render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { opsera } from '@sessionwire/opsera'
import { hostileOpsera } from '@sessionwire/opsera/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live ? opsera.fromEnv() : opsera({ baseUrl: 'https://app.opsera.io' })) ??
  stop('Set OPSERA_API_URL and OPSERA_API_KEY.')
const service = live ? undefined : await hostileOpsera({ now: clock.now })
const stage = service && createStage([[adapter, service]], { OPSERA_API_KEY: service.token }, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/opsera.db') : memoryStore(clock),
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

const planned = await tracker.preview(session.id, { adapter: 'opsera' })
console.log(`Planned, and sent only when released:\n\n${render(planned, 'http')}\n`)
if (!live) await tracker.release(planned.map(each => each.key))

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
if (service !== undefined) console.log(`\nSent twice, by Opsera's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
