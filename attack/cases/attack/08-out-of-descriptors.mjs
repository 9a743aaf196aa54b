// Two processes share a file. B runs out of file descriptors for a moment (EMFILE), as busy servers do. B can then not open
// A's lock file, takes that for "its owner is gone", and takes over what A is sending right now: A's webhook arrives, and
// is stored as dead and in doubt. Right: a lock that cannot be looked at is a lock that is held.

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'
import { serve, sleep, temp, until, verdict } from './lib.mjs'

const make = (db, url, user) =>
  createTracker({
    project: 'p',
    user,
    store: sqliteStore(db),
    pollMs: 100,
    crashAfterMs: 500,
    secrets: () => 'http://127.0.0.1:' + new URL(url).port + '/hook',
    adapters: [slack({ auth: 'webhook' })],
  })
const [, , role, db0, url0] = process.argv
if (role === 'A') {
  const t = await make(db0, url0, 'a')
  let isDelivered = false
  t.on('delivered', d => {
    console.log('D ' + d.key)
    isDelivered = true
  })
  const s = await t.start({ goal: 'slow one' })
  console.log('S ' + s.id)
  await until(() => isDelivered, 600_000)
  process.exit(0)
}
if (role === 'B') {
  const t = await make(db0, url0, 'b')
  console.log('READY')
  await sleep(300)
  await t.sessions() // everything is loaded
  const fds = []
  try {
    for (;;) fds.push(openSync('/dev/null', 'r'))
  } catch (e) {
    console.log(e.code, 'after', fds.length)
  }
  await sleep(1200)
  for (const fd of fds) closeSync(fd)
  await sleep(300)
  console.log(
    'B sees',
    (await t.deliveries()).map(d => d.state + ' ' + (d.reason ?? '')).join('; '),
    (await t.sessions()).map(s => s.status),
  )
  process.exit(0)
}
const db = join(temp(), 's.db')
// The service takes four seconds, and longer where B is slower.
const held = []
let hits = 0
const s = await serve((q, a) => {
  hits++
  held.push(a)
})
let out = ''
const run = (r, pre = '') => {
  const c = spawn(
    'sh',
    ['-c', `${pre} exec ${process.execPath} ${import.meta.filename} ${r} ${db} ${s.url}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  c.stdout.on('data', d => (out += d))
  return new Promise(x => c.once('exit', x))
}
const a = run('A')
while (!out.includes('S ') || hits === 0) await sleep(20)
await Promise.all([run('B', 'ulimit -n 256;'), sleep(4000)])
for (const each of held) each.end('ok')
await a
const end = await createTracker({ project: 'p', user: 'z', store: sqliteStore(db), deliver: false })
const states = (await end.deliveries()).map(d => d.state + ' ' + (d.reason ?? ''))
console.log(out.trim(), { hits, states })
verdict(
  states[0].startsWith('delivered'),
  `A's webhook arrived ${hits} time(s) and is stored as: ${states[0]}`,
)
