import type { Store } from '../store/contract.ts'
import type { Adapters, Filter } from './calls.ts'
import type { Emitter, RecorderEvents } from './emitter.ts'
import type { Cache } from './live-session.ts'

/** What the parts of a recorder share. */
export type RecorderContext = Readonly<{
  store: Store
  adapters: Adapters
  project: string
  user: string | undefined
  now: () => number
  newId: () => string
  filter: Filter | undefined
  /** Redacts secrets in a text before it is stored. */
  redact: ((text: string) => string) | undefined
  machine: string | undefined
  emitter: Emitter<RecorderEvents>
  /** Says that something may be sent now. */
  wake: () => void
  cache: Cache
  queue: Queue
}>

/** Runs the calls of one name one after the other, and those of different names side by side. */
export interface Queue {
  run<T>(name: string, call: () => Promise<T>): Promise<T>
}

/** Makes a queue by name. A call that fails does not stop those behind it. */
export const createQueue = (): Queue => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run: (name, call) => {
      const before = tails.get(name)
      const result = before === undefined ? call() : before.then(call, call)
      const tail = result
        .catch(() => undefined)
        .then(() => {
          if (tails.get(name) === tail) tails.delete(name)
        })
      tails.set(name, tail)
      return result
    },
  }
}
