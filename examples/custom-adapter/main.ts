// An adapter for a service of your own, written with the public contract alone: a board that keeps notes.
//   npm run example -- custom-adapter
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries } from '@sessionwire/core/render'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { board } from './board.ts'
import { hostileBoard } from './service.ts'

const clock = createFastClock()
const service = await hostileBoard()
const adapter = board({ baseUrl: 'https://board.example' })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  store: memoryStore(clock),
  adapters: [adapter],
  ...createStage([[adapter, service]], { BOARD_TOKEN: 'x' }, clock),
})
const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35 })
await session.decide('Lock per invoice', { rationale: 'Stripe retries within seconds' })
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
for (const { text } of service.notes) console.log(`  | ${text}`)
console.log(`everything delivered: ${done}; sent twice: ${service.countDoubled()}`)
await tracker.close()
await service.close()
