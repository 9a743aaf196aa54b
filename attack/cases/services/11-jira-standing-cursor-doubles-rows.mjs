// A search repeats the same page with the same cursor for ever.
// Right: the read ends, with an error or with each row once.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { fastClock, front, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ now: clock.now })
let n = 0
// A search that goes on saying the same token with the same page (reported of cursors that are not cleared).
const page = {
  issues: [
    { id: '1', key: 'ENG-1', fields: { summary: 'one' } },
    { id: '2', key: 'ENG-2', fields: { summary: 'two' } },
  ],
  nextPageToken: 'SAME',
  isLast: true,
}
const at = await front(service.url, ({ path }) => {
  if (!path.endsWith('/search/jql')) return
  n++
  return { status: 200, body: page }
})
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...clock,
  pollMs: 20,
  adapters: [jira({ baseUrl: at.url, projectKey: 'ENG', deployment: 'cloud' })],
  secrets: name => ({ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' })[name],
})
let got, error
try {
  got = await tracker.read('jira', 'search', { query: 'project = ENG' })
} catch (e) {
  error = e.message
}
console.log('requests', n, 'rows', got?.length, 'error', error)
verdict(
  n <= 3 && (error !== undefined || got.length === 2),
  'a cursor that stands still neither loops nor doubles rows',
)
await tracker.close()
await at.close()
await service.close()
