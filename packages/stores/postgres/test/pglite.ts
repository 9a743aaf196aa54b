import type { PGlite } from '@electric-sql/pglite'
import type { Query, Source } from '../src/index.ts'

/** PGlite as a source: it is one connection. */
export const overPglite = (database: PGlite): Extract<Source, { query: Query }> => ({
  query: async (text, values) => database.query(text, [...values]),
  transaction: run =>
    database.transaction(tx =>
      run(async (text, values) => tx.query<Record<string, unknown>>(text, [...values])),
    ) as ReturnType<typeof run>,
})
