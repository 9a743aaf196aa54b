import type { Timers } from '../delivery/waits.ts'
import { asStoreError, type TrackerError } from '../session/errors.ts'

const FIRST_MS = 1_000
const MOST_MS = 60_000

type StartUp = Readonly<{
  /** Done again and again until it succeeds: the same twice is the same once. */
  act: () => Promise<void>
  onError: 'throw' | 'report' | undefined
  timers: Pick<Timers, 'after'>
  report: (error: TrackerError) => void
}>

/**
 * Does what a tracker does first in its store. A store that is busy or away fails the tracker, or with `report` is
 * reported once and asked again later, as for every call that records. Answers how to stop that.
 */
export const startUp = async ({ act, onError, timers, report }: StartUp): Promise<() => void> => {
  let cancel: () => void = () => undefined
  let isOver = false
  const tryLater = (waitMs: number): void => {
    if (isOver) return
    cancel = timers.after(waitMs, () => {
      void act().catch(() => tryLater(Math.min(MOST_MS, waitMs * 2)))
    })
  }
  try {
    await act()
  } catch (thrown) {
    const error = asStoreError(thrown)
    if (onError !== 'report' || error.code !== 'STORE') throw error
    report(error)
    tryLater(FIRST_MS)
  }
  return () => {
    isOver = true
    cancel()
  }
}
