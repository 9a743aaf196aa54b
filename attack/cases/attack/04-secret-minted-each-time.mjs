// "It is called whenever a secret is needed, may take its time, and may give another value each time" (security guide).
// A source that mints a fresh token for each call: the service echoes the Authorization header in its error. No token may
// reach the reason that is stored, logged and shown.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { linear } from '@sessionwire/linear'
import { serve, sleep, temp, verdict } from './lib.mjs'

let n = 0
const s = await serve(async (q, a) => {
  const t = q.headers.authorization
  await sleep(300)
  a.writeHead(400, { 'content-type': 'application/json' })
  a.end(
    JSON.stringify({
      errors: [{ message: 'bad request, headers: ' + t, extensions: { code: 'INPUT_ERROR' } }],
    }),
  )
})
const db = join(temp(), 's.db')
const heard = []
const tracker = await createTracker({
  project: 'p',
  user: 'u',
  store: sqliteStore(db),
  adapters: [linear({ teamId: '11111111-2222-4333-8444-555555555555', baseUrl: s.url })],
  secrets: async () => `eyJhbGciOi.minted-${String(++n).padStart(4, '0')}.signature-part`,
  logger: {
    warn: (m, d) => heard.push(m + JSON.stringify(d)),
    error: (m, d) => heard.push(m + JSON.stringify(d)),
  },
})
for (let i = 0; i < 4; i++) await tracker.start({ goal: 'x' + i })
await tracker.drain({ timeoutMs: 300_000 })
const reasons = (await tracker.deliveries({ state: 'dead' })).map(d => d.reason)
console.log(reasons, heard.filter(h => h.includes('minted')).length, 'log lines with a token')
await tracker.close()
const leaked = reasons.filter(r => /minted-/.test(r))
verdict(
  leaked.length === 0,
  `${leaked.length} of ${reasons.length} stored reasons hold a live token; in file: ${/minted-\d/.test(readFileSync(db, 'latin1'))}`,
)
