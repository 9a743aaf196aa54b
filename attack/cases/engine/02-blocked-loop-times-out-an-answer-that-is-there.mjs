// The host blocks its event loop (execSync of a test run, a big JSON, a frozen Lambda) longer than timeoutMs while a
// request is under way. The service answered at once; the answer lies in the socket. Timers run before the poll phase,
// so a plain setTimeout gives up before the answer was looked at. With an incoming webhook that is a dead letter.
// Right: a timer that fires late looks once at what has arrived (one turn of the loop) before it gives up.

import { execFileSync, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'

if (process.argv[2] === 'server') {
  let n = 0
  const server = http.createServer((q, a) => {
    n++
    q.resume().on('end', () => setTimeout(() => a.end('ok'), 500))
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('message', () => process.send({ n }))
} else {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const next = () => new Promise(r => child.once('message', r))
  const port = await next()
  const url = `http://127.0.0.1:${port}/services/T000/B000/XXXXXXXXXXXXXXXX`
  const warned = []
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    adapters: [slack({ auth: 'webhook' })],
    secrets: () => url,
    policy: { timeoutMs: 1000, readTimeoutMs: 1000 },
    logger: { warn: m => warned.push(m), error: m => warned.push(m) },
  })
  const session = await tracker.start({ goal: 'g' })
  await new Promise(r => setTimeout(r, 300)) // the request is out
  await readFile(fileURLToPath(import.meta.url)) // we are called back by I/O, as after an answer of a model
  execFileSync('sleep', ['2']) // the agent runs a tool, synchronously; default timeoutMs is 30 s, a test run takes longer
  await new Promise(r => setTimeout(r, 500))
  const states = (await tracker.deliveries({ lane: session.id })).map(
    d => `${d.action} ${d.state} ${d.reason ?? ''}`,
  )
  child.send('count')
  console.log('service saw', await next(), '; deliveries:', states, warned)
  child.kill()
  await tracker.close()
  const good = states.every(s => / delivered /.test(s))
  console.log(good ? 'OK' : 'FAULT: the answer was there, and the message is called dead and in doubt')
  process.exit(good ? 0 : 1)
}
