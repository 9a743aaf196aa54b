import type { Timers } from '../delivery/waits.ts'
import type { Forgotten } from '../recorder/calls.ts'
import type { Emitter } from '../recorder/context.ts'
import type { Recorder } from '../recorder/contract.ts'
import type { Store } from '../store/contract.ts'
import type { ForgetOptions } from './call-options.ts'
import type { TrackerEvents } from './contract.ts'

/** Another process may settle a delivery, and then no event is emitted here, ms. */
const LOOK_MS = 100

/** How long after the end of its lease a delivery is still waited for, ms: a worker that runs claims it at once. */
const SPARE_MS = 1_000

type ForgetContext = Readonly<{
  store: Pick<Store, 'list' | 'now'>
  erase: Recorder['erase']
  emitter: Pick<Emitter<TrackerEvents>, 'on'>
  timers: Pick<Timers, 'keepAlive'>
  monotonic: () => number
}>

/**
 * Erases what it can at once, waits for deliveries under way, and erases each as soon as it has settled: one that failed is
 * dropped before it is sent again. Deliveries taken by hand have no lease and are not waited for.
 */
export const forget = async (
  { store, erase, emitter, timers, monotonic }: ForgetContext,
  sessionId: string,
  eventId: string | undefined,
  { timeoutMs = 30_000 }: ForgetOptions,
): Promise<Forgotten> => {
  const until = monotonic() + timeoutMs
  let ring: () => void = () => undefined
  const hear = () => ring()
  const offs = (['delivered', 'retry', 'inDoubt', 'dead'] as const).map(name => emitter.on(name, hear))
  /** True as soon as one of them is no longer under way; false when waiting longer is of no use. */
  const waitForOne = async (keys: readonly string[]): Promise<boolean> => {
    for (;;) {
      const bell = new Promise<void>(resolve => {
        ring = resolve
      })
      const open = await store.list({ keys, state: ['claimed', 'begun'], limit: keys.length })
      if (open.length < keys.length) return true
      const left = until - monotonic()
      const end = store.now() - SPARE_MS
      if (left <= 0 || !open.some(({ leaseUntil }) => leaseUntil !== undefined && leaseUntil > end))
        return false
      const cancel = timers.keepAlive(Math.min(LOOK_MS, left), hear)
      await bell
      cancel()
    }
  }
  try {
    let all = await erase(sessionId, eventId)
    while (all.underWay.length > 0 && (await waitForOne(all.underWay))) {
      const last = await erase(sessionId, eventId, all.rewritten)
      const { underWay, planned } = all
      all = {
        ...all,
        edited: [...new Set([...all.edited, ...last.edited])],
        // Edits that the call before planned were never seen by its caller.
        dropped: [...all.dropped, ...last.dropped.filter(key => !planned.includes(key))],
        deleting: [...all.deleting, ...last.deleting],
        remaining: [...all.remaining.filter(({ key }) => !underWay.includes(key)), ...last.remaining],
        underWay: last.underWay,
        planned: [...planned, ...last.planned],
        rewritten: last.rewritten,
      }
    }
    const { planned: _, rewritten: __, ...forgotten } = all
    return forgotten
  } finally {
    for (const off of offs) off()
  }
}
