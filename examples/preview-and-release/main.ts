// Look first, send later: everything is planned and written to a file, a person reads it, and releases what is right.
//   npm run example -- preview-and-release
import { mkdir, writeFile } from 'node:fs/promises'
import { createTracker } from '@sessionwire/core'
import { render } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { jira } from '@sessionwire/jira'
import { hostileJira } from '@sessionwire/jira/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { staged, timeoutMs } from '../stage/stage.ts'

const adapter = jira({ baseUrl: 'https://your-site.atlassian.net', projectKey: 'ENG', mode: 'preview' })
const service = await hostileJira({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...staged([[adapter, service]], { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }),
  store: sqliteStore('.sessionwire/preview.db', { now: fast.now }),
  adapters: [adapter],
})
const session = await day(tracker)
await session.close({ summary: 'Fixed in #981', progress: 100 })

const planned = await tracker.preview(session.id, { adapter: 'jira' })
await mkdir('.sessionwire', { recursive: true, mode: 0o700 })
await writeFile('.sessionwire/preview.http', render(planned, 'http'))
console.log(`${planned.length} requests in .sessionwire/preview.http, nothing sent:`)
for (const { action, key } of planned) console.log(`  ${action.padEnd(12)} ${key}`)

// Releasing something that needs the issue before the issue is refused, by name.
const [create, ...rest] = planned.map(each => each.key)
const [refused] = await tracker.release(rest.at(-1) ?? '')
console.log(`\nthe last one alone: ${refused?.refused ?? refused?.state}`)
await tracker.release([create ?? '', ...rest])
const { done } = await tracker.drain({ timeoutMs })
console.log(`\nreleased, delivered: ${done}\n${await deliveries(tracker, session.id)}`)
console.log(`doubled: ${service.doubled()}`)
await tracker.close()
await service.close()
