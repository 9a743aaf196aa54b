import type { Connection, Query } from './connection.ts'
import { fitValues, writeJson } from './text.ts'

/** The numbers under which adapters are stored. They never change, so they are read once. */
export interface Adapters {
  /** Gives numbers to those that have none. */
  readonly ensure: (names: readonly string[]) => Promise<void>
  /** The number of an adapter that was ensured. */
  readonly idOf: (name: string) => number | undefined
  readonly nameOf: (id: number) => string | undefined
  /** Reads all there are. */
  readonly load: (query?: Query) => Promise<void>
}

/** The parts that the verbs of a store use. */
export type Context = Readonly<{
  connection: Connection
  /** Puts the schema in the place of `@`. */
  sql: (text: string) => string
  adapters: Adapters
  /** This store's member id. */
  owner: string
  /** The clock of a test, as a parameter; null: the server's. */
  at: () => string | null
  /** The row that the first commit writes of this member. */
  member: Readonly<{
    silentMs: number
    host: string
    library: string
    isKnown: () => boolean
    know: () => void
  }>
  /** Whether the call that runs now was sent before, with an unknown end. */
  where: string
}>

/** Reads rows that a statement gives as JSON in a column `r`. */
export const rowsAsked = async <R>(
  { connection, sql }: Pick<Context, 'connection' | 'sql'>,
  text: string,
  values: readonly (string | null)[] = [],
  query: Query = connection.query,
): Promise<readonly R[]> => {
  const { rows } = await query(sql(`SELECT row_to_json(x)::text AS r FROM (${text}) x`), values)
  return rows.map(({ r }) => JSON.parse(r as string) as R)
}

/** Makes the numbers of adapters. */
export const createAdapters = ({ connection, sql }: Pick<Context, 'connection' | 'sql'>): Adapters => {
  const ids = new Map<string, number>()
  const names = new Map<number, string>()
  const load: Adapters['load'] = async query => {
    const rows = await rowsAsked<Readonly<{ id: number; name: string }>>(
      { connection, sql },
      'SELECT id, name FROM @.adapters',
      [],
      query,
    )
    for (const { id, name } of rows) {
      ids.set(name, id)
      names.set(id, name)
    }
  }
  return {
    ensure: async wanted => {
      if (wanted.every(name => ids.has(name))) return
      await load()
      const missing = [...new Set(wanted.filter(name => !ids.has(name)))]
      if (missing.length === 0) return
      await connection.query(
        sql(
          `INSERT INTO @.adapters (name) SELECT x FROM jsonb_array_elements_text($1::text::jsonb) x ON CONFLICT DO NOTHING`,
        ),
        [writeJson(missing)],
      )
      await load()
    },
    idOf: name => ids.get(name),
    nameOf: id => names.get(id),
    load,
  }
}

/** Settings that the functions of the schema inherit, within a transaction. */
const SETTINGS = `SELECT set_config('search_path', '@, pg_temp', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)`

const fitting =
  (query: Query): Query =>
  (text, values) =>
    query(text, fitValues(values))

/**
 * The same connection, whose transactions call the functions of a schema by their bare names, and whose statements take any
 * text.
 */
export const inSchema = (connection: Connection, sql: (text: string) => string): Connection => ({
  ...connection,
  query: fitting(connection.query),
  transaction: run =>
    connection.transaction(async query => {
      await query(sql(SETTINGS), [])
      return run(fitting(query))
    }),
})
