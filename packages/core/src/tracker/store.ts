import { environment } from '../adapter/environment.ts'
import type { DeliveryEvents } from '../delivery/events.ts'
import type { Worker } from '../delivery/worker.ts'
import { asError, type Emitter, type RecorderEvents } from '../recorder/context.ts'
import { message } from '../session/message.ts'
import type { Store } from '../store/contract.ts'
import { countUndelivered, memoryStore } from '../store/memory.ts'
import { formatPause } from './format.ts'
import type { Warn } from './logging.ts'

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
    `${requests} not delivered and only kept in memory, so now lost. Call tracker.drain() before the program ends, or pass sqliteStore().`,
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

type DrainContext = Readonly<{
  worker: Pick<Worker, 'drain'>
  store: Pick<Store, 'where'>
  warn: Warn
  emitter: Pick<Emitter<RecorderEvents & DeliveryEvents>, 'emit'>
}>

/** Delivers for at most `timeoutMs` and warns of what is left. Never throws: the tracker must be closed after it. */
export const drainBeforeClose = async (
  { worker, store, warn, emitter }: DrainContext,
  timeoutMs: number,
): Promise<void> => {
  try {
    const { left, paused = [] } = await worker.drain({ timeoutMs })
    const { waiting = 0, claimed = 0, begun = 0, dead = 0 } = left
    const open = waiting + claimed + begun
    if (open + dead === 0) return
    const counted = [...(open > 0 ? [`${open} waiting`] : []), ...(dead > 0 ? [`${dead} dead`] : [])].join(
      ', ',
    )
    const reasons = paused.map(pause => ` ${formatPause(pause)}.`).join('')
    const later = store.where === 'memory' ? '' : ' They go out when a tracker opens the store again.'
    warn(`The tracker closed with requests that were not delivered: ${counted}.${reasons}${later}`)
  } catch (thrown) {
    emitter.emit('error', { error: asError(thrown), where: 'drain before close' })
  }
}

/** Where sessions are kept when no store is given, from the working directory. */
const DEFAULT_PATH = '.sessionwire/sessions.db'

/**
 * Opens the store of a tracker that was given none: the file, else memory with one warning. Tests (`NODE_ENV=test`) get
 * memory, so that they leave nothing behind. Throws `STORE` or `STORE_CORRUPT` for a file that exists and cannot be used.
 */
export const openDefaultStore = async (now: () => number, warn: Warn): Promise<Store> => {
  if (environment().NODE_ENV === 'test') return memoryStore({ now })
  const { openFileStore } = await import('#file-store')
  const opened = await openFileStore(DEFAULT_PATH, { now })
  if ('store' in opened) return opened.store
  warn(
    message({
      field: 'store',
      problem: `${DEFAULT_PATH} cannot be used, so sessions are kept in memory`,
      todo: `Reason: ${opened.reason} They are lost when the process ends; pass \`store\` to keep them elsewhere.`,
    }),
  )
  return memoryStore({ now })
}
