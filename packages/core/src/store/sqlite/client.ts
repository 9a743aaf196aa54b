import type { StatementSync } from 'node:sqlite'
import { TrackerError } from '../../session/errors.ts'

type Value = string | number | null

/** One connection. Statements are prepared once; every call runs to its end at once and never waits for a lock. */
export interface Client {
  readonly get: <R>(sql: string, ...values: readonly Value[]) => R | undefined
  readonly all: <R>(sql: string, ...values: readonly Value[]) => readonly R[]
  /** The number of rows changed. */
  readonly run: (sql: string, ...values: readonly Value[]) => number
  /** The id of the row inserted. */
  readonly insert: (sql: string, ...values: readonly Value[]) => number
  /** Runs a script. */
  readonly exec: (sql: string) => void
  readonly inTransaction: () => boolean
  readonly close: () => void
}

type Prepared = Readonly<{
  statement: StatementSync
  columns: readonly string[]
  bind: (values: readonly Value[]) => readonly Value[]
}>

/**
 * Node before 22.20, and 24 before 24.7, binds no value by its place to `?1`. Every Node binds it by that name, in an
 * object that goes where the values would.
 */
const bindByNumber = (values: readonly Value[]) =>
  [Object.fromEntries(values.map((value, n) => [`?${n + 1}`, value]))] as unknown as readonly Value[]
const bindByPlace = (values: readonly Value[]) => values

/** Rows come as lists, in half the time objects take, and are named here. No statement may ask for `*`. */
const named = (columns: readonly string[], values: readonly unknown[]): unknown => {
  const row: Record<string, unknown> = {}
  for (let n = 0; n < columns.length; n++) row[columns[n] as string] = values[n]
  return row
}

/**
 * Node's SQLite, looked for when a store is made: an import would end a program on a Node without it, before anybody
 * could say why. Throws `CONFIG` there.
 */
export const builtIn = () => {
  const { getBuiltinModule, version, versions } = process as Partial<typeof process>
  const found = getBuiltinModule?.('node:sqlite')
  if (found !== undefined) return found
  const here = versions?.node === undefined ? 'this runtime' : `Node ${version}`
  throw new TrackerError(
    'CONFIG',
    `sqliteStore: ${here} has no node:sqlite: run on Node 22.18 or newer, such as 24, or take memoryStore()`,
  )
}

/** Opens a connection with a busy time-out of 0. */
export const connect = (path: string, options: Readonly<{ readOnly?: boolean }> = {}): Client => {
  const { DatabaseSync } = builtIn()
  const database = new DatabaseSync(path, { timeout: 0, readOnly: options.readOnly === true })
  const known = new Map<string, Prepared>()
  const prepared = (sql: string): Prepared => {
    const before = known.get(sql)
    if (before !== undefined) return before
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    const columns = statement.columns().map(({ name }) => name)
    const made = { statement, columns, bind: /\?\d/.test(sql) ? bindByNumber : bindByPlace }
    known.set(sql, made)
    return made
  }
  const change = (sql: string, values: readonly Value[]) => {
    const { statement, bind } = prepared(sql)
    return statement.run(...bind(values))
  }
  return {
    get: <R>(sql: string, ...values: readonly Value[]) => {
      const { statement, columns, bind } = prepared(sql)
      const row = statement.get(...bind(values)) as unknown as readonly unknown[] | undefined
      return (row === undefined ? undefined : named(columns, row)) as R | undefined
    },
    all: <R>(sql: string, ...values: readonly Value[]) => {
      const { statement, columns, bind } = prepared(sql)
      const rows = statement.all(...bind(values)) as unknown as readonly (readonly unknown[])[]
      return rows.map(row => named(columns, row)) as readonly R[]
    },
    run: (sql, ...values) => Number(change(sql, values).changes),
    insert: (sql, ...values) => Number(change(sql, values).lastInsertRowid),
    exec: sql => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  }
}
