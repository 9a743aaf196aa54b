/** Wakes everybody who waits at the moment. */
export interface Bell {
  readonly wait: () => Promise<void>
  readonly ring: () => void
}

/** Makes a bell nobody waits for yet. */
export const createBell = (): Bell => {
  let waiting: (() => void)[] = []
  return {
    wait: () =>
      new Promise(resolve => {
        waiting.push(resolve)
      }),
    ring: () => {
      const all = waiting
      waiting = []
      for (const wake of all) wake()
    },
  }
}
