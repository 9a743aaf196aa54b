// A session in Jira: an issue edited in place, decisions and blockers as comments below it, its status by name.
//   npm run example -- jira          a Jira on this machine that fails now and then
//   npm run example -- jira --live   the real one: JIRA_BASE_URL, JIRA_PROJECT_KEY, JIRA_EMAIL and JIRA_API_TOKEN
import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const statuses = { start: 'In Progress', close: 'Done' }
const adapter =
  (live
    ? jira.fromEnv({ statuses })
    : jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG', statuses })) ??
  stop('Set JIRA_BASE_URL, JIRA_PROJECT_KEY, JIRA_EMAIL and JIRA_API_TOKEN.')
const service = live ? undefined : await hostileJira({ now: fast.now })
const secrets = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], secrets)),
})

const session = await day(tracker)
// Anything else the service can do goes the same durable way, in the session's order.
const worked = { startedAt: new Date().toISOString(), seconds: 1_800 }
await tracker.act('jira', 'addWorklog', worked, { sessionId: session.id })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done, left } = await tracker.drain({ timeoutMs })
console.log(done ? 'Delivered:' : `Not all is delivered yet: ${JSON.stringify(left)}`)
console.log(await deliveries(tracker, session.id))
for (const issue of service?.issues() ?? []) {
  console.log(`\n${issue.key} ${issue.summary}: ${issue.status}\n${issue.description}`)
  for (const comment of issue.comments) console.log(`\n  ${comment.text.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nDoubled, by Jira's own count: ${service.doubled()}`)
await tracker.close()
await service?.close()
