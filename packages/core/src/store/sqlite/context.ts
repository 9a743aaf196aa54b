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
  /** Whether a store still holds its lock. */
  alive: (owner: string) => boolean
  now: () => number
  /** Whether the last claim gave anything. */
  last: { gave: boolean }
}>
