// A classic workflow refuses edits of an issue in its last status.
// Right: the card is edited before its issue is moved to Done.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { collectLog, fastClock, front, rows, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ now: clock.now })
const order = []
// The classic workflow: an issue in its last status is not editable (jira.issue.editable=false); comments are taken.
const at = await front(service.url, ({ method, path, json }) => {
  if (method === 'POST' && path.endsWith('/transitions')) order.push(`transition ${json.transition.id}`)
  if (method === 'POST' && path.endsWith('/comment')) order.push('comment')
  if (method !== 'PUT' || !/\/issue\/[^/]+$/.test(path)) return
  order.push('edit')
  if (service.issues()[0]?.status === 'Done')
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
  deliver: false,
  adapters: [
    jira({
      baseUrl: at.url,
      projectKey: 'ENG',
      deployment: 'cloud',
      statuses: { start: 'In Progress', close: 'Done' },
    }),
  ],
  secrets: name => ({ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' })[name],
})
const s = await tracker.start({ goal: 'Stop double charging' })
await s.update('Found the race', { progress: 60 })
await s.decide('Lock per invoice')
await s.close({ summary: 'Fixed in #981', progress: 100 })
await tracker.drain({ timeoutMs: 60 * 20 * 20_000 })
console.log((await rows(tracker)).join('\n'))
console.log('order at Jira:', order.join(', '))
const [issue] = service.issues()
console.log('status', issue.status, '| card:', issue.description.split('\n')[0])
verdict(
  /completed/.test(issue.description),
  'the card shows that the session is completed: it is edited before its issue is moved to Done',
)
await tracker.close()
await at.close()
await service.close()
