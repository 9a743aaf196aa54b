// A service that joins later: sessions recorded without it are mirrored into it, each as a card and a summary.
//   npm run example -- backfill
import { createTracker, memoryStore } from '@sessionwire/core'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'

const clock = createFastClock()
const store = memoryStore(clock)

// Three sessions, recorded before the team used Taiga.
const before = await createTracker({ project: 'billing', user: 'ada', store, now: clock.now })
for (const summary of ['Found the cause', 'Wrote the lock', 'Shipped it']) {
  const session = await before.start({ goal: 'Stop double charging' })
  await session.decide('Lock per invoice', { rationale: 'Stripe retries within seconds' })
  await session.close({ summary, progress: 100 })
}

const adapter = taiga({ project: 'billing', statuses: { close: 'done' } })
const service = await hostileTaiga({ now: clock.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...createStage([[adapter, service]], { TAIGA_TOKEN: 'app-token' }, clock),
  store,
  adapters: [adapter],
})
const status = await tracker.status()
console.log(`not mirrored yet: ${status.adapters.find(each => each.name === 'taiga')?.unmirrored} sessions`)

// Both calls can take long and report their progress, at most twice a second.
const filled = await tracker.backfill('taiga', {
  onProgress: ({ sessions, of, deliveries }) =>
    console.log(`${sessions} of ${of} sessions, ${deliveries} requests planned`),
})
// A second back-fill changes nothing.
await tracker.backfill('taiga')
const { done } = await tracker.drain({
  timeoutMs: 30_000 * clock.speed,
  onProgress: ({ delivered, open }) => console.log(`${delivered} delivered, ${open} on their way`),
})
console.log(`\nback-filled: ${filled.sessions.length} sessions with ${filled.deliveries} requests`)
console.log(`everything delivered: ${done}; sent twice: ${service.countDoubled()}`)
for (const story of service.items('userstory'))
  console.log(`  #${story.ref} ${story.subject}: ${story.status}, ${story.comments.length} comment`)
await tracker.close()
await service.close()
