// One action lacks a scope: the agile API answers 401 to a token that the rest of Jira accepts.
// Right: an unrelated session still reaches Jira.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { collectLog, fastClock, front, rows, sleep, until, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ cloudId: 'c-1', now: clock.now })
// The token has read:jira-work and write:jira-work, as the README says; the agile API needs others and answers 401.
const at = await front(service.url, ({ path }) =>
  path.includes('/rest/agile/1.0/')
    ? { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } }
    : undefined,
)
const log = collectLog()
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [jira({ gateway: at.url, cloudId: 'c-1', projectKey: 'ENG' })],
  secrets: name => ({ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' })[name],
})
const key = service.addIssue('Some story')
await tracker.act('jira', 'addToSprint', { sprint: 7, issues: [key] })
await until(() => at.log.some(r => r.path.includes('agile')))
await sleep(300)
const s = await tracker.start({ goal: 'Another session, nothing to do with sprints' })
await s.update('half way', { progress: 50 })
await s.decide('Use a queue')
await s.close({ summary: 'done', progress: 100 })
// 30 minutes of the tracker's clock
const arrived = await until(() => service.issues().some(i => i.summary.startsWith('Another')))
console.log(
  'after',
  30,
  'min of its clock, issues in Jira:',
  service.issues().map(i => i.summary),
)
console.log(
  'pauses',
  JSON.stringify(
    (await tracker.status()).adapters?.map?.(a => [a.name, a.pauses]) ?? (await tracker.status()),
    null,
    0,
  ).slice(0, 600),
)
console.log((await rows(tracker)).join('\n'))
console.log(log.said.join('\n'))
verdict(arrived, 'an unrelated session reaches Jira although one action lacks a scope')
await tracker.close()
await at.close()
await service.close()
