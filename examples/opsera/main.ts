// A session in Opsera: one project that is created once and kept up to date. Experimental: much of Opsera's API is
// documented nowhere, so its adapter only plans until it is told to execute.
//   npm run example -- opsera          an Opsera on this machine that fails now and then
//   npm run example -- opsera --live   the real one: OPSERA_BASE_URL and OPSERA_API_KEY; plans, and sends nothing
import { createTracker } from '@sessionwire/core'
import { render } from '@sessionwire/core/render'
import { opsera } from '@sessionwire/opsera'
import { hostileOpsera } from '@sessionwire/opsera/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { live, staged, stop, timeoutMs } from '../stage/stage.ts'

const adapter =
  (live ? opsera.fromEnv() : opsera({ baseUrl: 'https://app.opsera.io' })) ??
  stop('Set OPSERA_BASE_URL and OPSERA_API_KEY.')
const service = live ? undefined : await hostileOpsera({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...(service === undefined ? {} : staged([[adapter, service]], { OPSERA_API_KEY: service.token })),
})

const session = await day(tracker)
await session.close({ summary: 'Fixed in #981', progress: 100 })
const planned = await tracker.preview(session.id, { adapter: 'opsera' })
console.log(`Planned, and sent only when released:\n\n${render(planned, 'http')}`)

if (service !== undefined) {
  await tracker.release(planned.map(each => each.key))
  const { done } = await tracker.drain({ timeoutMs })
  console.log(`\nReleased, delivered: ${done}\n${await deliveries(tracker, session.id)}`)
  console.log(`\nDoubled, by Opsera's own count: ${service.doubled()}`)
}
await tracker.close()
await service?.close()
