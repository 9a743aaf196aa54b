// A classic workflow refuses edits of an issue that is Done until it is reopened.
// Right: a resumed session reopens the issue first, then edits the card.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { collectLog, fastClock, front, rows, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ now: clock.now })
// The classic workflow: an issue that is Done is not editable (jira.issue.editable=false) until it is reopened.
const at = await front(service.url, ({ method, path }) => {
  const issue = service.issues()[0]
  if (method === 'PUT' && /\/issue\/[^/]+$/.test(path) && issue?.status === 'Done')
    return {
      status: 400,
      body: {
        errorMessages: [],
        errors: {
          description: "Field 'description' cannot be set. It is not on the appropriate screen, or unknown.",
        },
      },
    }
})
const log = collectLog()
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [
    jira({
      baseUrl: at.url,
      projectKey: 'ENG',
      deployment: 'cloud',
      statuses: {
        start: 'In Progress',
        close: 'Done',
        crashed: 'Done',
        abandoned: 'Done',
        resume: 'In Progress',
      },
    }),
  ],
  secrets: name => ({ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' })[name],
})
const s = await tracker.start({ goal: 'Stop double charging' })
await tracker.drain({ timeoutMs: 60 * 20 * 20_000 })
await s[Symbol.asyncDispose]() // ends as abandoned
await tracker.drain({ timeoutMs: 60 * 20 * 20_000 })
const again = tracker.session(s.id)
await again.block('No staging key', { severity: 'high' })
await tracker.drain({ timeoutMs: 60 * 20 * 20_000 })
console.log((await rows(tracker)).join('\n'))
const [issue] = service.issues()
console.log('status', issue.status, '\n' + issue.description.split('\n').slice(0, 2).join('\n'))
verdict(
  issue.status === 'In Progress' && /blocked/i.test(issue.description),
  'a session taken up again shows as in progress',
)
await tracker.close()
await at.close()
await service.close()
