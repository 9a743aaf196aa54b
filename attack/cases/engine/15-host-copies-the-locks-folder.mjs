// The host copies the whole folder .sessionwire (a backup, in its own process) while its tracker lives: the lock file in
// sessions.db-locks is read too, and closing it frees the lock. Another process then takes the host for gone: it takes
// over what is under way, and ends its session as crashed (after crashAfterMs, 10 minutes by default).
// Right: a living process that works is not declared gone (a lease that is renewed, a lock that is looked after).

import { fork } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'

const [, , role, db, url] = process.argv
const make = () =>
  createTracker({
    project: 'p',
    user: 'u',
    store: sqliteStore(db),
    adapters: [slack({ auth: 'webhook' })],
    secrets: () => url,
    crashAfterMs: 500,
    pollMs: 200,
  })
if (role === 'B') {
  const tracker = await make()
  const swept = await tracker.sweep()
  await new Promise(r => setTimeout(r, 1200))
  process.send({
    swept: swept.length,
    sessions: (await tracker.sessions()).map(s => s.status),
    deliveries: (await tracker.deliveries()).map(d => `${d.action} ${d.state} ${d.reason ?? ''}`),
  })
  await tracker.close()
} else {
  let bad = 0
  for (const copies of [false, true]) {
    const dir = mkdtempSync(join(tmpdir(), 'f15-'))
    let _n = 0
    const server = http.createServer((q, a) => {
      _n++
      q.resume().on('end', () => setTimeout(() => a.end('ok'), 4000))
    })
    await new Promise(r => server.listen(0, '127.0.0.1', r))
    const args = [
      join(dir, 'sw/s.db'),
      `http://127.0.0.1:${server.address().port}/services/T000/B000/XXXXXXXXXXXXXXXX`,
    ]
    const tracker = await createTracker({
      project: 'p',
      user: 'u',
      store: sqliteStore(args[0]),
      adapters: [slack({ auth: 'webhook' })],
      secrets: () => args[1],
    })
    await tracker.start({ goal: 'g' })
    await new Promise(r => setTimeout(r, 800)) // its message is under way
    if (copies) cpSync(join(dir, 'sw'), join(dir, 'backup'), { recursive: true })
    const b = fork(fileURLToPath(import.meta.url), ['B', ...args], { execArgv: ['--no-warnings'] })
    const said = await new Promise(r => b.once('message', r))
    console.log(copies ? 'after the copy:' : 'no copy:', JSON.stringify(said))
    if (said.swept > 0 || said.deliveries.some(d => / dead /.test(d))) bad++
    await tracker.close().catch(e => console.log('close:', e.message))
    server.closeAllConnections()
    server.close()
  }
  console.log(bad === 0 ? 'OK' : 'FAULT: a living process was declared gone')
  process.exit(bad === 0 ? 0 : 1)
}
