import type { Owner } from '../../delivery/transitions.ts'
import type { Adapters } from './adapters.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'

/** What every verb works with. */
export type Context = Readonly<{
  client: Client
  gate: Gate
  adapters: Adapters
  /** Who this store is. */
  owner: string
  /** What is known of the owner of a lease or the last writer: a store, with a worker's name behind it. */
  ownerState: (owner: string) => Owner
  now: () => number
  /** Whether the last claim gave anything. */
  last: { gave: boolean }
}>
