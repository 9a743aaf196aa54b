import type { Drained } from '../delivery/worker.ts'
import { notifyOf } from '../session/at-once.ts'
import type { Count, Store } from '../store/contract.ts'
import type { DrainProgress } from './call-options.ts'

/** Interval between reports, ms: people need no more. */
const LOOK_MS = 500
/** Counting takes at most a twentieth of the time, however much there is. */
const SHARE = 20

const sumCounts = (counts: readonly Count[], adapters: ReadonlySet<string>) => {
  const left: Record<string, number> = {}
  let delivered = 0
  for (const { states } of counts.filter(({ adapter }) => adapters.has(adapter)))
    for (const [state, count] of Object.entries(states)) {
      if (state === 'delivered') delivered += count
      else if (state !== 'replaced' && state !== 'dropped' && count > 0)
        left[state] = (left[state] ?? 0) + count
    }
  return { delivered, left }
}

type ProgressContext = Readonly<{
  store: Pick<Store, 'counts'>
  /** Names of the tracker's adapters: what waits for others is not counted. */
  adapters: ReadonlySet<string>
  timers: Readonly<{ after: (ms: number, call: () => void) => () => void }>
  /** Called with what the listener threw. */
  report: (thrown: unknown) => void
  /** Measures how long counting takes, ms. */
  stopwatch?: () => number
}>

/** Drains, and reports progress: at the start, at most twice a second while something changes, and at the end. */
export const drainWithProgress = async (
  { store, adapters, timers, report, stopwatch = () => performance.now() }: ProgressContext,
  notify: (progress: DrainProgress) => unknown,
  drain: () => Promise<Drained>,
): Promise<Drained> => {
  let before: number | undefined
  let reported = ''
  let over = false
  let cancel: () => void = () => undefined
  const look = async (last = false): Promise<void> => {
    const { delivered, left } = sumCounts(await store.counts(), adapters)
    before ??= delivered
    // A count that began before the end must not be reported after it.
    if (over && !last) return
    const { waiting = 0, claimed = 0, begun = 0 } = left
    const open = waiting + claimed + begun
    const done = Object.keys(left).every(state => state === 'planned')
    const progress = { done, left, delivered: delivered - before, open }
    const state = [progress.delivered, open, left.dead, left.planned].join()
    if (state === reported && !last) return
    reported = state
    notifyOf(notify, progress, report)
  }
  const turn = async (): Promise<void> => {
    const begun = stopwatch()
    await look()
    if (!over) cancel = timers.after(Math.max(LOOK_MS, (stopwatch() - begun) * SHARE), again)
  }
  const again = (): void => void turn().catch(report)
  await turn().catch(report)
  try {
    const drained = await drain()
    over = true
    cancel()
    await look(true).catch(report)
    return drained
  } finally {
    over = true
    cancel()
  }
}
