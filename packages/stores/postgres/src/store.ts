import {
  alreadyClosed,
  type Commit,
  type Move,
  type Settlement,
  type Store,
  type TrackerError,
} from '@sessionwire/core/store'
import { claim, draw, take } from './claim.ts'
import { commit } from './commit.ts'
import type { Connection } from './connection.ts'
import { type Context, createAdapters, inSchema, rowsAsked } from './context.ts'
import { counts } from './counts.ts'
import { failure, isAway, isTransient } from './failure.ts'
import { list, listCaptures } from './list.ts'
import { erase, findKey, messages } from './message.ts'
import { checkSchema, migrateSchema, schemaOf } from './migrate.ts'
import { move } from './move.ts'
import { beginPause, endPause, pauses, takeCheck } from './pauses.ts'
import { prune } from './prune.ts'
import { search } from './search.ts'
import { events, load, orphans, sessions } from './session.ts'
import { begin, capture, settle } from './settle.ts'
import { LIBRARY } from './version.ts'
import { createHints } from './watch.ts'

/** How a store is opened over a connection. */
export type Opening = Readonly<{
  connection: Connection
  schema: string
  migrate: boolean
  /** How long a call tries to reach a server that is away, ms. */
  awayMs: number
  /** Whether stores wake each other. */
  notify: boolean
  /** How long a member that is not heard of counts as alive, ms. */
  silentMs: number
  where: string
  /** A clock for tests, epoch ms. */
  now?: () => number
  host?: string
}>

/** Lets a test cut a store off: it does not answer any more. */
export const HEARTS = new WeakMap<Store, () => void>()

const contexts = new WeakMap<Store, Context>()

/** The parts that the verbs of a store of this package use. */
export const contextOf = (store: Store): Context => contexts.get(store) as Context

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Waits between tries of a transaction that was undone because of others, at most this many times. */
const MOST_TRIES = 5

