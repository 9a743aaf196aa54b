// Makes a file of the format of this version, with sessions recorded by a real tracker, for later versions to go on with.
// Run once for each format; what it made stays as it is.
//   node --conditions=@sessionwire/source attack/old-file.ts attack/test/fixtures/month-1.db
import { rmSync } from 'node:fs'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'

const path = process.argv[2] as string
let time = Date.UTC(2026, 0, 1)
let ids = 0
const now = (): number => {
  time += 1_000
  return time
}
const tracker = await createTracker({
  project: 'attack',
  user: 'fixer',
  store: sqliteStore(path, { now }),
  now,
  newId: () => `old-${++ids}`,
})
const left = await tracker.start({ goal: 'Gold', progress: 5 })
await left.update('Found where it begins', { progress: 7 })
await left.decide('Lock per invoice', { rationale: 'Webhooks come twice' })
const done = await tracker.start({ goal: 'Gdone', progress: 50 })
await done.close({ summary: 'Fixed', progress: 100 })
await tracker.close()
rmSync(`${path}-locks`, { recursive: true, force: true })
