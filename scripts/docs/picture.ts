// Writes the report that docs/report.png shows: pnpm docs:picture. Services on this machine stand in for the real ones.
// The picture is taken by hand, 1280 pixels wide, light:
//   chromium --headless --window-size=1280,1080 --screenshot=docs/report.png .sessionwire/picture.html
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { linear } from '../../packages/adapters/linear/src/index.ts'
import { slack } from '../../packages/adapters/slack/src/index.ts'
import { memoryStore } from '../../packages/core/src/index.ts'
import { createTracker } from '../../test/docs/stage.ts'
import { ROOT } from './pages.ts'

const HOURS_MS = 3_600_000
/** The clock runs, and is set forward between the events of the afternoon that the picture shows. */
let behind = 4 * HOURS_MS
const wait = (minutes: number): void => {
  behind -= minutes * 60_000
}
const now = (): number => Date.now() - behind

const tracker = await createTracker(
  {
    project: 'billing',
    store: memoryStore({ now }),
    now,
    monotonic: now,
    policy: { timeoutMs: 5_000 },
    adapters: [linear({ teamId: 'BIL' }), slack({ channel: 'C0123456789' })],
  },
  () => undefined,
)
const session = await tracker.start({
  goal: 'Stop double charging',
  user: 'fixer',
  agent: 'Claude',
})
wait(28)
await session.update('Reproduced with two parallel webhooks', { progress: 20 })
wait(29)
await session.update('Found the race: `charge()` reads before it locks', { progress: 35 })
wait(11)
await session.decide('Lock per invoice', {
  rationale: 'Stripe retries while the first call still runs',
  alternatives: ['Deduplicate by event id'],
})
wait(56)
await session.update('Lock in place, unit tests green', { progress: 70, tags: ['tests'] })
wait(14)
const review = await session.block('Waits for a review of the migration', { severity: 'medium' })
wait(26)
await review.resolve('Approved by Mia')
wait(13)
await session.block('No staging key', { severity: 'high', category: 'external' })
wait(19)
await session.update('Load test written', { progress: 80, nextSteps: ['Run it on staging'] })
wait(12)
await tracker.drain({ timeoutMs: 30_000 })
mkdirSync(join(ROOT, '.sessionwire'), { recursive: true })
writeFileSync(join(ROOT, '.sessionwire/picture.html'), await tracker.report(session.id))
await tracker.close()
console.log('The report is in .sessionwire/picture.html.')
