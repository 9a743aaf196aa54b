// A session in Jira: an issue edited in place, decisions and blockers as comments below it, its status by name.
//   npm run example -- jira          a Jira on this machine that fails now and then
//   npm run example -- jira --live   the real one: JIRA_BASE_URL, JIRA_PROJECT_KEY, JIRA_EMAIL and JIRA_API_TOKEN
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'

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
  (live
    ? jira.fromEnv({ statuses })
    : jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG', statuses })) ??
  stop('Set JIRA_BASE_URL, JIRA_PROJECT_KEY, JIRA_EMAIL and JIRA_API_TOKEN.')
const service = live ? undefined : await hostileJira({ now: clock.now })
const secrets = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }
const stage = service && createStage([[adapter, service]], secrets, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/jira.db') : memoryStore(clock),
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
const worklog = { startedAt: new Date().toISOString(), seconds: 1_800 }
await tracker.act('jira', 'logWork', worklog, { sessionId: session.id })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
for (const issue of service?.issues() ?? []) {
  console.log(`\n${issue.key} ${issue.summary}: ${issue.status}\n${issue.description}`)
  for (const comment of issue.comments) console.log(`\n  ${comment.text.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nSent twice, by Jira's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
