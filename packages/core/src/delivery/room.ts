import type { Timers } from './waits.ts'

/** Waits of a worker for room in a limit, between the pages of a list. */
export interface RoomWaits {
  /** Waits so many ms; false, at once where it can be: the worker stops. */
  readonly wait: (ms: number) => Promise<boolean>
  /** The worker stops: what waits goes on without room, and nothing waits until `ended` is false. */
  readonly end: () => void
  /** Whether the worker has stopped. */
  ended: boolean
}

/** Makes the waits of a worker. */
export const createRoomWaits = (timers: Timers): RoomWaits => {
  const waiting = new Set<() => void>()
  const waits: RoomWaits = {
    ended: false,
    wait: ms =>
      new Promise(resolve => {
        if (waits.ended) return resolve(false)
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
      waits.ended = true
      for (const stop of [...waiting]) stop()
    },
  }
  return waits
}
