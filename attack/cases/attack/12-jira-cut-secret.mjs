// A gateway before Jira answers 400 and repeats the request's headers. The adapter itself cuts what was said at some 300
// characters and adds "…" BEFORE the core redacts secrets; the credential is then cut in its middle and followed by "…", and the
// redactor finds neither the whole value nor a text that ends in its beginning. Real tokens of Atlassian have 192 letters.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { jira } from '@sessionwire/jira'
import { serve, temp, verdict } from './lib.mjs'

const token = 'ATATT3xFfGF0' + randomBytes(128).toString('base64url').slice(0, 171) + '=4E5F6A7B'
const s = await serve((q, a) => {
  a.writeHead(400, { 'content-type': 'application/json' })
  a.end(
    JSON.stringify({
      errorMessages: [
        `Bad request. Headers: host=${q.headers.host}, user-agent=${q.headers['user-agent']}, authorization=${q.headers.authorization}, accept=${q.headers.accept}`,
      ],
      errors: {},
    }),
  )
})
const log = []
const t = await createTracker({
  project: 'p',
  user: 'u',
  store: sqliteStore(join(temp(), 's.db')),
  secrets: n => (n === 'JIRA_EMAIL' ? 'ada@example.com' : token),
  adapters: [jira({ baseUrl: s.url, deployment: 'cloud', projectKey: 'ENG' })],
  logger: { warn: m => log.push(m), error: m => log.push(m) },
})
await t.start({ goal: 'x' })
await t.drain({ timeoutMs: 300_000 })
const [d] = await t.deliveries({ state: 'dead' })
console.log(d?.reason)
const found =
  [...(d?.reason ?? '').matchAll(/[A-Za-z0-9+/]{24,}/g)]
    .map(m => Buffer.from(m[0], 'base64').toString('latin1'))
    .find(x => x.includes('ATATT')) ?? ''
const leaked = [...Array(token.length + 1).keys()].reverse().find(n => found.includes(token.slice(0, n)))
console.log(
  'decoded:',
  found.slice(0, 60) + '…',
  '| letters of the token in the stored reason:',
  leaked,
  'of',
  token.length,
  '| in the log:',
  log.some(l => l.includes(d.reason.slice(-40))),
)
verdict(leaked < 12, `${leaked} of ${token.length} characters of the API token are stored and logged`)
