/** The answer of a driver. */
export type Rows = Readonly<{
  /** These rows were found, each with its values by the name of the column. */
  rows: readonly Readonly<Record<string, unknown>>[]
}>

/** Runs one statement; its parameters are strings or null. `name` asks for a prepared statement, where `prepared` is set. */
export type Query = (text: string, values: readonly (string | null)[]) => Promise<Rows>

/** Runs statements in one transaction of READ COMMITTED, and undoes all of them when `run` throws. */
export type Transaction = <R>(run: (query: Query) => Promise<R>) => Promise<R>

/**
 * Calls `hear` with the payload of each notification of a channel, on a connection of its own, and `lost` once when that
 * connection breaks; answers how to end it.
 */
export type Listen = (
  channel: string,
  hear: (payload: string) => void,
  lost: () => void,
) => Promise<() => void>

/** A pool of `pg`, as far as it is used. */
export type Pool = Readonly<{
  /** Runs a statement on any connection. */
  query: (config: {
    text: string
    values: (string | null)[]
    name?: string
  }) => Promise<{ rows: Record<string, unknown>[] }>
  /** Takes a connection. */
  connect: () => Promise<PoolClient>
  /** Is called for connections that broke while they were idle. */
  on?: (event: 'error', hear: (error: Error) => void) => unknown
}>

/** A connection of a pool. */
export type PoolClient = Readonly<{
  /** It runs a statement on this connection. */
  query: Pool['query']
  /** Gives it back; with an error, the pool closes it. */
  release: (error?: Error | boolean) => void
}>

/** How the store reaches its database: exactly one of `pool`, `url`, and `query` with `transaction`. */
export type Source =
  /** A pool of `pg`, which stays the host's: `close` does not end it. */
  | Readonly<{ pool: Pool }>
  /** An address, as in `postgres://user@host/database`. Left out: `SESSIONWIRE_DATABASE_URL` or `DATABASE_URL`. Needs `pg`. */
  | Readonly<{
      url?: string
      /** Connections at most. Default 10. */
      connections?: number
    }>
  /** Any other driver. */
  | Readonly<{ query: Query; transaction: Transaction; listen?: Listen }>

/** A database to work with. */
export interface Connection {
  readonly query: Query
  readonly transaction: Transaction
  readonly listen: Listen | undefined
  /** Closes what this package opened. */
  readonly end: () => Promise<void>
}

/** Whether it calls a function of the schema: such a text is always the same, and worth a prepared statement. */
const isOurs = (text: string): boolean => /"\.[a-z]+_\d\(\$/.test(text)

const nameOf = (text: string): string => {
  let hash = 0
  for (let n = 0; n < text.length; n++) hash = (Math.imul(hash, 31) + text.charCodeAt(n)) | 0
  return `sw_${(hash >>> 0).toString(36)}_${text.length}`
}

type Emitter = Readonly<{
  on?: (event: string, hear: (value: unknown) => void) => unknown
  removeListener?: (event: string, hear: (value: unknown) => void) => unknown
}>

/** Hears of a connection's events; answers how to end it. */
const hearOf = (client: PoolClient, event: string, hear: (value: unknown) => void): (() => void) => {
  const emitter = client as Emitter
  emitter.on?.(event, hear)
  return () => void emitter.removeListener?.(event, hear)
}

/** Pools whose errors are heard already: several stores may share one. */
const heard = new WeakSet<Pool>()

/** A connection over a pool of `pg`. */
export const overPool = (pool: Pool, prepared: boolean, end: () => Promise<void>): Connection => {
  const asking =
    (ask: Pool['query']): Query =>
    (text, values) =>
      ask({ text, values: [...values], ...(prepared && isOurs(text) ? { name: nameOf(text) } : {}) })
  // A connection that breaks while it is idle must not end the process.
  if (!heard.has(pool)) pool.on?.('error', () => undefined)
  heard.add(pool)
  return {
    query: asking(config => pool.query(config)),
    transaction: async run => {
      const client = await pool.connect()
      let broken: Error | undefined
      // A connection that breaks between two statements says so to its listeners, and ends the process where it has none.
      const leave = hearOf(client, 'error', error => {
        broken = error as Error
      })
      try {
        const query = asking(config => client.query(config))
        await query('BEGIN ISOLATION LEVEL READ COMMITTED', [])
        try {
          const result = await run(query)
          await query('COMMIT', [])
          return result
        } catch (thrown) {
          await query('ROLLBACK', []).catch(() => {
            broken = thrown as Error
          })
          throw thrown
        }
      } finally {
        leave()
        client.release(broken)
      }
    },
    listen: async (channel, hear, lost) => {
      const client = await pool.connect()
      const leave: (() => void)[] = []
      let isOver = false
      const end = (): boolean => {
        if (isOver) return false
        isOver = true
        for (const each of leave) each()
        // An error that comes after this one must not end the process.
        hearOf(client, 'error', () => undefined)
        client.release(true)
        return true
      }
      const breakOff = (): void => {
        if (end()) lost()
      }
      leave.push(
        hearOf(client, 'error', breakOff),
        hearOf(client, 'end', breakOff),
        hearOf(client, 'notification', message => {
          const given = message as Readonly<{ channel?: string; payload?: string }>
          if (given.channel === channel) hear(given.payload ?? '')
        }),
      )
      try {
        await client.query({ text: `LISTEN "${channel}"`, values: [] })
      } catch (thrown) {
        end()
        throw thrown
      }
      return () => void end()
    },
    end,
  }
}
