// One process records and ends at once; another delivers. They meet in the database.
//   npm run example -- two-processes
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTracker } from '@sessionwire/core'
import { formatDeliveries } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'

const clock = createFastClock()
const adapter = linear({ teamId: 'BIL', statuses: { close: 'Done' } })
const options = {
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  store: sqliteStore('.sessionwire/two-processes.db', { now: clock.now }),
} as const

if (process.argv[2] === 'record') {
  // A short-lived job: it plans and stores, and waits for no service.
  const tracker = await createTracker({ ...options, deliver: false, now: clock.now })
  const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
  await session.update('Reproduced with two parallel webhooks', { progress: 35 })
  await session.decide('Lock per invoice', { rationale: 'Stripe retries within seconds' })
  await session.close({ summary: 'Fixed in #981', progress: 100 })
  await tracker.close()
  process.stdout.write(session.id)
} else {
  const here = fileURLToPath(import.meta.url)
  const recording = promisify(execFile)(process.execPath, [...process.execArgv, here, 'record'])
  const service = await hostileLinear({ now: clock.now })
  // A long-lived process: it looks for new work every `pollMs` and delivers it, whichever process recorded it.
  const tracker = await createTracker({
    ...options,
    ...createStage([[adapter, service]], { LINEAR_API_KEY: 'lin_api_test' }, clock),
  })
  const { stdout: id } = await recording
  console.log(`recorded by another process: session ${id}`)
  const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
  console.log(formatDeliveries(await tracker.deliveries({ lane: id })))
  console.log(`everything delivered: ${done}; sent twice: ${service.countDoubled()}`)
  await tracker.close()
  await service.close()
}
