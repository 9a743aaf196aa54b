import type { Owner } from '../../delivery/transitions.ts'
import type { Adapters } from './adapters.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'

/** The parts that every verb uses. */
export type Context = Readonly<{
  client: Client
  gate: Gate
  adapters: Adapters
  /** The name of this store. */
  owner: string
  /** The state of a lease's owner or of the last writer: a store, with a worker's name behind it. */
  ownerState: (owner: string) => Owner
  now: () => number
  /** Removes the earlier versions of pages that the WAL holds. */
  emptyWal: () => Promise<void>
  /** Whether the last claim gave anything. */
  last: { gave: boolean }
}>
