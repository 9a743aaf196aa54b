// A service (or the proxy before it) says 429 with `Retry-After: 0`, or with a date that has passed, again and again.
// Right: a floor or a growing wait, so that a handful of requests goes out in three seconds, not hundreds.

import http from 'node:http'
import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { taiga } from '@sessionwire/taiga'

let bad = 0
const ways = {
  '429, Retry-After 0': [429, () => ({ 'retry-after': '0' })],
  '429, a date that has passed': [429, () => ({ 'retry-after': new Date(Date.now() - 60000).toUTCString() })],
  '503, Retry-After 0': [503, () => ({ 'retry-after': '0' })],
}
const services = {
  taiga: url => taiga({ projectId: 1, baseUrl: url + '/api/v1', auth: 'token' }),
  jira: url => jira({ baseUrl: url, projectKey: 'ENG', auth: 'pat' }),
}
for (const [service, make] of Object.entries(services).filter(
  ([n]) => !process.argv[2] || process.argv[2] === n,
))
  for (const [name, [status, headers]] of Object.entries(ways)) {
    let n = 0
    const server = http.createServer((q, a) => {
      n++
      q.resume().on('end', () => {
        a.writeHead(status, { 'content-type': 'application/json', ...headers() })
        a.end('{"ok":false,"error":"ratelimited"}')
      })
    })
    await new Promise(r => server.listen(0, '127.0.0.1', r))
    const url = `http://127.0.0.1:${server.address().port}`
    let adapter
    try {
      adapter = make(url)
    } catch (e) {
      console.log(service, e.message)
      continue
    }
    const tracker = await createTracker({
      project: 'p',
      user: 'u',
      adapters: [adapter],
      secrets: () => 'secret-0123456789',
      logger: { warn: m => process.argv[3] && console.log(m), error: m => process.argv[3] && console.log(m) },
    })
    await tracker.start({ goal: 'g' })
    await new Promise(r => setTimeout(r, 3000))
    console.log(`${service}, ${name}: ${n} requests in 3 s`)
    if (n > 20) bad++
    await tracker.close()
    server.closeAllConnections()
    server.close()
  }
console.log(bad === 0 ? 'OK' : `FAULT: a hot loop in ${bad} cases`)
process.exit(bad === 0 ? 0 : 1)
