import type { Store } from '../store/contract.ts'
import type { Adapters, Filter } from './calls.ts'
import type { Emitter, RecorderEvents } from './emitter.ts'
import type { Cache } from './held.ts'
import type { Queue } from './queue.ts'

/** What the parts of a recorder share. */
export type Parts = Readonly<{
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
