import { lstatSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { TrackerError } from '../../session/errors.ts'
import { corrupt, isUnfinished } from './failure.ts'
import { prepare, protect, sizeOf } from './path.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

export type Value = string | number | null

/** One connection. Statements are prepared once; every call runs to its end at once and never waits for a lock. */
export interface Client {
  readonly get: <R>(sql: string, ...values: readonly Value[]) => R | undefined
  readonly all: <R>(sql: string, ...values: readonly Value[]) => readonly R[]
  /** Rows as lists of their values, for statements whose rows are many or wide: naming the values takes as long as reading them. */
  readonly list: (sql: string, ...values: readonly Value[]) => readonly (readonly unknown[])[]
  /** One row as such a list, for statements that run once for each delivery or claim. */
  readonly row: <R extends readonly unknown[]>(sql: string, ...values: readonly Value[]) => R | undefined
  /** Runs a statement of which the caller needs no answer: the number of rows changed would cost an object. */
  readonly write: (sql: string, ...values: readonly Value[]) => void
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

/** Whether this Node binds values by their place to `?1`, which takes half the time. */
const bindsNumbersByPlace = (database: DatabaseSync): boolean => {
  try {
    return database.prepare('SELECT ?1 AS value').get('bound')?.value === 'bound'
  } catch {
    return false
  }
}

/** Rows come as lists, in half the time objects take, and are named here. No statement may ask for `*`. */
const toObject = (columns: readonly string[], values: readonly unknown[]): unknown => {
  const row: Record<string, unknown> = {}
  for (let n = 0; n < columns.length; n++) row[columns[n] as string] = values[n]
  return row
}

/**
 * Node's SQLite, looked for when a store is made: an import would end a program on a Node without it, before any code
 * could say why. Throws `CONFIG` there.
 */
export const loadBuiltIn = () => {
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
  const { DatabaseSync } = loadBuiltIn()
  const database = new DatabaseSync(path, { timeout: 0, readOnly: options.readOnly === true })
  const known = new Map<string, Prepared>()
  const byNumber = bindsNumbersByPlace(database) ? bindByPlace : bindByNumber
  const prepareOnce = (sql: string): Prepared => {
    const before = known.get(sql)
    if (before !== undefined) return before
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    const columns = statement.columns().map(({ name }) => name)
    const made = { statement, columns, bind: /\?\d/.test(sql) ? byNumber : bindByPlace }
    known.set(sql, made)
    return made
  }
  const change = (sql: string, values: readonly Value[]) => {
    const { statement, bind } = prepareOnce(sql)
    return statement.run(...bind(values))
  }
  return {
    get: <R>(sql: string, ...values: readonly Value[]) => {
      const { statement, columns, bind } = prepareOnce(sql)
      const row = statement.get(...bind(values)) as unknown as readonly unknown[] | undefined
      return (row === undefined ? undefined : toObject(columns, row)) as R | undefined
    },
    all: <R>(sql: string, ...values: readonly Value[]) => {
      const { statement, columns, bind } = prepareOnce(sql)
      const rows = statement.all(...bind(values)) as unknown as readonly (readonly unknown[])[]
      return rows.map(row => toObject(columns, row)) as readonly R[]
    },
    list: (sql, ...values) => {
      const { statement, bind } = prepareOnce(sql)
      return statement.all(...bind(values)) as unknown as readonly (readonly unknown[])[]
    },
    row: <R extends readonly unknown[]>(sql: string, ...values: readonly Value[]) => {
      const { statement, bind } = prepareOnce(sql)
      return statement.get(...bind(values)) as unknown as R | undefined
    },
    write: (sql, ...values) => {
      const { statement, bind } = prepareOnce(sql)
      statement.get(...bind(values))
    },
    run: (sql, ...values) => Number(change(sql, values).changes),
    insert: (sql, ...values) => Number(change(sql, values).lastInsertRowid),
    exec: sql => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  }
}

/** Up to this size, bytes, a file is read whole and checked when it is opened; it takes a few ms. */
const CHECKED_WHOLE = 2_000_000
/** A commit changes a few bytes in each of some ten pages, and writes those whole: measured, smaller ones are faster. */
const PAGE_BYTES = 2_048

const numberOf = (client: Client, pragma: string): number =>
  Number(Object.values(client.get<Record<string, number>>(`PRAGMA ${pragma}`) ?? {})[0] ?? 0)

/** The format of a file; throws `STORE` for one that a newer version of this library made. */
export const versionOf = (client: Client, path: string): number => {
  const version = numberOf(client, 'user_version')
  if (version <= MIGRATIONS.length) return version
  throw new TrackerError(
    'STORE',
    `${path} was made by a newer version of this library (format ${version}; this one knows ${MIGRATIONS.length}): ` +
      'update the library, or choose another path.',
    { field: 'path' },
  )
}

/** Whether a file is ours, of a version we know, and whole. */
const inspectWhole = (client: Client, path: string): void => {
  const application = numberOf(client, 'application_id')
  const tables = client.get("SELECT 1 FROM sqlite_schema WHERE name = 'sessions'") !== undefined
  const empty = numberOf(client, 'schema_version') === 0
  if (empty && application === 0 && numberOf(client, 'user_version') === 0) return
  if (application !== APPLICATION_ID)
    throw new TrackerError('STORE', `${path} is the database of another program: choose another path.`, {
      field: 'path',
    })
  if (versionOf(client, path) < 1 || !tables) throw corrupt(path, 'its tables are missing')
  const bytes = numberOf(client, 'page_count') * numberOf(client, 'page_size')
  if (sizeOf(`${path}-wal`) === 0 && sizeOf(path) < bytes) throw corrupt(path, 'its end is missing')
  if (bytes > CHECKED_WHOLE) return
  const found = Object.values(client.get<Record<string, string>>('PRAGMA quick_check(1)') ?? {})[0]
  if (found !== 'ok') throw corrupt(path, String(found))
}

/**
 * Looks at a file without writing to it. Throws `STORE_CORRUPT` or `STORE`, and leaves every byte as it is. All is read as of
 * one moment: another process may be making its tables.
 */
const inspect = (client: Client, path: string): void => {
  client.exec('BEGIN')
  try {
    inspectWhole(client, path)
  } finally {
    // SQLite may have ended it itself, after an error.
    if (client.inTransaction()) client.exec('ROLLBACK')
  }
}

/** Brings the tables to this version, within a write transaction. */
export const migrate = (client: Client, path: string): void => {
  const version = versionOf(client, path)
  if (version === MIGRATIONS.length) return
  for (const script of MIGRATIONS.slice(version)) client.exec(script)
  client.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`)
}

/** Looks at a file through a connection that cannot write; false: it must be finished by one that can, first. */
const isInspected = (path: string): boolean => {
  const reader = connect(path, { readOnly: true })
  try {
    inspect(reader, path)
    return true
  } catch (thrown) {
    if (isUnfinished(thrown)) return false
    throw thrown
  } finally {
    reader.close()
  }
}

export type Opening = Readonly<{ path: string; durability: 'process' | 'power'; maxPages?: number }>

/**
 * Opens the database of this path, made if it is not there. Throws what SQLite throws where a lock is not free: call it
 * again then. The tables are not brought up to date yet.
 */
export const open = ({ path, durability, maxPages }: Opening): Client => {
  const isNew = prepare(path)
  const seen = isNew || isInspected(path)
  const client = connect(path)
  try {
    if (!seen) inspect(client, path)
    if (isNew) client.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
    const mode = client.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode
    if (mode !== 'wal')
      throw new TrackerError(
        'STORE',
        `${path} lies on a file system that several processes cannot share: choose a path on a local disk.`,
        { field: 'path' },
      )
    // Deleted texts are overwritten with zeros, earlier copies of rows that changed too: measured, at no cost.
    client.exec(
      `PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'};
       PRAGMA wal_autocheckpoint = 0;
       PRAGMA journal_size_limit = 16000000;
       PRAGMA cache_size = -8000;
       PRAGMA temp_store = MEMORY;
       PRAGMA secure_delete = ON;
       PRAGMA trusted_schema = OFF;`,
    )
    if (maxPages !== undefined) client.exec(`PRAGMA max_page_count = ${maxPages}`)
    protect(path)
    return client
  } catch (thrown) {
    client.close()
    throw thrown
  }
}

/** Which file stands at a path now; another one has another answer. */
export const identityOf = (path: string): string => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.dev}/${found.ino}`
}
