// Look first, send later: every request is planned and written to a file, a person reads it and releases what is right.
//   npm run example -- preview-and-release
import { mkdir, writeFile } from 'node:fs/promises'
import { createTracker } from '@sessionwire/core'
import { formatDeliveries, render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'

const clock = createFastClock()
const adapter = jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG', mode: 'preview' })
const service = await hostileJira({ now: clock.now })
const secrets = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...createStage([[adapter, service]], secrets, clock),
  store: sqliteStore('.sessionwire/preview.db', { now: clock.now }),
  adapters: [adapter],
})
const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35 })
await session.decide('Lock per invoice', { rationale: 'Stripe retries within seconds' })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const planned = await tracker.preview(session.id, { adapter: 'jira' })
await mkdir('.sessionwire', { recursive: true, mode: 0o700 })
await writeFile('.sessionwire/preview.http', render(planned, 'http'))
console.log(`${planned.length} requests in .sessionwire/preview.http, nothing sent:`)
for (const { action, key } of planned) console.log(`  ${action.padEnd(14)} ${key}`)

// A request that needs the issue cannot be released before the issue: the tracker refuses it and says why.
const [create, ...rest] = planned.map(each => each.key)
const [answer] = await tracker.release(rest.at(-1) ?? '')
console.log(`\nreleasing the last one alone: ${answer?.refused ?? answer?.state}`)
await tracker.release([create ?? '', ...rest])
const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(`\nreleased; everything delivered: ${done}`)
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
console.log(`sent twice: ${service.countDoubled()}`)
await tracker.close()
await service.close()
