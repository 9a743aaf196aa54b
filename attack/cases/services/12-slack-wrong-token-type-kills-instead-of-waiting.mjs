// A token of the wrong type is configured, and replaced later.
// Right: what was recorded meanwhile is delivered by itself once the token is right.

import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { collectLog, fastClock, front, rows, until, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileSlack({ now: clock.now })
// A token of the wrong kind (an app-level xapp-…, or a classic one): every method says so, whatever it is asked.
const at = await front(service.url, ({ headers }) =>
  headers.authorization !== 'Bearer xoxb-test'
    ? { status: 200, body: { ok: false, error: 'not_allowed_token_type' } }
    : undefined,
)
const log = collectLog()
let token = 'xapp-1-wrong-kind'
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [slack({ channel: 'C0123456789', baseUrl: `${at.url}/api` })],
  secrets: () => token,
})
const s = await tracker.start({ goal: 'Stop double charging' })
await s.decide('Use a lock')
await tracker.drain({ timeoutMs: 60 * 2_000 })
console.log('with the wrong token:\n' + (await rows(tracker)).join('\n'))
console.log(log.said.map(x => x.slice(0, 140)).join('\n'))
token = 'xoxb-test' // mended
await s.close({ summary: 'done' })
const arrived = await until(async () =>
  (await tracker.deliveries({ state: 'delivered' })).some(d => d.action === 'postCard'),
)
console.log('after it was replaced:\n' + (await rows(tracker)).join('\n'))
verdict(arrived, 'what was recorded while the token was wrong goes out by itself when it is right')
await tracker.close()
await at.close()
await service.close()
