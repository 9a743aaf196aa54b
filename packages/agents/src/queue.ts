/** Most steps that wait for the store; further ones are reported and dropped. */
const MAX = 1_000

/** Longest time of a timer, ms: a longer one would end at once. */
const LONGEST_MS = 2_147_483_647

/** Steps of one session: they run in order, and none of them can throw at its caller. */
export interface Queue {
  /** Runs a step after those before it. `isLast`: also where too many wait, as the end of a session. */
  add(step: () => Promise<unknown>, isLast?: boolean): void
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
    add: (step, isLast = false) => {
      if (waiting >= MAX && !isLast) {
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
            const timer = setTimeout(
              () => {
                isLate = true
                resolve()
              },
              Math.min(waitMs, LONGEST_MS),
            )
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
