import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createEmitter } from '../packages/core/src/recorder/context.ts'
import type { Recorder } from '../packages/core/src/recorder/contract.ts'
import { createRecorder } from '../packages/core/src/recorder/recorder.ts'
import { memoryStore } from '../packages/core/src/store/memory.ts'
import type { TrackerEvents } from '../packages/core/src/tracker/contract.ts'
import { publishEvents, publishRecorder, publishStore } from '../packages/core/src/tracker/publish.ts'
import { type Cost, compareCost, measureCost, type Row } from './measure.ts'

const ROUNDS = 15
const EACH = 4_000

let id = 0
const parts = {
  adapters: [],
  project: 'bench',
  user: 'ada',
  now: () => Date.now(),
  newId: () => `id-${++id}`,
}

const createPlain = (): Recorder => createRecorder({ ...parts, store: memoryStore() })
/** As `createTracker` composes it. */
const createPublished = (): Recorder =>
  publishRecorder(
    createRecorder({
      ...parts,
      store: publishStore(memoryStore()),
      emitter: publishEvents(createEmitter<TrackerEvents>()) as never,
    }),
  )

/** Updates of one session, in memory: a store in a file would hide the difference. */
const update = async (recorder: Recorder): Promise<Cost> => {
  const session = await recorder.start({ goal: 'g' })
  const cost = await measureCost(async () => {
    for (let n = 0; n < EACH; n++) await recorder.update(session.id, `Step ${n}`, { progress: n % 100 })
  })
  await recorder.stop()
  return cost
}

const hear = (): void => undefined
const updateHeard = async (): Promise<Cost> => {
  for (const name of ['record', 'store']) subscribe(`sessionwire:${name}`, hear)
  try {
    return await update(createPublished())
  } finally {
    for (const name of ['record', 'store']) unsubscribe(`sessionwire:${name}`, hear)
  }
}

/** The cost that the diagnostics channels add to an update, µs of the main thread: without a subscriber, and with one that does nothing. */
export const diagnostics = async (): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const [who, ours, most] of [
    ['without a subscriber', () => update(createPublished()), 1.5],
    ['with a subscriber', updateHeard, 10],
  ] as const) {
    const { cpu, thread, noise } = await compareCost(ROUNDS, ours, () => update(createPlain()))
    const perUpdate = (ms: number): number => (1_000 * ms) / EACH
    const added = perUpdate(thread.ours - thread.floor)
    rows.push({
      what: `added by diagnostics channels ${who}; floor: the update in memory`,
      unit: 'µs',
      ours: added,
      floor: perUpdate(thread.floor),
      bound: `≤ ${most} µs of the main thread`,
      holds: added <= most,
      ...{ cpu, thread, noise },
    })
  }
  return rows
}
