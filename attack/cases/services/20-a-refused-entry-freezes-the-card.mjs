// One entry is refused for good (invalid_blocks, 400). Nothing later needs what it would have captured.
// Right: the card's later edits and the end still go out; docs/guide/delivery.md says so.
import { createServer } from 'node:http'
import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { slack } from '@sessionwire/slack'
import { verdict } from '../app/lib.mjs'

const seen = { slack: [], jira: [] }
const server = createServer((q, r) => {
  let b = ''
  q.on('data', c => (b += c))
  q.on('end', () => {
    const send = (status, o) => {
      r.writeHead(status, { 'content-type': 'application/json' })
      r.end(o === undefined ? '' : JSON.stringify(o))
    }
    const path = q.url.split('?')[0]
    if (path.startsWith('/rest')) {
      if (q.method === 'POST' && path === '/rest/api/3/issue')
        return send(201, { id: '10001', key: 'ENG-1', self: 'x' })
      if (/comment/.test(path))
        return send(400, { errorMessages: ['Comment body is not valid!'], errors: {} })
      if (q.method === 'PUT') {
        seen.jira.push(b)
        return send(204)
      }
      return send(200, {})
    }
    const p = JSON.parse(b || '{}')
    if (path.endsWith('chat.postMessage') && p.thread_ts)
      return send(200, { ok: false, error: 'invalid_blocks' })
    if (path.endsWith('chat.update')) seen.slack.push(b)
    send(200, { ok: true, ts: '1503435956.000247', channel: 'C0123456789', message: {} })
  })
})
await new Promise(r => server.listen(0, '127.0.0.1', r))
const base = `http://127.0.0.1:${server.address().port}`
const tracker = await createTracker({
  project: 'p',
  user: 'u',
  secrets: () => 'x',
  adapters: [
    jira({ baseUrl: base, deployment: 'cloud', apiVersion: 3, projectKey: 'ENG' }),
    slack({ baseUrl: `${base}/api`, channel: 'C0123456789' }),
  ],
})
const s = await tracker.start({ goal: 'g' })
await tracker.drain()
await s.decide('a decision the service refuses')
await s.update('work goes on', { progress: 50 })
await s.close({ summary: 'done', progress: 100 })
console.log(JSON.stringify(await tracker.drain({ timeoutMs: 300_000 })))
const showsEnd = text => /100/.test(text)
console.log(
  'edits that show the end: slack',
  seen.slack.filter(showsEnd).length,
  'jira',
  seen.jira.filter(showsEnd).length,
)
verdict(
  seen.slack.some(showsEnd) && seen.jira.some(showsEnd),
  'the card shows the end although an entry was refused',
)
await tracker.close()
server.closeAllConnections()
server.close()
