// A session in Linear: an issue edited in place, decisions and blockers as comments below it, its state by name.
//   npm run example -- linear          a Linear on this machine that fails now and then
//   npm run example -- linear --live   the real one: LINEAR_API_KEY and LINEAR_TEAM_ID
import { createTracker } from '@sessionwire/core'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const states = { start: 'In Progress', close: 'Done' }
const adapter =
  (live ? linear.fromEnv({ states }) : linear({ teamId: 'BIL', states })) ??
  stop('Set LINEAR_API_KEY and LINEAR_TEAM_ID.')
const service = live ? undefined : await hostileLinear({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], { LINEAR_API_KEY: 'lin_api_test' })),
})

const session = await day(tracker)
// Anything else the service can do goes the same durable way, in the session's order.
await tracker.act(
  'linear',
  'createComment',
  { issue: 'session', text: 'Pull request 981 is up.' },
  { sessionId: session.id },
)
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done, left } = await tracker.drain({ timeoutMs })
console.log(done ? 'Delivered:' : `Not all is delivered yet: ${JSON.stringify(left)}`)
console.log(await deliveries(tracker, session.id))
// Reads run at once and are typed.
const issues = await tracker.read('linear', 'searchIssues', { term: 'double charging' })
for (const issue of issues)
  console.log(`${issue.identifier} ${issue.title}: ${issue.state.name}, ${issue.url}`)
const made = service?.issues().at(-1)
if (made !== undefined) console.log(`\n${made.title}\n${made.description}`)
for (const each of service?.comments() ?? []) console.log(`\n  ${each.body.replaceAll('\n', '\n  ')}`)
if (service !== undefined) console.log(`\nDoubled, by Linear's own count: ${service.doubled()}`)
await tracker.close()
await service?.close()
