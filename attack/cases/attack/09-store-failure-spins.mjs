// While the store fails for good (the file was moved away, the disk is full), the worker must look again every pollMs
// (1,000 ms), not in a tight loop that floods the logger and burns the processor.

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'
import { serve, sleep, temp, verdict } from './lib.mjs'

const db = join(temp(), 's.db')
const s = await serve((q, a) => {
  a.writeHead(408)
  a.end('later')
}) // the service is busy: something always waits for its next try
const t = await createTracker({
  project: 'p',
  user: 'u',
  store: sqliteStore(db),
  secrets: () => 'xoxb-t-o-k-e-n',
  adapters: [slack({ channel: 'C0123456789', baseUrl: `${s.url}/api` })],
  policy: { backoffMs: 2000 },
})
let errors = 0,
  last
t.on('error', e => {
  errors++
  last = e.where + ': ' + e.error.message
})
await t.start({ goal: 'x' })
await sleep(1500)
renameSync(db, db + '.moved')
await sleep(3500)
errors = 0
const cpu = process.cpuUsage()
await sleep(5000)
const used = process.cpuUsage(cpu)
const share = Math.round((used.user + used.system) / 50000)
console.log({ errorsIn5s: errors, perSecond: errors / 5, cpuPercent: share, last: last?.slice(0, 160) })
verdict(errors <= 15, `${errors} errors in 5 s (pollMs is 1,000), ${share} % of a core`)
