// A database browser, a backup or a query tool keeps a read transaction open while a session is recorded. Nothing can be
// reset in the WAL then; trying harder does not help. Right: recording stays about as fast as without (it is one append).
// A disk that other programs keep busy slows one try, and not each of three.

import { mkdtempSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'

const run = async (name, db, session) => {
  const all = []
  for (let i = 0; i < 2000; i++) {
    const t = performance.now()
    await session.update('x'.repeat(400) + i)
    all.push(performance.now() - t)
  }
  all.sort((a, b) => a - b)
  const mean = all.reduce((a, b) => a + b) / all.length
  console.log(
    `${name}: mean ${mean.toFixed(2)} ms, p95 ${all[1900].toFixed(1)} ms, WAL ${(statSync(db + '-wal').size / 1e6).toFixed(1)} MB`,
  )
  return mean
}
/** How long recording takes without a reader, and with one. */
const measure = async () => {
  const db = mkdtempSync((process.env.TMPDIR ?? '/var/tmp') + '/f17-') + '/s.db'
  const tracker = await createTracker({ project: 'p', user: 'u', store: sqliteStore(db) })
  const session = await tracker.start({ goal: 'g' })
  await run('warm-up', db, session)
  const before = await run('no reader', db, session)
  const reader = new DatabaseSync(db, { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM events').get()
  await run('reader open, until the WAL is long', db, session)
  const during = await run('reader open', db, session)
  reader.exec('COMMIT')
  reader.close()
  await tracker.close()
  return { before, during }
}
let good = false
for (let tries = 0; tries < 3 && !good; tries++) {
  const { before, during } = await measure()
  good = during < before * 4 + 1
  console.log(
    good ? 'OK' : `FAULT: ${(during / before).toFixed(0)} times as slow, and the WAL grows all the same`,
  )
}
process.exit(good ? 0 : 1)
