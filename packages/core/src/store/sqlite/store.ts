import { randomUUID } from 'node:crypto'
import type { Owner } from '../../delivery/transitions.ts'
import { alreadyClosed, TrackerError } from '../../session/errors.ts'
import type { Commit, Placed, Store } from '../contract.ts'
import { nextTurn } from '../turns.ts'
import { beginPause, createAdapters, endPause, pauses, takeCheck } from './adapters.ts'
import { backup } from './backup.ts'
import { createCheckpoints } from './checkpoint.ts'
import { claim, draw, take } from './claim.ts'
import { type Client, identityOf, migrate, open, versionOf } from './client.ts'
import { commit } from './commit.ts'
import type { Context } from './context.ts'
import { counts, listCaptures } from './counts.ts'
import { failLocked, failReplaced, failure, isBusy, isDuplicate } from './failure.ts'
import { createGate } from './gate.ts'
import { list } from './list.ts'
import { acquire, type Lock, ownerStateOf, RENEW_MS, sweep } from './lock.ts'
import { erase, findKey, messages } from './message.ts'
import { move } from './move.ts'
import { absolute, protect } from './path.ts'
import { prune } from './prune.ts'
import { search } from './search.ts'
import { events, load, orphans, sessions } from './session.ts'
import { begin, capture, settle } from './settle.ts'

/** Options of `sqliteStore`. */
export type SqliteOptions = Readonly<{
  /**
   * The failures that a commit survives. `process` (default): the end of the process at any moment; a power cut may undo the last
   * commits. `power`: a power cut too; each commit waits for the disk, those of one tick together.
   */
  durability?: 'process' | 'power'
  /** How long a call waits for a lock that another program holds, ms. Default 5,000. */
  busyMs?: number
  /** The store's clock, epoch ms. Default the system's. */
  now?: () => number
}>

type Opened = Readonly<{ context: Context; end: () => Promise<void> }>

/** How often it is looked whether the file still stands where it stood, as it was, ms. */
const LOOK_MS = 1_000

const OPTIONS = ['durability', 'busyMs', 'now', 'maxPages', 'renewMs']

const checkOptions = (options: SqliteOptions): Required<SqliteOptions> => {
  const { durability = 'process', busyMs = 5_000, now = Date.now } = options
  const refuse = (field: string, message: string): never => {
    throw new TrackerError('CONFIG', `sqliteStore: ${message}`, { field })
  }
  for (const name of Object.keys(options))
    if (!OPTIONS.includes(name))
      refuse(name, `there is no option "${name}"; there is: durability, busyMs, now`)
  if (typeof now !== 'function') refuse('now', 'now is a function that answers epoch ms')
  if (durability !== 'process' && durability !== 'power')
    refuse('durability', "durability is 'process' or 'power'")
  if (typeof busyMs !== 'number' || !(busyMs >= 0) || busyMs > 600_000)
    refuse('busyMs', 'busyMs is a number of ms from 0 to 600,000')
  // A clock may tell parts of a ms; the file keeps whole ones.
  return { durability, busyMs, now: () => Math.floor(now()) }
}

/** Repeats what is stopped by a lock, by timer. */
const patiently = async <R>(path: string, busyMs: number, act: () => R): Promise<R> => {
  const until = performance.now() + busyMs
  for (;;) {
    try {
      return act()
    } catch (thrown) {
      if (!isBusy(thrown)) throw failure(path, thrown)
      if (performance.now() >= until) throw failLocked(path, busyMs)
      await new Promise<void>(resolve => setTimeout(resolve, 1 + Math.random() * 8))
    }
  }
}

/** For tests: `maxPages` bounds the file (a full disk), `renewMs` says how often the lock's time is renewed. */
type Hidden = Readonly<{ maxPages?: number; renewMs?: number }>

