// The host blocks its event loop (execSync of a test run, a big JSON, a frozen Lambda) longer than timeoutMs while a
// request is under way. The service answered at once; the answer lies in the socket. Timers run before the poll phase,
// so a plain setTimeout gives up before the answer was looked at. With an incoming webhook that is a dead letter.
// Right: a timer that fires late looks once at what has arrived (one turn of the loop) before it gives up.

import { execFileSync, fork } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'

if (process.argv[2] === 'server') {
  let n = 0
  const server = http.createServer((q, a) => {
    n++
    q.resume().on('end', () => {
      process.send('got')
      setTimeout(() => a.end('ok', () => writeFileSync(process.argv[3], '')), 500)
    })
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('message', () => process.send({ n }))
} else {
  const answered = join(mkdtempSync(join(tmpdir(), 'f02-')), 'answered')
  const child = fork(fileURLToPath(import.meta.url), ['server', answered])
  const next = () => new Promise(r => child.once('message', r))
  const port = await next()
  const url = `http://127.0.0.1:${port}/services/T000/B000/XXXXXXXXXXXXXXXX`
  const warned = []
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    adapters: [slack({ auth: 'webhook' })],
    secrets: () => url,
    policy: { timeoutMs: 3000, readTimeoutMs: 3000 },
    logger: { warn: m => warned.push(m), error: m => warned.push(m) },
  })
  const got = next()
  const session = await tracker.start({ goal: 'g' })
  await got // the request is out
  await readFile(fileURLToPath(import.meta.url)) // we are called back by I/O, as after an answer of a model
  execFileSync('sleep', ['3.2']) // the agent runs a tool, synchronously; default timeoutMs is 30 s, a test run takes longer
  while (!existsSync(answered)) execFileSync('sleep', ['0.1'])
  const read = () => tracker.deliveries({ lane: session.id })
  const isOpen = d => ['waiting', 'claimed', 'begun'].includes(d.state)
  while ((await read()).some(isOpen)) await new Promise(r => setTimeout(r, 50))
  const states = (await read()).map(d => `${d.action} ${d.state} ${d.reason ?? ''}`)
  child.send('count')
  console.log('service saw', await next(), '; deliveries:', states, warned)
  child.kill()
  await tracker.close()
  const good = states.every(s => / delivered /.test(s))
  console.log(good ? 'OK' : 'FAULT: the answer was there, and the message is called dead and in doubt')
  process.exit(good ? 0 : 1)
}
