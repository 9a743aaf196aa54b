import type { Store } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { postgresStore } from '@sessionwire/postgres'

/** Where a run keeps its sessions. */
export type Place =
  | Readonly<{ kind: 'file'; path: string }>
  | Readonly<{ kind: 'postgres'; url: string; schema: string }>

/** A worker on PostgreSQL that is not heard of for so long counts as silent, real ms. */
const SILENT_MS = 1_000

/** Opens a store on a place; its clock is the run's. */
export const openPlace = (place: Place, now: () => number): Store => {
  if (place.kind === 'file') return sqliteStore(place.path, { now })
  const { url, schema } = place
  const options = { schema, now, silentMs: SILENT_MS, awayMs: 120_000 }
  return postgresStore({ url, connections: 4 }, options)
}

/**
 * How long an attempt may take, real ms, and after how many that never reported a person decides. A file shows at once whose
 * process ended; over a network only the end of the lease does, so it is short there. Where several workers are killed at
 * once, three attempts in a row of one delivery say nothing of the delivery.
 */
export const patienceOf = ({
  kind,
}: Place): Readonly<{ timeoutMs: number; marginMs: number; unreportedMax: number }> =>
  kind === 'file'
    ? { timeoutMs: 2_000, marginMs: 6_000, unreportedMax: 3 }
    : { timeoutMs: 1_000, marginMs: 1_500, unreportedMax: 1_000 }
