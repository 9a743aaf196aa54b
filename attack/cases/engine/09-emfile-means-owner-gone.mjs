// Process B has no file descriptors left (EMFILE) while process A is in the middle of sending. B asks whether A's lock is
// free; the lock file cannot be opened; that is taken for "A is gone".
// Right: only a lock that could be taken, or a file that is not there, says that its owner is gone.

import { execFileSync, fork } from 'node:child_process'
import { closeSync, mkdtempSync, openSync } from 'node:fs'
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
    logger: { warn: m => process.send?.({ heard: m }), error: m => process.send?.({ heard: m }) },
  })
if (role === 'A') {
  const tracker = await make()
  const session = await tracker.start({ goal: 'of A' })
  process.send({ started: session.id })
  setInterval(() => {}, 1000)
} else if (role === 'B') {
  const tracker = await make()
  process.send({ ready: true })
  await new Promise(r => process.once('message', r))
  const held = []
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch (e) {
    process.send({ full: e.code, n: held.length })
  }
  let swept
  try {
    swept = await tracker.sweep()
  } catch (e) {
    swept = e.message
  }
  process.send({ swept })
  await new Promise(r => setTimeout(r, 1500))
  for (const fd of held) closeSync(fd)
  process.send({
    deliveries: (await tracker.deliveries()).map(d => `${d.action} ${d.state} ${d.reason ?? ''}`),
    sessions: (await tracker.sessions()).map(s => s.status),
  })
} else {
  const dir = mkdtempSync(join(tmpdir(), 'f09-'))
  let n = 0
  const bodies = []
  // The service takes five seconds for an answer.
  const server = http.createServer((q, a) => {
    n++
    let b = ''
    q.on('data', d => {
      b += d
    }).on('end', () => {
      bodies.push(JSON.parse(b).text)
      setTimeout(() => a.end('ok'), 5000)
    })
  })
  await new Promise(r => server.listen(0, '127.0.0.1', r))
  const args = [
    join(dir, 's.db'),
    `http://127.0.0.1:${server.address().port}/services/T000/B000/XXXXXXXXXXXXXXXX`,
  ]
  const self = fileURLToPath(import.meta.url)
  const heard = []
  const start = (r, ulimit) => {
    const child = fork(self, [r, ...args], { execArgv: ['--no-warnings'] })
    child.on('message', m => {
      heard.push([r, m])
      console.log(r, JSON.stringify(m))
    })
    return child
  }
  const waitFor = (r, key) =>
    new Promise(resolve => {
      const t = setInterval(() => {
        const f = heard.find(([w, m]) => w === r && key in m)
        if (f) {
          clearInterval(t)
          resolve(f[1][key])
        }
      }, 20)
    })
  const b = start('B')
  execFileSync('prlimit', ['--pid', String(b.pid), '--nofile=200:200'])
  await waitFor('B', 'ready')
  const a = start('A')
  await waitFor('A', 'started')
  await new Promise(r => setTimeout(r, 1200)) // A's request is under way; its session is older than crashAfterMs
  b.send('go')
  const swept = await waitFor('B', 'swept')
  const { deliveries, sessions } = await waitFor('B', 'deliveries').then(
    () => heard.find(([w, m]) => w === 'B' && m.deliveries)[1],
  )
  await new Promise(r => setTimeout(r, 4000))
  console.log('service was sent', n, 'messages:', bodies)
  a.kill()
  b.kill()
  const good =
    (typeof swept === 'string' || swept.length === 0) &&
    sessions.every(s => s === 'active') &&
    deliveries.every(d => !d.includes('dead'))
  console.log(good ? 'OK' : 'FAULT: a living process was declared gone')
  process.exit(good ? 0 : 1)
}