/** The store over a connection. */
export const storeOf = (opening: Opening): Store => {
  const { schema, where, silentMs } = opening
  const sql = schemaOf(schema)
  const connection = inSchema(opening.connection, sql)
  const owner = crypto.randomUUID()
  const given = opening.now
  let isMember = false
  let skew = 0
  const now = given === undefined ? () => Math.floor(Date.now() + skew) : () => Math.floor(given())
  const context: Context = {
    connection,
    sql,
    adapters: createAdapters({ connection, sql }),
    owner,
    at: () => (given === undefined ? null : String(now())),
    member: {
      silentMs,
      host: opening.host ?? '',
      library: LIBRARY,
      isKnown: () => isMember,
      know: () => {
        isMember = true
      },
    },
    where,
  }
  let beating: ReturnType<typeof setInterval> | undefined
  const beat = async (): Promise<void> => {
    const sent = Date.now()
    const { rows } = await connection.query(
      sql('SELECT @.beat_1($1::text, $2::text, $3::text, $4::text) AS r'),
      [owner, String(silentMs), context.member.host, LIBRARY],
    )
    const { now: server } = JSON.parse(rows[0]?.r as string) as Readonly<{ now: number }>
    skew = server - (sent + Date.now()) / 2
    isMember = true
  }
  const hearts = (): void => {
    beating = setInterval(() => void beat().catch(() => undefined), Math.max(100, Math.floor(silentMs / 3)))
    ;(beating as { unref?: () => void }).unref?.()
  }
  const open = async (): Promise<void> => {
    if (opening.migrate) await migrateSchema(opening.connection, schema)
    await checkSchema(connection, schema, where)
    await beat()
    if (!over) hearts()
  }
  let opened: Promise<void> | undefined
  let isReady = false
  let over = false
  /** Calls that run now: `close` waits for them. */
  const running = new Set<Promise<unknown>>()
  const ready = async (): Promise<void> => {
    opened ??= open()
    try {
      await opened
      isReady = true
    } catch (thrown) {
      // The obstacle may be gone at the next call.
      opened = undefined
      throw thrown
    }
  }

  /**
   * Runs a call to its end. A transaction that was undone because of others is tried again, and so is a call whose connection broke: each
   * verb can tell whether it was done already (`again`).
   */
  const persist = async <R>(act: (again: boolean) => Promise<R>): Promise<R> => {
    const until = performance.now() + opening.awayMs
    let again = false
    for (let tries = 1; ; tries++) {
      try {
        if (!isReady) await ready()
        return await act(again)
      } catch (thrown) {
        if (isTransient(thrown) && tries < MOST_TRIES) {
          await wait(1 + Math.random() * 10 * 2 ** tries)
          continue
        }
        if (!isAway(thrown) || performance.now() >= until) throw failure(where, thrown)
        again = true
        await wait(Math.min(500, 10 * 2 ** tries) * (0.5 + Math.random() / 2))
      }
    }
  }
  const verb =
    <A extends readonly unknown[], R>(act: (context: Context, again: boolean, ...values: A) => Promise<R>) =>
    async (...values: A): Promise<R> => {
      if (over) throw alreadyClosed(where)
      const call = persist(again => act(context, again, ...values))
      running.add(call)
      try {
        return await call
      } finally {
        running.delete(call)
      }
    }
  /** A verb that is the same the second time. */
  const plain = <A extends readonly unknown[], R>(act: (context: Context, ...values: A) => Promise<R>) =>
    verb<A, R>((of, _, ...values) => act(of, ...values))

  const hints = opening.notify ? createHints(opening.connection, schema, owner) : undefined
  const goodbye = async (): Promise<void> => {
    clearInterval(beating)
    await Promise.allSettled([...running])
    await hints?.flush()
    try {
      // A goodbye that cannot be written loses nothing: it looks as if the process had been killed.
      if (isMember)
        await connection.query(
          sql('UPDATE @.members SET ended = 1, seen_at = @.ms() WHERE id = $1::text::uuid'),
          [owner],
        )
    } catch (thrown) {
      void (thrown as TrackerError)
    }
    await connection.end()
  }

  const store: Store = {
    load: plain(load),
    events: plain((of, sessionId: string, after?: number) => events(of, sessionId, after ?? 0)),
    sessions: plain(sessions),
    orphans: plain(orphans),
    identity: plain(async of => {
      const [row] = await rowsAsked<{ id: string }>(of, 'SELECT id FROM @.identity')
      return row?.id ?? ''
    }),
    findKey: plain(findKey),
    messages: plain(messages),
    search: plain(search),
    erase: plain(erase),
    commit: verb(async (of, again, commitment: Commit) => {
      const placed = await commit(of, commitment, again)
      if (placed.some(({ state }) => state === 'waiting')) hints?.give()
      return placed
    }),
    claim: verb((of, again, request) => claim(of, request, again)),
    draw: plain(draw),
    take: plain(take),
    begin: plain(begin),
    capture: plain(capture),
    settle: verb((of, again, settlements: readonly Settlement[]) => settle(of, settlements, again)),
    list: plain(list),
    listCaptures: plain(listCaptures),
    move: plain(async (of, keys: readonly string[], how: Move) => {
      const moved = await move(of, keys, how)
      hints?.give()
      return moved
    }),
    pauses: plain(pauses),
    pause: plain(beginPause),
    unpause: plain((of, adapter: string, limit?: string, worker?: string) =>
      endPause(of, {
        adapter,
        ...(limit === undefined ? {} : { limit }),
        ...(worker === undefined ? {} : { owner: worker }),
      }),
    ),
    takeCheck: plain(takeCheck),
    counts: plain(counts),
    prune: plain(prune),
    ...(hints?.watch === undefined ? {} : { watch: hints.watch }),
    now,
    where,
    close: async () => {
      if (over) return
      over = true
      await goodbye()
    },
  }
  contexts.set(store, context)
  HEARTS.set(store, () => clearInterval(beating))
  return store
}
