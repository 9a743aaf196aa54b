// The context for the next prompt is asked for at every step of an agent's loop, as the guide shows.
// Right: reading a session posts nothing; only an explicit wish to publish does.
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { verdict } from '../app/lib.mjs'

const h = await hostileSlack()
const t = await createTracker({
  project: 'p',
  user: 'u',
  secrets: () => h.token ?? 'xoxb-token',
  adapters: [slack({ baseUrl: h.api, channel: 'C0123456789' })],
})
const s = await t.start({ goal: 'g' })
for (let n = 1; n <= 5; n++) {
  await s.export('context', { budget: 4000 })
  await s.update(`step ${n}`, { progress: n * 10 })
}
await t.drain({ timeoutMs: 300_000 })
const all = (await t.deliveries({ adapter: 'slack' })).filter(d => d.action === 'postEntry')
console.log('entries planned:', all.length)
verdict(all.length === 0, 'reading the context posts nothing')
await t.close()
await h.close()
