// A request of Jira Service Management shows every comment to the customer unless it is marked internal.
// Right: there is a way to keep a session's comments on it internal.

import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { fastClock, front, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileJira({ now: clock.now })
const shown = [] // what a customer sees in the portal
// A request of Jira Service Management: a comment without sd.public.comment { internal: true } is public and mailed.
const at = await front(service.url, ({ method, path, json }) => {
  if ((method === 'POST' || method === 'PUT') && /\/comment(\/\d+)?$/.test(path)) {
    const internal = json?.properties?.some(p => p.key === 'sd.public.comment' && p.value?.internal === true)
    if (!internal)
      shown.push(
        JSON.stringify(json.body)
          .match(/"text":"[^"]+"/g)
          ?.slice(0, 3)
          .join(' '),
      )
  }
})
const secrets = name => ({ JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' })[name]
const key = service.addIssue('Customer cannot pay')
const options = { baseUrl: at.url, projectKey: 'ENG', deployment: 'cloud' }
const refused = []
for (const more of [
  { internal: true },
  { comments: 'internal' },
  { commentProperties: [] },
  { visibility: { type: 'role', value: 'Service Desk Team' } },
])
  try {
    jira({ ...options, ...more })
  } catch (e) {
    refused.push(e.message.slice(0, 110))
  }
console.log('options tried:', refused)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  secrets,
  ...clock,
  pollMs: 20,
  adapters: [jira(options)],
})
for (const more of [
  { internal: true },
  { properties: [{ key: 'sd.public.comment', value: { internal: true } }] },
  { public: false },
])
  try {
    await tracker.act('jira', 'createComment', { issue: key, body: 'x', ...more })
    console.log('taken', more)
  } catch (e) {
    refused.push(e.message.slice(0, 110))
  }
console.log('inputs tried:', refused.slice(4))
const s = await tracker.start({
  goal: 'Look into the payment of the customer',
  refs: { jira: { issue: key } },
})
await s.decide('Refund only if they complain', { rationale: 'we broke it ourselves' })
await s.close({ summary: 'Root cause: our double charge' })
const { done } = await tracker.drain({ timeoutMs: 60 * 20 * 20_000 })
console.log('done', done, '\nshown to the customer:\n' + shown.join('\n'))
verdict(
  shown.length === 0 || refused.length < 7,
  "there is a way to keep a session's comments on a service request internal",
)
await tracker.close()
await at.close()
await service.close()
