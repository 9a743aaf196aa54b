import type { AnyAdapter } from './adapter/contract.ts'
import { environment } from './adapter/environment.ts'
import type { DeliveryEvents } from './delivery/events.ts'
import type { Delivery, Moved } from './delivery/model.ts'
import type { Check } from './delivery/runner.ts'
import { timersOf } from './delivery/timers.ts'
import { createWorker, type Drained } from './delivery/worker.ts'
import { adapterOf } from './recorder/act.ts'
import { keysOf } from './recorder/asked.ts'
import type {
  Acted,
  ActOptions,
  Backfilled,
  BackfillOptions,
  NotRecorded,
  Previewed,
  StartInput,
  Swept,
} from './recorder/calls.ts'
import { asError, createEmitter, type RecorderEvents } from './recorder/emitter.ts'
import { createRecorder } from './recorder/recorder.ts'
import type { ExportFormat } from './session/events.ts'
import type { SessionSummary } from './session/schema.ts'
import type { DeliveryFilter, SessionFilter } from './store/contract.ts'
import { memoryStore } from './store/memory.ts'
import type { HandReply, PauseInput, Taken } from './tracker/by-hand.ts'
import { createIds } from './tracker/ids.ts'
import { tellLogger } from './tracker/logging.ts'
import { checkOptions, type TrackerOptions } from './tracker/options.ts'
import { type DrainOptions, EVENTS, questioned } from './tracker/questions.ts'
import { attached, begun, type SessionHandle, type StartedSession } from './tracker/session-handle.ts'
import type { Settled } from './tracker/settled.ts'
import type { LastCheck, Status } from './tracker/status.ts'
import { createTransports } from './tracker/transports.ts'
import type { AdapterName, InputOf, Listed, OutputOf, ReadName, WriteName } from './tracker/typed.ts'
import { createRedactor } from './transport/redact.ts'

/** What observers of a tracker hear, by event name. */
export type TrackerEvents = RecorderEvents & DeliveryEvents

/** Records sessions and mirrors them, in one process. */
export interface Tracker<A extends Listed = readonly AnyAdapter[]> {
  /** Begins a session. Throws `INVALID_INPUT` and `STORE` unless errors are reported. */
  start(input?: StartInput): Promise<StartedSession>
  /** A handle on a session, whoever started it. It is looked for when something is recorded. */
  session(id: string): SessionHandle
  /** Sessions, newest first; default 100. Throws `INVALID_INPUT` for a filter or status that is not known. */
  sessions(filter?: SessionFilter): Promise<readonly SessionSummary[]>
  /** Plans, stores and delivers one call of an action, like a hook. Throws `CONFIG` for a destructive one not allowed. */
  act<N extends AdapterName<A>, K extends WriteName<A, N>>(
    adapter: N,
    action: K,
    input: InputOf<A, N, K>,
    options?: ActOptions,
  ): Promise<Acted | NotRecorded>
  /** Runs a read at once. Throws `ADAPTER` when the service does not answer it. */
  read<N extends AdapterName<A>, K extends ReadName<A, N>>(
    adapter: N,
    action: K,
    input: InputOf<A, N, K>,
  ): Promise<OutputOf<A, N, K>>
  /** Waits for one delivery until it moves no more by itself, at most `timeoutMs` (default 10,000), and says how it stands. */
  settled(key: string, options?: Readonly<{ timeoutMs?: number }>): Promise<Settled>
  /** Deliveries by adapter, lane and position; default 1,000. Throws `INVALID_INPUT` for a filter, state or adapter that is not known. */
  deliveries(filter?: DeliveryFilter): Promise<readonly Delivery[]>
  /** Descriptors of a session that nobody sent yet, in their order, each with its adapter. Throws `NO_SUCH_SESSION`. */
  preview(sessionId: string, filter?: Readonly<{ adapter?: AdapterName<A> }>): Promise<readonly Previewed[]>
  /** Sends what was planned in mode `preview`, in its old place. */
  release(keys: string | readonly string[]): Promise<readonly Moved[]>
  /** Takes what was planned in mode `handoff`, to send it oneself; default one. */
  take(adapter: AdapterName<A>, options?: Readonly<{ limit?: number }>): Promise<readonly Taken[]>
  /** Says that a call was made: that is believed. `INVALID_INPUT` names values that later calls need from `reply`, and refuses one that says the call failed. */
  acknowledge(key: string, reply?: HandReply): Promise<Moved>
  /** Takes dead letters up again; `resend` says that those in doubt did not happen, and gives back what was taken and not sent. */
  retry(keys: string | readonly string[], options?: Readonly<{ resend?: boolean }>): Promise<readonly Moved[]>
  /** Gives up planned, waiting or dead deliveries for good. */
  drop(keys: string | readonly string[]): Promise<readonly Moved[]>
  /** Lets an adapter or one of its limits rest. */
  pause(adapter: AdapterName<A>, input?: PauseInput): Promise<void>
  /** Ends a pause of any kind. */
  unpause(adapter: AdapterName<A>, options?: Readonly<{ limit?: string }>): Promise<void>
  /** How everything stands. Sends nothing. */
  status(): Promise<Status>
  /** Sends one cheap read that proves address and credential. */
  check(adapter: AdapterName<A>): Promise<Check>
  /** Writes an export event, which some adapters post each time, and gives the text; default `markdown`. */
  export(sessionId: string, format?: ExportFormat, options?: Readonly<{ budget?: number }>): Promise<string>
  /** A session as one self-contained HTML page to look at. Records nothing. Throws `NO_SUCH_SESSION`. */
  report(sessionId: string): Promise<string>
  /** Mirrors older sessions of the project that an adapter was not there for. */
  backfill(adapter: AdapterName<A>, options?: BackfillOptions): Promise<Backfilled>
  /** Makes a new card, as things are set up now, where a person deleted the old one or it died or was dropped. Throws `INVALID_INPUT` for a card that is fine. */
  recreateCard(sessionId: string, adapter: AdapterName<A>): Promise<Backfilled>
  /** Ends sessions whose writer is gone; `createTracker` does it too. */
  sweep(): Promise<readonly Swept[]>
  /** Delivers what can go within `timeoutMs` (default 10,000), and says what is left; `onProgress` hears how far it is. */
  drain(options?: DrainOptions): Promise<Drained>
  /** Removes sessions that ended `olderThanMs` ago (default 30 days) with all that is settled; what is planned or dead, or waits behind that, holds them back for `keepMs` (default 90 days). */
  prune(options?: Readonly<{ olderThanMs?: number; keepMs?: number }>): Promise<
    Readonly<{
      /** Sessions removed. */
      sessions: number
      /** Deliveries removed. */
      deliveries: number
    }>
  >
  /** Calls `listener` each time; returns the function that ends it. What a listener throws is reported as `error`. Throws `INVALID_INPUT` for a name that is not known. */
  on<N extends keyof TrackerEvents>(name: N, listener: (payload: TrackerEvents[N]) => unknown): () => void
  /** Lets requests under way finish, begins none, and closes the store. Sessions stay as they are. */
  close(): Promise<void>
  /** `close`, at the end of an `await using` scope. */
  [Symbol.asyncDispose](): Promise<void>
}

