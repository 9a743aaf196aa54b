// A secret source (a vault) that hangs once: docs say it "may take its time"; it must not stop the adapter for ever, and
// close() must end. Here the FIRST lookup never settles, all later ones answer at once.
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { serve, sleep, until, verdict } from './lib.mjs'

let posts = 0,
  asked = 0
const s = await serve((q, a) => {
  posts++
  a.writeHead(200, { 'content-type': 'application/json' })
  a.end('{"ok":true,"ts":"1503435956.000247"}')
})
const tracker = await createTracker({
  project: 'p',
  user: 'u',
  adapters: [slack({ channel: 'C0123456789', baseUrl: `${s.url}/api` })],
  policy: { timeoutMs: 500, readTimeoutMs: 500, leaseMarginMs: 500, afterMs: 1000 },
  secrets: () => (asked++ === 0 ? new Promise(() => {}) : 'xoxb-token-token'),
})
tracker.on('error', e => console.log('error', e.where, e.error.message))
await tracker.start({ goal: 'x' })
await until(() => posts > 0) // its lease is 1.5 s
const posted = posts
const st = await tracker.status()
console.log(
  'posts (lease 1.5 s):',
  posted,
  'asked',
  asked,
  'status',
  JSON.stringify(st.adapters ?? st).slice(0, 400),
)
const closed = await Promise.race([tracker.close().then(() => true), sleep(300_000).then(() => false)])
console.log('close() ended:', closed)
verdict(posted > 0 && closed, `posted=${posted > 0} closed=${closed}`)
