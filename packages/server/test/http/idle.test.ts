import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import { expect, it } from 'vitest'
import { endIdle } from '../../src/http/idle.ts'

it('ends sessions of callers without a call, leaves all others, and lets a later call resume them', async () => {
  let time = 1_000_000
  const tracker = (await createTracker({
    ...{ project: 'billing', user: 'Ada', store: memoryStore(), adapters: [], machine: false },
    now: () => time,
  })) as Tracker
  const idle = await tracker.start({ goal: 'idle', metadata: { startedBy: 'key:default' } })
  await tracker.start({ goal: 'by hand' })
  time += 60_000
  await tracker.start({ goal: 'busy', metadata: { startedBy: 'key:default' } })
  const standing = async () =>
    (await tracker.sessions()).map(({ title, status }) => `${title}: ${status}`).sort()
  await endIdle(tracker, time - 60_000)
  expect(await standing()).toEqual(['busy: active', 'by hand: active', 'idle: active'])
  await endIdle(tracker, time - 30_000)
  expect(await standing()).toEqual(['busy: active', 'by hand: active', 'idle: left'])
  await idle.update('Back again')
  expect(await standing()).toEqual(['busy: active', 'by hand: active', 'idle: active'])
  await tracker.close()
})
