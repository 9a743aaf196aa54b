// A service that joins later: sessions recorded without it are mirrored into it, each as a card and a summary.
//   npm run example -- backfill
import { createTracker, memoryStore } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { day } from '../stage/day.ts'
import { fast } from '../stage/local.ts'
import { staged, timeoutMs } from '../stage/stage.ts'

// Three sessions, recorded when nobody thought of Taiga.
const store = memoryStore({ now: fast.now })
const before = await createTracker({ project: 'billing', user: 'ada', store, now: fast.now })
for (const summary of ['Found the cause', 'Wrote the lock', 'Shipped it']) {
  const session = await day(before)
  await session.close({ summary, progress: 100 })
}

const adapter = taiga({ project: 'billing', statuses: { close: 'done' } })
const service = await hostileTaiga({ now: fast.now })
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  ...staged([[adapter, service]], { TAIGA_TOKEN: 'app-token' }),
  store,
  adapters: [adapter],
})
const status = await tracker.status()
console.log(`not mirrored yet: ${status.adapters.find(each => each.name === 'taiga')?.unmirrored} sessions`)

// Both can take long, and say how far they are: at most twice a second, so a terminal can show each.
const show = (text: string): void =>
  void process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[K' : '\n'}${text}`)
const filled = await tracker.backfill('taiga', {
  onProgress: ({ sessions, of, deliveries }) =>
    show(`${sessions} of ${of} sessions, ${deliveries} requests planned`),
})
// Doing it twice does nothing.
await tracker.backfill('taiga')
const { done } = await tracker.drain({
  timeoutMs,
  onProgress: ({ delivered, open }) => show(`${delivered} delivered, ${open} on their way`),
})
console.log(
  `\nback-filled: ${JSON.stringify(filled)}; everything delivered: ${done}; doubled: ${service.doubled()}`,
)
for (const story of service.items('userstory'))
  console.log(`  #${story.ref} ${story.subject}: ${story.status}, ${story.comments.length} comment`)
await tracker.close()
await service.close()
