/** The longest a process goes without a turn of its event loop while calls to a store follow each other, ms. */
const TURN_MS = 8

const { setImmediate: immediate, performance: clock = Date } = globalThis as unknown as {
  setImmediate?: (call: () => void) => unknown
  performance?: Readonly<{ now: () => number }>
}

const soon = (call: () => void): void => {
  if (immediate === undefined) setTimeout(call, 0)
  else immediate(call)
}

let since: number | undefined

/**
 * The promise that a call waits for before it begins; `undefined` nearly always. A caller that awaits one call after the other is
 * resumed by microtasks alone, and then timers, sockets and requests of the whole process would stand still meanwhile.
 */
export const nextTurn = (): Promise<void> | undefined => {
  const now = clock.now()
  if (since === undefined) {
    since = now
    soon(() => {
      since = undefined
    })
    return undefined
  }
  return now - since < TURN_MS ? undefined : new Promise(resolve => soon(resolve))
}
