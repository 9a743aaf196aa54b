// The reverse proxy before a self-hosted Taiga answers 404 while the container is replaced.
// Right: that 404 does not say that the card was deleted; everything is delivered afterwards.

import { createTracker } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { collectLog, fastClock, front, rows, sleep, until, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileTaiga({ now: clock.now })
let redeploying = false
// The reverse proxy before a self-hosted Taiga has no route while the container is replaced: plain text 404.
const at = await front(service.url, () =>
  redeploying
    ? { status: 404, body: '404 page not found\n', headers: { 'x-content-type-options': 'nosniff' } }
    : undefined,
)
const log = collectLog()
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [taiga({ baseUrl: `${at.url}/api/v1`, project: 'billing' })],
  secrets: name => ({ TAIGA_TOKEN: 'app-token' })[name] ?? service.token,
})
const s = await tracker.start({ goal: 'Stop double charging' })
await until(async () => (await tracker.deliveries({ state: 'delivered' })).length > 0)
redeploying = true
await s.update('half way', { progress: 50 })
await until(async () =>
  (await tracker.deliveries()).some(
    d => d.action === 'editCard' && (d.state === 'dead' || d.attempts > 0 || d.reason),
  ),
)
await sleep(500)
redeploying = false
await s.decide('Use a queue')
await s.close({ summary: 'done', progress: 100 })
const isOpen = d => d.state !== 'delivered' && d.state !== 'replaced'
await until(async () => !(await tracker.deliveries()).some(isOpen))
console.log((await rows(tracker)).join('\n'))
console.log(log.said.join('\n').slice(0, 900))
const status = await tracker.status()
console.log(JSON.stringify(status.adapters.map(a => ({ name: a.name, states: a.states, gone: a.gone }))))
verdict(
  (status.adapters[0].gone ?? 0) === 0 &&
    (await tracker.deliveries()).filter(d => d.state === 'waiting' || d.state === 'dead').length === 0,
  "a 404 that is the proxy's does not stop the session for good",
)
await tracker.close()
await at.close()
await service.close()
