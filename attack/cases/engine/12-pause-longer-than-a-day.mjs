// An operator pauses an adapter over the weekend: forMs of two days. Right: it stays paused for two days (or the call is refused).

import { mkdtempSync } from 'node:fs'
import http from 'node:http'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'

let bad = 0
for (const [name, forMs] of [
  ['20 hours', 20 * 3600e3],
  ['25 hours', 25 * 3600e3],
  ['2 days', 2 * 86400e3],
  ['for good', undefined],
]) {
  let n = 0
  const server = http.createServer((q, a) => {
    n++
    q.resume().on('end', () => a.end('ok'))
  })
  await new Promise(r => server.listen(0, '127.0.0.1', r))
  const url = `http://127.0.0.1:${server.address().port}/services/T000/B000/XXXXXXXXXXXXXXXX`
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    store: sqliteStore(mkdtempSync((process.env.TMPDIR ?? '/var/tmp') + '/f12-') + '/s.db'),
    adapters: [slack({ auth: 'webhook' })],
    secrets: () => url,
    pollMs: 100,
  })
  const unpaused = []
  tracker.on('unpaused', e => unpaused.push(e.adapter))
  await tracker.pause('slack', { reason: 'weekend', ...(forMs === undefined ? {} : { forMs }) })
  await tracker.start({ goal: 'g' })
  await new Promise(r => setTimeout(r, 1500))
  const pauses = (await tracker.status()).adapters?.[0]?.pauses ?? []
  console.log(
    `pause ${name}: service saw ${n} requests, pauses left ${pauses.length}, unpaused events ${unpaused.length}`,
  )
  if (n > 0) bad++
  await tracker.close()
  server.closeAllConnections()
  server.close()
}
console.log(bad === 0 ? 'OK' : 'FAULT: it did not rest')
process.exit(bad === 0 ? 0 : 1)
