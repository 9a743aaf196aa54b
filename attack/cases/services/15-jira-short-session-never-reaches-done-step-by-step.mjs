// A workflow without shortcuts: To Do, In Progress, Done, each offering the next one only.
// Right: a short session, or one recorded during an outage, still ends in Done.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { fastClock, front, rows, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ now: clock.now })
// A workflow without shortcuts: To Do -> In Progress -> Done. Each status offers the next one only.
const NEXT = {
  'To Do': [['11', 'In Progress']],
  'In Progress': [
    ['21', 'Done'],
    ['22', 'To Do'],
  ],
  Done: [['31', 'In Progress']],
}
let status = 'To Do'
const moves = []
const at = await front(service.url, ({ method, path, json }) => {
  if (path.endsWith('/bulkfetch'))
    return {
      status: 200,
      body: { issues: [{ id: '20000', key: 'ENG-1', fields: { status: { name: status } } }] },
    }
  if (method === 'GET' && path.endsWith('/transitions'))
    return {
      status: 200,
      body: {
        transitions: NEXT[status].map(([id, to]) => ({
          id,
          name: `to ${to}`,
          to: { id, name: to },
          fields: {},
        })),
      },
    }
  if (method === 'POST' && path.endsWith('/transitions')) {
    const to = NEXT[status].find(([id]) => id === json.transition.id)
    if (!to)
      return {
        status: 400,
        body: {
          errorMessages: [
            'It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue.',
          ],
          errors: {},
        },
      }
    status = to[1]
    moves.push(status)
    return { status: 204, body: '' }
  }
})
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...clock,
  pollMs: 20,
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
if (process.argv.includes('--slow')) await tracker.drain({ timeoutMs: 60 * 20 * 10_000 })
await s.close({ summary: 'Fixed in #981', progress: 100 }) // at once, as a short run does, or after an outage
await tracker.drain({ timeoutMs: 60 * 20 * 10_000 })
console.log((await rows(tracker)).join('\n'))
console.log('moves', moves, 'status now', status)
verdict(status === 'Done', 'a short session, or one recorded during an outage, ends in Done')
await tracker.close()
await at.close()
await service.close()
