import type { Store } from '@sessionwire/core/store'
import type { StoreBench, StoreFactory } from '@sessionwire/core/testing'
import type { Query, Source } from '../src/connection.ts'
import { migrate, type PostgresOptions, postgresStore } from '../src/index.ts'
import { schemaOf } from '../src/migrate.ts'
import { HEARTS } from '../src/store.ts'

const TABLES = [
  ...['members', 'sessions', 'events', 'keys', 'messages', 'adapters', 'gates', 'denials', 'lanes'],
  ...['heads', 'strays', 'deliveries', 'captures', 'tallies'],
]

/** Options that the tests of this package may give beside the public ones. */
export type TestOptions = PostgresOptions & Readonly<{ now?: () => number; silentMs?: number }>

/** Opens a store with the options of tests. */
export const openStore = (source: Source, options: TestOptions): Store => postgresStore(source, options)

/** Places in one schema, which is emptied for each. */
export const placesIn = (
  source: Source & Readonly<{ query?: Query }>,
  query: Query,
  schema: string,
): StoreFactory => {
  const sql = schemaOf(schema)
  let made: Promise<unknown> | undefined
  return async (now): Promise<StoreBench> => {
    made ??= migrate(source, { schema })
    await made
    for (const table of TABLES) await query(sql(`DELETE FROM @.${table}`), [])
    const owners = new Map<Store, string>()
    return {
      open: async () => {
        const store = openStore(source, { schema, now, migrate: false })
        const before = new Set(
          (await query(sql('SELECT id::text AS id FROM @.members'), [])).rows.map(({ id }) => id),
        )
        await store.identity()
        const { rows } = await query(sql('SELECT id::text AS id FROM @.members'), [])
        owners.set(store, rows.map(({ id }) => id as string).find(id => !before.has(id)) ?? '')
        return store
      },
      vanish: async store => {
        HEARTS.get(store)?.()
        await query(sql('UPDATE @.members SET ended = 2 WHERE id = $1::text::uuid'), [
          owners.get(store) ?? '',
        ])
      },
      silence: async store => {
        HEARTS.get(store)?.()
        await query(sql('UPDATE @.members SET seen_at = 0 WHERE id = $1::text::uuid'), [
          owners.get(store) ?? '',
        ])
      },
    }
  }
}
