import type { Store } from '../store/contract.ts'
import { countUndelivered } from '../store/memory.ts'
import type { Warn } from './warning.ts'

type Watched = Readonly<{ store: Store; warn: Warn }>

type Host = Readonly<{ on?: (name: 'exit', listener: () => void) => unknown }>

/** Trackers on memory stores that are not closed. One listener of the process serves all of them. */
const open = new Set<Watched>()
let isListening = false

const warnOf = ({ store, warn }: Watched): void => {
  const count = countUndelivered(store)
  if (count === 0) return
  const requests = count === 1 ? '1 request was' : `${count} requests were`
  warn(
    `${requests} not delivered and only kept in memory, so now lost. Call tracker.drain() before the program ends, or pass a store that lasts, such as sqliteStore().`,
  )
}

const listen = (): void => {
  if (isListening) return
  const { process: host } = globalThis as Readonly<{ process?: Host }>
  if (typeof host?.on !== 'function') return
  isListening = true
  // A listener of `exit` neither keeps the process alive nor changes how it ends.
  host.on('exit', () => {
    for (const each of open) warnOf(each)
  })
}

/**
 * Warns once when requests in a memory store are lost: when the process exits, or when the function it gives is called,
 * before the store is closed. Does nothing for other stores.
 */
export const watchMemory = (store: Store, warn: Warn): (() => void) => {
  const watched: Watched = { store, warn }
  open.add(watched)
  listen()
  return () => {
    if (open.delete(watched)) warnOf(watched)
  }
}
