/**
 * Keeps sessions and their outbox in PostgreSQL, for recorders and workers on any number of machines.
 * @module postgres
 */
import { describe, invalidConfig, type Store } from '@sessionwire/core/store'
import { type Connection, overPool, type Pool, type Source } from './connection.ts'
import { failure } from './failure.ts'
import { type Inspection, inspectSchema } from './inspect.ts'
import { migrateSchema } from './migrate.ts'
import type { Copied, Targets } from './move-from.ts'
import { contextOf, type Opening, storeOf } from './store.ts'

export type { Listen, Pool, PoolClient, Query, Rows, Source, Transaction } from './connection.ts'
export type { Finding, Inspection } from './inspect.ts'
export type { Copied, Targets } from './move-from.ts'

/** Options of `postgresStore`. */
export type PostgresOptions = Readonly<{
  /** The schema that has the tables. Default `sessionwire`. Another one is another store. */
  schema?: string
  /** Names the statements, so that the server keeps their plans. PgBouncer understands that from 1.21 on. Default false. */
  prepared?: boolean
  /** Makes and upgrades the schema with the first call. Default true. */
  migrate?: boolean
  /** How long a call tries to reach a server that is away, ms. Default 5,000. */
  awayMs?: number
  /**
   * Wakes the workers of other processes when this one records, and this one's when others do, by NOTIFY and LISTEN. A worker
   * keeps one connection for it, which PgBouncer in transaction mode does not give; it goes on polling too. Default false.
   */
  notify?: boolean
}>

const environment = (): Readonly<Record<string, string | undefined>> =>
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {}

/** The protocol of an address that `pg` would take for one of PostgreSQL, and that is one of another database. */
const FOREIGN = /^(?!postgres(?:ql)?:|socket:)[a-z][a-z0-9+.-]*:(?=\/\/)/i

const addressOf = (url: string | undefined): string => {
  const found = url ?? environment().SESSIONWIRE_DATABASE_URL ?? environment().DATABASE_URL
  const foreign = typeof found === 'string' ? FOREIGN.exec(found)?.[0] : undefined
  if (foreign !== undefined)
    throw invalidConfig({
      field: 'postgresStore.url',
      problem: 'invalid value',
      expected: 'an address that begins with postgres:// or postgresql://',
      got: `one that begins with ${foreign}//`,
    })
  if (typeof found === 'string' && found !== '') return found
  throw invalidConfig({
    field: 'postgresStore.url',
    problem: 'missing',
    expected: 'an address, or SESSIONWIRE_DATABASE_URL or DATABASE_URL in the environment',
    got: describe(url),
  })
}

/** The driver, which is a peer dependency that stores over another pool do without. */
const loadDriver = async () => {
  try {
    return (await import('pg')).default
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    throw invalidConfig({
      field: 'postgresStore',
      problem: 'the package pg is not installed',
      todo: 'Run: npm install pg',
    })
  }
}

/** A pool of our own, made when it is first used: `pg` is loaded then. */
const ownPool = (address: string, connections: number, prepared: boolean): Connection => {
  let made: Promise<Readonly<{ connection: Connection }>> | undefined
  const make = async () => {
    const pg = await loadDriver()
    const pool = new pg.Pool({ connectionString: address, max: connections, connectionTimeoutMillis: 10_000 })
    return { connection: overPool(pool as unknown as Pool, prepared, () => pool.end()) }
  }
  const ready = async (): Promise<Connection> => {
    made ??= make()
    return (await made).connection
  }
  return {
    query: async (text, values) => (await ready()).query(text, values),
    transaction: async run => (await ready()).transaction(run),
    listen: async (...given) => {
      const { listen } = await ready()
      return listen === undefined ? () => undefined : listen(...given)
    },
    end: async () => {
      if (made !== undefined) await (await made).connection.end()
    },
  }
}

const placeOf = (address: string): string => {
  try {
    const { host, pathname } = new URL(address)
    return `postgres://${host}${pathname}`
  } catch {
    return 'postgres'
  }
}

const isPool = (source: Source): source is Extract<Source, { pool: Pool }> => 'pool' in source

