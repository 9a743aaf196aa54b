/** Counts the requests that are being answered, and lets in no more than it may. */
export interface Gate {
  /** Takes a place; false where there is none. */
  enter(): boolean
  /** Gives a place back. */
  leave(): void
  /** Places that are taken. */
  readonly taken: number
  /** Resolves when no place is taken. */
  idle(): Promise<void>
}

/** Makes a gate of so many places. */
export const createGate = (places: number): Gate => {
  let taken = 0
  const waiting: (() => void)[] = []
  return {
    enter: () => {
      if (taken >= places) return false
      taken++
      return true
    },
    leave: () => {
      taken--
      if (taken === 0) for (const ring of waiting.splice(0)) ring()
    },
    get taken() {
      return taken
    },
    idle: () => (taken === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
  }
}
