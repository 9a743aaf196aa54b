// One process records and ends at once; another delivers. They meet in the database.
//   npm run example -- two-processes
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { linear } from '@sessionwire/linear'
import { hostileLinear } from '@sessionwire/linear/testing'
import { day, deliveries } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { staged, timeoutMs } from '../stage/stage.ts'

const path = '.sessionwire/two-processes.db'
const adapter = linear({ teamId: 'BIL', states: { close: 'Done' } })
const options = {
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  store: sqliteStore(path, { now: fast.now }),
} as const

if (process.argv[2] === 'record') {
  // A short-lived job: it plans and stores, and waits for nobody.
  const tracker = await createTracker({ ...options, deliver: false, now: fast.now })
  const session = await day(tracker)
  await session.close({ summary: 'Fixed in #981', progress: 100 })
  await tracker.close()
  process.stdout.write(session.id)
} else {
  const here = fileURLToPath(import.meta.url)
  const recording = promisify(execFile)(process.execPath, [...process.execArgv, here, 'record'])
  const service = await hostileLinear({ now: fast.now })
  // A long-lived one: it looks for new work every `pollMs`, and delivers whatever anybody recorded.
  const tracker = await createTracker({
    ...staged([[adapter, service]], { LINEAR_API_KEY: 'lin_api_test' }),
    ...options,
  })
  const { stdout: id } = await recording
  console.log(`recorded by another process: session ${id}`)
  const { done } = await tracker.drain({ timeoutMs })
  console.log(
    `${await deliveries(tracker, id)}\neverything delivered: ${done}, doubled: ${service.doubled()}`,
  )
  await tracker.close()
  await service.close()
}
