// sessions.db-wal is removed (a clean-up script, a sync tool that "moves" it) while a process records. The product notices within a second when
// sessions.db itself is removed or replaced, and then throws STORE. The same must hold for the WAL: what it acknowledges
// after that goes into an unlinked file, no other process sees it, and it is gone when the process ends without close().

import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { sleep, temp, verdict } from './lib.mjs'

if (process.argv[2]) {
  const tracker = await createTracker({ project: 'p', user: 'u', store: sqliteStore(process.argv[2]) })
  const s = await tracker.start({ goal: 'x' })
  console.log('S ' + s.id)
  for (let n = 0; n < 40; n++) {
    await s.update('U' + n).then(
      () => console.log('A ' + n),
      e => console.log('E ' + n + ' ' + e.code),
    )
    // The WAL goes while this process records, however late its parent is.
    while (n === 3 && !existsSync(process.argv[2] + '.gone')) await sleep(20)
    await sleep(100)
  }
  process.kill(process.pid, 'SIGKILL')
}
const db = join(temp(), 's.db')
const c = spawn(process.execPath, [import.meta.filename, db], { stdio: ['ignore', 'pipe', 'inherit'] })
let out = ''
c.stdout.on('data', d => (out += d))
while (!out.includes('A 3')) await sleep(20)
rmSync(db + '-wal')
writeFileSync(db + '.gone', '')
console.log('wal removed after', out.trim().split('\n').at(-1))
await new Promise(r => c.once('exit', r))
const acked = [...out.matchAll(/^A (\d+)$/gm)].map(m => +m[1])
const errors = [...out.matchAll(/^E .*$/gm)].length
const id = /S (\S+)/.exec(out)[1]
const tracker = await createTracker({ project: 'p', user: 'v', store: sqliteStore(db) }).catch(e => ({
  broken: e.code + ' ' + e.message,
}))
let there = '',
  why = tracker.broken
if (!tracker.broken) {
  there = await tracker
    .session(id)
    .export('json')
    .catch(e => {
      why = e.code
      return ''
    })
}
const lost = acked.filter(n => !there.includes(`"U${n}"`))
console.log({ acked: acked.length, errors, lost: lost.length, reopen: why ?? 'ok' })
verdict(
  lost.length === 0 || (errors > 0 && lost.length < 15),
  `${lost.length} acknowledged events lost, ${errors} calls refused`,
)
