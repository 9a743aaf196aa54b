// The `secrets` function (a vault) never settles for ONE adapter: its promise hangs. Right: it holds up only that
// adapter, is reported after a time, and `tracker.close()` comes back (requests under way have a time-out; so must this).

import http from 'node:http'
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'

let n = 0
const server = http.createServer((q, a) => {
  n++
  q.resume().on('end', () => a.end('ok'))
})
await new Promise(r => server.listen(0, '127.0.0.1', r))
const url = `http://127.0.0.1:${server.address().port}/services/T000/B000/XXXXXXXXXXXXXXXX`
const heard = []
const tracker = await createTracker({
  project: 'p',
  user: 'u',
  adapters: [
    slack({ auth: 'webhook', as: 'good', secrets: { SLACK_WEBHOOK_URL: 'GOOD' } }),
    slack({ auth: 'webhook', as: 'hung', secrets: { SLACK_WEBHOOK_URL: 'HUNG' } }),
  ],
  secrets: name => (name === 'HUNG' ? new Promise(() => {}) : url),
  policy: { timeoutMs: 500, readTimeoutMs: 500, leaseMarginMs: 100 },
  logger: { warn: m => heard.push(m), error: m => heard.push(m) },
})
await tracker.start({ goal: 'g' })
const drained = await tracker.drain({ timeoutMs: 2000 })
console.log('service saw', n, '; drained', JSON.stringify(drained), '; heard', heard)
const later = ms => new Promise(r => setTimeout(() => r('NO ANSWER'), ms))
const check = await Promise.race([tracker.check('hung'), later(300_000)])
console.log('check:', check)
const closed = await Promise.race([tracker.close().then(() => 'closed'), later(300_000)])
console.log('close (time-outs are 0.5 s):', closed)
const good = closed === 'closed' && check !== 'NO ANSWER'
console.log(good ? 'OK' : 'FAULT: close and check wait for ever for a secret')
process.exit(good ? 0 : 1)
