// On Jira Data Center `parent` belongs to sub-tasks; an issue of an epic has the epic in a custom field.
// Right: `parent` makes a card below the epic, or the configuration is refused.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { collectLog, fastClock, front, rows, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ deployment: 'datacenter', now: clock.now })
// Data Center: `parent` belongs to sub-tasks; an issue of an epic has the epic in a custom field ("Epic Link").
const at = await front(service.url, ({ method, path, json }) =>
  method === 'POST' &&
  /\/issue$/.test(path) &&
  json?.fields?.parent &&
  json.fields.issuetype?.name !== 'Sub-task'
    ? {
        status: 400,
        body: {
          errorMessages: [],
          errors: {
            parent: "Field 'parent' cannot be set. It is not on the appropriate screen, or unknown.",
          },
        },
      }
    : undefined,
)
const log = collectLog()
let refused
try {
  jira({ baseUrl: at.url, projectKey: 'ENG', deployment: 'datacenter', parent: 'ENG-1' })
} catch (e) {
  refused = e.message
}
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: refused
    ? []
    : [jira({ baseUrl: at.url, projectKey: 'ENG', deployment: 'datacenter', parent: 'ENG-1' })],
  secrets: () => 'pat',
})
const s = await tracker.start({ goal: 'Below an epic' })
await s.decide('y')
await s.close({ summary: 'x' })
await tracker.drain({ timeoutMs: 60 * 20 * 3_000 })
console.log('refused at configuration:', refused)
console.log((await rows(tracker)).join('\n'))
verdict(
  refused !== undefined || service.issues().length === 1,
  'parent on Data Center makes a card below the epic, or is refused when it is configured',
)
await tracker.close()
await at.close()
await service.close()