const DAY_MS = 86_400_000

/** What few programs do, or seldom: loaded when first asked for. */
const byHand = () => import('./tracker/by-hand.ts')

/**
 * Makes a tracker: recording and delivering in one. Plans what adapters set up, and ends sessions whose writer is gone.
 * Throws `CONFIG` naming the option that is wrong, `STORE` and `STORE_CORRUPT`.
 */
export const createTracker = async <const A extends Listed = readonly []>(
  options: TrackerOptions<A>,
): Promise<Tracker<A>> => {
  const adapters = await checkOptions(options)
  const named = new Map(adapters.map(adapter => [adapter.name, adapter]))
  const { monotonic = () => performance.now(), random = Math.random, logger } = options
  const now = (): number => Math.floor((options.now ?? Date.now)())
  // Two clocks say something of each other only where they are of one source.
  const steady = options.now === undefined || options.monotonic !== undefined ? monotonic : now
  const store = options.store ?? memoryStore({ now })
  const emitter = createEmitter<TrackerEvents>(logger, EVENTS)
  if (logger !== undefined) tellLogger(emitter, logger)
  const timers = timersOf()
  const { secrets, redact } = createRedactor(options.secrets ?? (name => environment()[name]))
  const transports = createTransports(adapters, options.transports ?? {}, secrets, now)
  const { policy, concurrency, pollMs, user, filter, onError, crashAfterMs, idleAfterMs } = options
  const worker = createWorker({
    store,
    adapters,
    transports: transports.byAdapter,
    secrets,
    redact,
    now,
    monotonic,
    steady,
    random,
    timers,
    emit: (name, payload) => emitter.emit(name, payload as never),
    ...(policy === undefined ? {} : { policy }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(pollMs === undefined ? {} : { pollMs }),
  })
  const recorder = createRecorder({
    store,
    adapters,
    project: options.project,
    now,
    newId: options.newId ?? createIds(now, bytes => crypto.getRandomValues(bytes)),
    emitter: emitter as never,
    wake: worker.wake,
    ...(logger === undefined ? {} : { logger }),
    ...(user === undefined ? {} : { user }),
    ...(filter === undefined ? {} : { filter }),
    ...(onError === undefined ? {} : { onError }),
    ...(crashAfterMs === undefined ? {} : { crashAfterMs }),
    ...(idleAfterMs === undefined ? {} : { idleAfterMs }),
  })
  const checks = new Map<string, LastCheck>()
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    await recorder.stop()
    await worker.stop()
    await transports.close()
    await store.close()
  }
  const close = (): Promise<void> => {
    closing ??= closeAll()
    return closing
  }
  const ours = (name: string, where: string) => adapterOf({ adapters: named }, name, where)

  try {
    await recorder.init()
    await recorder.sweep()
  } catch (thrown) {
    await store.close()
    throw thrown
  }
  if (options.deliver !== false && adapters.length > 0) worker.start()

  const tracker: Tracker = {
    start: async input => {
      const { id, receipt } = await recorder.start(input)
      return begun(recorder, id, receipt)
    },
    session: id => attached(recorder, id),
    sessions: async filter => store.sessions(questioned('sessions', filter)),
    act: recorder.act,
    read: async (name, action, input) => {
      const { readNow } = await import('./tracker/read.ts')
      return readNow(worker, ours(name, 'read'), action, input) as Promise<never>
    },
    settled: async (key, given) => {
      const { timeoutMs = 10_000 } = questioned('settled', given)
      const { settled } = await import('./tracker/settled.ts')
      return settled({ store, emitter, timers, monotonic }, key, timeoutMs)
    },
    deliveries: async given => {
      const filter = questioned('deliveries', given)
      const found = await store.list(filter)
      if (found.length > 0 || filter.adapter === undefined) return found
      const { mustBeThere } = await import('./recorder/mirror.ts')
      await mustBeThere({ store, adapters: named }, 'deliveries', { adapter: filter.adapter })
      return found
    },
    preview: recorder.preview,
    release: async keys => {
      const moved = await store.move(keysOf(keys, 'release'), { kind: 'release' })
      worker.wake()
      return moved
    },
    take: async (name, given) => {
      const { limit = 1 } = questioned('take', given)
      return (await byHand()).take(store, ours(name, 'take'), limit)
    },
    acknowledge: async (key, reply) => {
      const moved = await (await byHand()).acknowledge(store, named, key, reply)
      worker.wake()
      return moved
    },
    retry: (keys, given) => recorder.retry(keysOf(keys, 'retry'), given),
    drop: async keys => {
      const moved = await store.move(keysOf(keys, 'drop'), { kind: 'drop' })
      worker.wake()
      return moved
    },
    pause: async (name, input) => {
      const pause = (await byHand()).askedPause(store, ours(name, 'pause'), questioned('pause', input))
      await store.pause(pause)
      emitter.emit('paused', { pause })
    },
    unpause: async (name, given) => {
      const { limit } = questioned('unpause', given)
      await store.unpause(ours(name, 'unpause').name, limit)
      emitter.emit('unpaused', { adapter: name, ...(limit === undefined ? {} : { limit }) })
      worker.wake()
    },
    status: async () => (await import('./tracker/status.ts')).status({ store, worker, adapters, checks }),
    check: async name => {
      const check = await worker.check(ours(name, 'check').name)
      checks.set(name, { ...check, at: now() })
      return check
    },
    export: recorder.export,
    report: async sessionId => {
      const { report } = await import('./tracker/report.ts')
      return report({ store, recorder, adapters: named }, sessionId)
    },
    backfill: recorder.backfill,
    recreateCard: recorder.recreateCard,
    sweep: recorder.sweep,
    drain: async given => {
      const { timeoutMs = 10_000, signal, onProgress } = questioned('drain', given)
      const drain = () => worker.drain({ timeoutMs, ...(signal === undefined ? {} : { signal }) })
      if (onProgress === undefined) return drain()
      const { watched } = await import('./tracker/progress.ts')
      const report = (thrown: unknown) =>
        emitter.emit('error', { error: asError(thrown), where: 'drain.onProgress' })
      return watched({ store, timers, report }, onProgress, drain)
    },
    prune: async given => {
      const { olderThanMs = 30 * DAY_MS, keepMs = 90 * DAY_MS } = questioned('prune', given)
      const pruned = await store.prune(now() - olderThanMs, now() - keepMs)
      recorder.forget()
      return pruned
    },
    on: emitter.on,
    close,
    [Symbol.asyncDispose]: close,
  }
  return tracker as unknown as Tracker<A>
}
