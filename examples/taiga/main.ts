// A session in Taiga: a user story edited in place, decisions and blockers as comments below it, blocked when it is.
//   npm run example -- taiga          a Taiga on this machine that fails now and then
//   npm run example -- taiga --live   the real one: TAIGA_PROJECT with TAIGA_TOKEN, or TAIGA_USERNAME and TAIGA_PASSWORD
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const statuses = { start: 'in-progress', close: 'done' }
const adapter =
  (live ? taiga.fromEnv({ statuses }) : taiga({ project: 'billing', statuses })) ??
  stop('Set TAIGA_PROJECT and TAIGA_TOKEN, or TAIGA_PROJECT, TAIGA_USERNAME and TAIGA_PASSWORD.')
const service = live ? undefined : await hostileTaiga({ now: clock.now })
const stage = service && createStage([[adapter, service]], { TAIGA_TOKEN: 'app-token' }, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/taiga.db') : memoryStore(clock),
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

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
for (const story of service?.items('userstory') ?? []) {
  console.log(`\n#${story.ref} ${story.subject}: ${story.status}\n${story.description}`)
  for (const comment of story.comments) console.log(`\n  ${comment.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nSent twice, by Taiga's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
