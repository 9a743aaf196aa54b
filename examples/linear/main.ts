// A session in Linear: an issue edited in place, decisions and blockers as comments below it, its state by name.
//   npm run example -- linear          a Linear on this machine that fails now and then
//   npm run example -- linear --live   the real one: LINEAR_API_KEY and LINEAR_TEAM_ID
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const statuses = { start: 'In Progress', close: 'Done' }
const adapter =
  (live ? linear.fromEnv({ statuses }) : linear({ teamId: 'BIL', statuses })) ??
  stop('Set LINEAR_API_KEY and LINEAR_TEAM_ID.')
const service = live ? undefined : await hostileLinear({ now: clock.now })
const stage = service && createStage([[adapter, service]], { LINEAR_API_KEY: 'lin_api_test' }, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/linear.db') : memoryStore(clock),
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
// Every other action of the service goes the same durable way, in the session's order.
const comment = { body: 'Pull request 981 is up.' }
await tracker.act('linear', 'createComment', comment, { sessionId: session.id })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
// Reads run at once and are typed.
const issues = await tracker.read('linear', 'search', { query: 'double charging' })
for (const issue of issues)
  console.log(`${issue.identifier} ${issue.title}: ${issue.state.name}, ${issue.url}`)
const card = service?.issues().at(-1)
if (card !== undefined) console.log(`\n${card.title}\n${card.description}`)
for (const each of service?.comments() ?? []) console.log(`\n  ${each.body.replaceAll('\n', '\n  ')}`)
if (service !== undefined) console.log(`\nSent twice, by Linear's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
