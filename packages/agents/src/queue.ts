/** Most steps that wait for the store; further ones are reported and dropped. */
const MAX = 1_000

/** Steps of one session: they run in order, and none of them can throw at its caller. */
export interface Queue {
  /** Runs a step after those before it. */
  add(step: () => Promise<unknown>): void
  /** Resolves when all steps so far are done, or `waitMs` has passed. After a wait that was too long, not before they are done again. */
  wait(): Promise<void>
  /** Resolves when all steps so far are done. */
  flush(): Promise<void>
}

/** Makes a queue; `report` must not throw. */
export const createQueue = (waitMs: number, report: (error: unknown) => void): Queue => {
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let isLate = false
  return {
    add: step => {
      if (waiting >= MAX) {
        report(new Error(`${MAX} recordings wait for the store. Later ones are left out.`))
        return
      }
      waiting++
      tail = tail
        .then(step)
        .catch(report)
        .then(() => {
          waiting--
          if (waiting === 0) isLate = false
        })
    },
    // A store that hangs would cost the host `waitMs` for every event, so it is paid once.
    wait: () =>
      waitMs <= 0 || isLate
        ? Promise.resolve()
        : new Promise(resolve => {
            const timer = setTimeout(() => {
              isLate = true
              resolve()
            }, waitMs)
            void tail.then(() => {
              clearTimeout(timer)
              resolve()
            })
          }),
    flush: async () => {
      await tail
    },
  }
}
