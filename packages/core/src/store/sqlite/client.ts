import { DatabaseSync, type StatementSync } from 'node:sqlite'

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

/** Opens a connection with a busy time-out of 0. */
export const connect = (path: string, options: Readonly<{ readOnly?: boolean }> = {}): Client => {
  const database = new DatabaseSync(path, { timeout: 0, readOnly: options.readOnly === true })
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const made = database.prepare(sql)
    prepared.set(sql, made)
    return made
  }
  return {
    get: <R>(sql: string, ...values: readonly Value[]) => statement(sql).get(...values) as R | undefined,
    all: <R>(sql: string, ...values: readonly Value[]) =>
      statement(sql).all(...values) as unknown as readonly R[],
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    insert: (sql, ...values) => Number(statement(sql).run(...values).lastInsertRowid),
    exec: sql => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  }
}
