// A person deleted the card; the next event is a decision or the end, not an update.
// Right: the lane stops as `gone`, and a new card can be made.
import { createTracker, memoryStore } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { verdict } from '../app/lib.mjs'

const h = await hostileTaiga()
const wrong = []
for (const next of ['update', 'decide', 'close']) {
  const t = await createTracker({
    project: 'billing',
    user: 'u',
    store: memoryStore(),
    secrets: () => 'app-token',
    adapters: [taiga({ project: 'billing', baseUrl: h.baseUrl })],
  })
  const s = await t.start({ goal: next })
  await t.drain()
  h.drop(h.items('userstory').at(-1).id)
  if (next === 'update') await s.update('x')
  if (next === 'decide') await s.decide('x')
  if (next === 'close') await s.close({ summary: 'x' })
  await t.drain()
  const a = (await t.status()).adapters[0]
  console.log(next, 'gone', a.gone, JSON.stringify(a.states))
  if (a.gone !== 1) wrong.push(next)
  await t.close()
}
verdict(wrong.length === 0, `not noticed after: ${wrong.join(', ') || 'none'}`)
await h.close()
