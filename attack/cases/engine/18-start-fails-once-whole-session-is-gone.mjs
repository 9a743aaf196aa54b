// onError: 'report'. The store is locked for less than a second longer than busyMs just when the session starts (a backup,
// an antivirus). Then it is free again and the agent works for hours.
// Right: what is recorded after that is kept (the start is tried again with the next call), or every call says why not.

import { mkdtempSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'

const db = mkdtempSync((process.env.TMPDIR ?? '/var/tmp') + '/f18-') + '/s.db'
const tracker = await createTracker({
  project: 'p',
  user: 'u',
  store: sqliteStore(db, { busyMs: 300 }),
  onError: 'report',
})
const heard = []
tracker.on('error', e => heard.push(`${e.where}: ${e.error.code}`))
const other = new DatabaseSync(db)
other.exec('BEGIN IMMEDIATE')
setTimeout(() => other.exec('COMMIT'), 800)
const session = await tracker.start({ goal: 'hours of work' })
await new Promise(r => setTimeout(r, 1000)) // free again
const receipts = []
for (let n = 0; n < 3; n++) {
  const r = await session.update('step ' + n)
  receipts.push(r.recorded ? 'recorded' : `not recorded (${r.error?.code}: ${r.error?.message.slice(0, 70)})`)
}
await session.close({ summary: 'done' })
console.log('receipts:', receipts)
console.log('error events:', heard, '; sessions in the store:', (await tracker.sessions()).length)
const kept = receipts.every(r => r === 'recorded')
const told = heard.length >= 4
await tracker.close()
console.log(kept || told ? 'OK' : 'FAULT: nothing of the session is kept, and only the start was reported')
process.exit(kept || told ? 0 : 1)
