// A session in Taiga: a user story edited in place, decisions and blockers as comments below it, blocked when it is.
//   npm run example -- taiga          a Taiga on this machine that fails now and then
//   npm run example -- taiga --live   the real one: TAIGA_PROJECT with TAIGA_TOKEN, or TAIGA_USERNAME and TAIGA_PASSWORD
import { createTracker } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const statuses = { start: 'in-progress', close: 'done' }
const adapter =
  (live ? taiga.fromEnv({ statuses }) : taiga({ project: 'billing', statuses })) ??
  stop('Set TAIGA_PROJECT and TAIGA_TOKEN, or TAIGA_PROJECT, TAIGA_USERNAME and TAIGA_PASSWORD.')
const service = live ? undefined : await hostileTaiga({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], { TAIGA_TOKEN: 'app-token' })),
})

const session = await day(tracker)
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done, left } = await tracker.drain({ timeoutMs })
console.log(done ? 'Delivered:' : `Not all is delivered yet: ${JSON.stringify(left)}`)
console.log(await deliveries(tracker, session.id))
for (const story of service?.items('userstory') ?? []) {
  console.log(`\n#${story.ref} ${story.subject}: ${story.status}\n${story.description}`)
  for (const comment of story.comments) console.log(`\n  ${comment.replaceAll('\n', '\n  ')}`)
}
if (service !== undefined) console.log(`\nDoubled, by Taiga's own count: ${service.doubled()}`)
await tracker.close()
await service?.close()
