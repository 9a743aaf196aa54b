import type { Timers } from './events.ts'

/** Waits of a worker for room in a limit, between the pages of a list. */
export interface RoomWaits {
  /** Waits so many ms; false, at once where it can be: the worker stops. */
  readonly wait: (ms: number) => Promise<boolean>
  /** The worker stops: what waits goes on without room. */
  readonly end: () => void
  /** The worker works again. */
  readonly resume: () => void
}

/** Makes the waits of a worker. */
export const createRoomWaits = (timers: Timers): RoomWaits => {
  const waiting = new Set<() => void>()
  let ended = false
  return {
    wait: ms =>
      new Promise(resolve => {
        if (ended) return resolve(false)
        const finish = (inTime: boolean): void => {
          cancel()
          waiting.delete(stop)
          resolve(inTime)
        }
        const stop = (): void => finish(false)
        const cancel = timers.after(ms, () => finish(true))
        waiting.add(stop)
      }),
    end: () => {
      ended = true
      for (const stop of [...waiting]) stop()
    },
    resume: () => {
      ended = false
    },
  }
}
