// An adapter for a service of one's own, written with nothing but the public contract: a board that keeps notes.
//   npm run example -- custom-adapter
import { createTracker } from '@sessionwire/core'
import { hostileBoard } from '../stage/board.ts'
import { day, deliveries } from '../stage/day.ts'
import { staged, timeoutMs } from '../stage/stage.ts'
import { board } from './board.ts'

const service = await hostileBoard()
const adapter = board({ baseUrl: 'https://board.example', token: 'BOARD_TOKEN' })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  adapters: [adapter],
  ...staged([[adapter, service]], { BOARD_TOKEN: 'x' }),
})
const session = await day(tracker)
await session.close({ summary: 'Fixed in #981', progress: 100 })
await tracker.drain({ timeoutMs })
console.log(await deliveries(tracker, session.id))
for (const { text } of service.notes) console.log(`  | ${text}`)
console.log(`doubled: ${service.doubled()}`)
await tracker.close()
await service.close()