/** The store of a path. */
export const storeOf = (given: string, options: SqliteOptions & Hidden): Store => {
  const path = absolute(given)
  const { durability, busyMs, now } = checkOptions(options)
  const { maxPages } = options
  const locks = `${path}-locks`

  // Above what assigns it: terser in two passes drops assignments to a variable declared further down.
  let opened: Promise<Opened> | undefined
  let lookedAt = performance.now()
  /** Which files the store writes to; a `-wal` that is not there yet is learnt with the first commit. */
  let identity: readonly string[] = []
  /** Whether they were removed or replaced: then nothing is acknowledged any more. */
  let moved = false
  const learnIdentity = (): void => {
    identity = [identityOf(path), identityOf(`${path}-wal`)]
  }
  const there = (whole = true): void => {
    const [file, wal] = identity
    if (moved) throw failReplaced(path)
    if (file === undefined) return
    const walNow = identityOf(`${path}-wal`)
    moved = (whole && identityOf(path) !== file) || (wal !== '' && walNow !== wal)
    if (!moved && wal === '' && walNow !== '') learnIdentity()
    if (!moved) return
    // While this connection is open, a new store of this process would share its memory with it.
    setImmediate(() => void opened?.then(({ end }) => end()).catch(() => undefined))
    throw failReplaced(path)
  }

  const openConnection = async (): Promise<Opened> => {
    const opening = { path, durability, ...(maxPages === undefined ? {} : { maxPages }) }
    const client: Client = await patiently(path, busyMs, () => open(opening))
    const checkpoints = createCheckpoints(path, client, () => !moved)
    const gate = createGate(client, {
      path,
      busyMs,
      grouped: durability === 'power',
      afterWrite: checkpoints.afterWrite,
      afterFull: checkpoints.afterFull,
      hold: checkpoints.hold,
      there,
    })
    const owner = randomUUID()
    let lock: Lock | undefined
    try {
      // Locks are taken and swept while the database's own lock is held: a free one has no owner.
      await gate.write(() => {
        migrate(client, path)
        sweep(locks)
        lock ??= acquire(locks, owner)
      })
    } catch (thrown) {
      lock?.release()
      client.close()
      throw thrown
    }
    protect(path)
    learnIdentity()
    const renewing = setInterval(() => lock?.renew(), options.renewMs ?? RENEW_MS)
    renewing.unref()
    const adapters = createAdapters(client, gate)
    const ownerState = (each: string): Owner => {
      const store = each.split('/', 1)[0] ?? ''
      return store === owner ? 'alive' : ownerStateOf(locks, store)
    }
    const context: Context = {
      client,
      gate,
      adapters,
      owner,
      ownerState,
      now,
      emptyWal: checkpoints.empty,
      last: { gave: false },
    }
    let ended: Promise<void> | undefined
    const goodbye = async (): Promise<void> => {
      clearInterval(renewing)
      // A goodbye that cannot be written loses nothing: it looks as if the process had been killed.
      const written = gate.write(() => {
        client.run(
          `UPDATE sessions INDEXED BY sessions_active SET writer_closed = 1 WHERE status = 'active' AND writer = ?`,
          owner,
        )
      })
      await written.catch(() => undefined)
      await checkpoints.end()
      client.close()
      lock?.release()
    }
    const end = (): Promise<void> => {
      ended ??= goodbye()
      return ended
    }
    return { context, end }
  }

  const look = ({ client }: Context): void => {
    if (moved) throw failReplaced(path)
    const at = performance.now()
    if (at - lookedAt < LOOK_MS) return
    there()
    try {
      versionOf(client, path)
    } catch (thrown) {
      if (!isBusy(thrown)) throw failure(path, thrown)
    }
    lookedAt = at
  }

  let over = false
  let current: Context | undefined

  const ready = async (): Promise<Context> => {
    opened ??= openConnection()
    try {
      const { context } = await opened
      if (!over) current = context
      return context
    } catch (thrown) {
      // The obstacle may be gone at the next call.
      opened = undefined
      throw thrown
    }
  }

  const verb =
    <A extends readonly unknown[], R>(act: (context: Context, ...given: A) => R | Promise<R>) =>
    async (...values: A): Promise<R> => {
      if (over) throw alreadyClosed(path)
      const turn = nextTurn()
      if (turn !== undefined) await turn
      if (over) throw alreadyClosed(path)
      const context = current ?? (await ready())
      look(context)
      return act(context, ...values)
    }

  const write = async (context: Context, commitment: Commit): Promise<readonly Placed[]> => {
    const { client, gate, adapters, owner } = context
    await adapters.ensure(commitment.lanes.map(({ adapter }) => adapter))
    const writeAll = (careful: boolean) => () => commit(client, adapters, owner, commitment, careful, now())
    try {
      return await gate.write(writeAll(false))
    } catch (thrown) {
      if (!isDuplicate((thrown as Error).cause)) throw thrown
      return gate.write(writeAll(true))
    }
  }

  return {
    load: verb(load),
    events: verb((context, sessionId: string, after?: number) => events(context, sessionId, after ?? 0)),
    sessions: verb(sessions),
    orphans: verb(orphans),
    identity: verb(({ client, gate }) =>
      gate.read(() => client.get<{ id: string }>('SELECT id FROM identity')?.id ?? ''),
    ),
    findKey: verb(findKey),
    messages: verb(messages),
    search: verb(search),
    erase: verb(erase),
    commit: verb(write),
    claim: verb(claim),
    draw: verb(draw),
    take: verb(take),
    begin: verb(begin),
    capture: verb(capture),
    settle: verb(settle),
    list: verb(list),
    listCaptures: verb(listCaptures),
    move: verb(move),
    pauses: verb(({ client, gate }) => gate.read(() => pauses(client))),
    pause: verb(({ client, gate }, pause) => gate.write(() => beginPause(client, pause))),
    unpause: verb(({ client, gate }, adapter, limit, worker) =>
      gate.write(() =>
        endPause(
          client,
          {
            adapter,
            ...(limit === undefined ? {} : { limit }),
            ...(worker === undefined ? {} : { owner: worker }),
          },
          now(),
        ),
      ),
    ),
    takeCheck: verb(({ client, gate }, pause, checkAt) =>
      gate.write(() => takeCheck(client, pause, checkAt)),
    ),
    counts: verb(counts),
    prune: verb(prune),
    backup: verb((_, into: string) => backup(path, into, busyMs)),
    now,
    where: path,
    close: async () => {
      if (over) return
      over = true
      const was = await opened?.catch(() => undefined)
      await was?.context.gate.idle()
      await was?.end()
    },
  }
}