/** No value is quoted: an address may hold a password. */
const refuseSource = () =>
  invalidConfig({
    field: 'postgresStore',
    problem: 'invalid value',
    expected: '{ pool }, { url }, or { query, transaction } as functions',
  })

/** The connection of a source, and how it is called in messages; never with a password. */
export const connect = (
  source: Source,
  prepared: boolean,
): Readonly<{ connection: Connection; place: string }> => {
  if (typeof source !== 'object' || source === null) throw refuseSource()
  if (isPool(source))
    return { connection: overPool(source.pool, prepared, async () => undefined), place: 'postgres' }
  if ('query' in source) {
    const { query, transaction, listen } = source
    if (typeof query !== 'function' || typeof transaction !== 'function') throw refuseSource()
    return { connection: { query, transaction, listen, end: async () => undefined }, place: 'postgres' }
  }
  const address = addressOf(source.url)
  return { connection: ownPool(address, source.connections ?? 10, prepared), place: placeOf(address) }
}

const OPTIONS = ['schema', 'prepared', 'migrate', 'awayMs', 'notify', 'now', 'silentMs', 'host']

/** For tests: a clock of the store, and how long a member that is not heard of counts as alive. */
type Hidden = Readonly<{ now?: () => number; silentMs?: number; host?: string }>

/**
 * A store in PostgreSQL 14 or newer. Any number of processes and machines may open the same database; `close` ends only what
 * this call opened. Throws `CONFIG` for options it does not know, and with the first call `STORE` for a database it cannot use.
 */
export const postgresStore = (source: Source = {}, options: PostgresOptions = {}): Store => {
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name))
      throw invalidConfig({
        field: `postgresStore.${name}`,
        problem: 'unknown option',
        expected: 'schema, prepared, migrate, awayMs or notify',
      })
  const { schema = 'sessionwire', prepared = false, migrate = true, awayMs = 5_000, notify = false } = options
  const { now, silentMs = 15_000, host } = options as Hidden
  const { connection, place } = connect(source, prepared)
  const opening: Opening = {
    ...{ connection, schema, migrate, awayMs, silentMs, notify },
    where: schema === 'sessionwire' ? place : `${place} (${schema})`,
    ...(now === undefined ? {} : { now }),
    ...(host === undefined ? {} : { host }),
  }
  return storeOf(opening)
}

/** Makes or upgrades the schema, for deployments that give their workers no right to. Answers the versions before and after. */
export const migrate = async (
  source: Source = {},
  options: Pick<PostgresOptions, 'schema'> = {},
): Promise<Readonly<{ from: number; to: number }>> => {
  const { connection, place } = connect(source, false)
  try {
    return await migrateSchema(connection, options.schema ?? 'sessionwire')
  } catch (thrown) {
    throw failure(place, thrown)
  } finally {
    await connection.end()
  }
}

/**
 * Copies everything of another store, such as the file of a first machine, into a schema of its own: sessions with their
 * events, lanes and requests. Nothing may record into `from` or deliver from it meanwhile. Rows that an interrupted copy wrote
 * stay. `targets` names the accounts that the lanes of each adapter are for, as `targetOf` of core gives them.
 */
export const moveFrom = async (
  from: Store,
  to: Source = {},
  options: Pick<PostgresOptions, 'schema'> & Readonly<{ targets?: Targets }> = {},
): Promise<Copied> => {
  const { targets = {}, ...rest } = options
  const store = postgresStore(to, rest)
  try {
    await store.identity()
    const { copyStore } = await import('./move-from.ts')
    return await copyStore(contextOf(store), from, targets)
  } catch (thrown) {
    throw failure(store.where, thrown)
  } finally {
    await store.close()
  }
}

/** Looks at a database for what makes the store slow, unsafe or useless; it changes nothing. */
export const inspect = async (
  source: Source = {},
  options: Pick<PostgresOptions, 'schema'> = {},
): Promise<Inspection> => {
  const { connection, place } = connect(source, false)
  try {
    return await inspectSchema(connection, options.schema ?? 'sessionwire')
  } catch (thrown) {
    throw failure(place, thrown)
  } finally {
    await connection.end()
  }
}
