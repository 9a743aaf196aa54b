import { environment } from './adapter/environment.ts'
import { timersOf } from './delivery/waits.ts'
import { adapterOf, asError, createEmitter } from './recorder/context.ts'
import { createRecorder } from './recorder/recorder.ts'
import { readInput } from './session/at-once.ts'
import { alreadyClosed, toError } from './session/errors.ts'
import { toEpochMs } from './session/fields.ts'
import { keysOf, nameOf } from './session/input.ts'
import { invalidConfig } from './session/message.ts'
import { callOptions, EVENTS } from './tracker/call-options.ts'
import type { Tracker, TrackerEvents } from './tracker/contract.ts'
import { carefulIds, carefulRandom } from './tracker/host-functions.ts'
import { createWarn, logEvents } from './tracker/logging.ts'
import type { TrackerOptions } from './tracker/options.ts'
import {
  attachSession,
  createClocks,
  createIds,
  openSession,
  recordingOptions,
  sweepOften,
} from './tracker/recording.ts'
import { startUp } from './tracker/start-up.ts'
import type { LastCheck } from './tracker/status.ts'
import { drainBeforeClose, openDefaultStore, watchMemory } from './tracker/store.ts'
import { createTransports, renderersOf } from './tracker/transports.ts'
import type { Listed } from './tracker/typed.ts'
import { createRedactor } from './transport/redact.ts'

export type { Tracker } from './tracker/contract.ts'

const DAY_MS = 86_400_000

/** Calls that few programs make: loaded with the first one. */
const byHand = () => import('./tracker/by-hand.ts')

/**
 * Makes a tracker: recording and delivering in one. Plans what adapters set up, and ends sessions whose writer is gone.
 * Throws `CONFIG` naming the option that is wrong, `STORE` and `STORE_CORRUPT`.
 */
export const createTracker = async <const A extends Listed = readonly []>(
  options: TrackerOptions<A>,
): Promise<Tracker<A>> => {
  const { checkOptions } = await import('./tracker/options.ts')
  const adapters = checkOptions(options)
  const named = new Map(adapters.map(adapter => [adapter.name, adapter]))
  const { logger } = options
  const random = options.random === undefined ? Math.random : carefulRandom(options.random)
  const { now, monotonic } = createClocks(options)
  // Two clocks say something of each other only where they are of one source.
  const steady = options.now === undefined || options.monotonic !== undefined ? monotonic : now
  const warn = createWarn(logger)
  const opened = options.store ?? (await openDefaultStore(now, warn))
  const endWatch = watchMemory(opened, warn)
  const { detach, publishAttempt, publishEvents, publishRecorder, publishStore } = await import(
    './tracker/publish.ts'
  )
  const store = publishStore(opened)
  const emitter = publishEvents(createEmitter<TrackerEvents>(logger, EVENTS))
  if (logger !== undefined) logEvents(emitter, logger)
  const timers = timersOf()
  const { secrets, redact, find, retain } = createRedactor(options.secrets ?? (name => environment()[name]), {
    public: adapters.flatMap(({ publicSecrets = [] }) => publicSecrets),
  })
  // Known from the first event on, and not only from the first request.
  if (options.secrets === undefined)
    for (const { secrets: names } of adapters) for (const name of names) void secrets(name)
  const transports = await createTransports(adapters, options.transports ?? {}, secrets, now)
  const { policy, concurrency, pollMs, user, filter, onError, crashAfterMs, idleAfterMs } = options
  // Recording alone needs none of it, so bundles for small platforms keep delivery in a part of its own.
  const { createWorker, waitForStore } = await import('./delivery/worker.ts')
  const { render } = await import('./render/render.ts')
  const worker = createWorker({
    store,
    adapters,
    transports: transports.byAdapter,
    secrets,
    redact,
    findSecret: find,
    retain,
    // Due times and leases are the store's: on another machine's clock they would begin early or late.
    now: options.now === undefined ? store.now : now,
    monotonic,
    steady,
    random,
    timers,
    emit: (name, payload) => emitter.emit(name, payload as never),
    measure: publishAttempt,
    noteApplied: applied => recorder.linkApplied(applied),
    ...(policy === undefined ? {} : { policy }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(pollMs === undefined ? {} : { pollMs }),
  })
  const recorder = publishRecorder(
    createRecorder({
      store,
      adapters,
      crossLinks: options.crossLinks ?? true,
      project: options.project,
      now,
      newId:
        options.newId === undefined
          ? createIds(now, bytes => crypto.getRandomValues(bytes))
          : carefulIds(options.newId),
      emitter: emitter as never,
      wake: detach(worker.wake),
      ...(logger === undefined ? {} : { logger }),
      ...(user === undefined ? {} : { user }),
      ...(filter === undefined ? {} : { filter }),
      ...(onError === undefined ? {} : { onError }),
      ...(crashAfterMs === undefined ? {} : { crashAfterMs }),
      ...(idleAfterMs === undefined ? {} : { idleAfterMs }),
      ...(await recordingOptions(options, redact)),
    }),
  )
  emitter.on('delivered', recorder.linkSettled)
  const checks = new Map<string, LastCheck>()
  let endSweeps: () => void = () => undefined
  let endHints: (() => void) | undefined
  let closing: Promise<void> | undefined
  const closeAll = async (): Promise<void> => {
    const report = (error: Error): void => emitter.emit('error', { error, where: 'close' })
    endStartUp()
    endSweeps()
    endHints?.()
    await waitForStore(recorder.stop(), timers, report)
    await worker.stop()
    await transports.close(timers)
    endWatch()
    await waitForStore(store.close(), timers, report)
  }
  const close = (): Promise<void> => {
    closing ??= closeAll()
    return closing
  }
  const dispose = async (): Promise<void> => {
    const { drainOnClose = 2_000 } = options
    if (closing === undefined && drainOnClose > 0 && options.deliver !== false) {
      await drainBeforeClose({ worker, store, warn, emitter }, drainOnClose)
    }
    await close()
  }
  const ours = (name: string, where: string) => adapterOf({ adapters: named }, name, where)

  let endStartUp: () => void = () => undefined
  try {
    const act = async () => {
      await recorder.init()
      await recorder.sweep()
    }
    const report = (error: Error): void => emitter.emit('error', { error, where: 'createTracker' })
    endStartUp = await startUp({ act, onError, timers, report })
  } catch (thrown) {
    endWatch()
    await store.close()
    throw thrown
  }
  endSweeps = sweepOften(timers, idleAfterMs ?? DAY_MS, recorder.sweep, thrown =>
    emitter.emit('error', { error: toError(thrown), where: 'sweep' }),
  )
  if (options.deliver !== false && adapters.length > 0) {
    worker.start()
    endHints = store.watch?.(worker.wake)
  }

  const settled: Tracker['settled'] = async (key, given) => {
    const { timeoutMs = 10_000 } = callOptions('settled', given)
    const { waitForDelivery } = await import('./tracker/settled.ts')
    return waitForDelivery({ store, emitter, timers, monotonic }, key, timeoutMs)
  }
  const handles = {
    recorder,
    cards: async (id: string) =>
      (await import('./tracker/cards.ts')).cardsOf({ store, recorder, adapters: named }, id),
  }

  const tracker: Tracker = {
    start: input => openSession(handles, input),
    session: id => attachSession(handles, id),
    sessions: async given => {
      const { since, ...filter } = callOptions('sessions', given)
      return store.sessions({ ...filter, ...(since === undefined ? {} : { since: toEpochMs(since) }) })
    },
    act: async (...call: Parameters<typeof recorder.act>) =>
      (await import('./tracker/act.ts')).act(recorder, settled, ...call) as Promise<never>,
    read: async (name, action, input) => {
      const { readNow } = await import('./tracker/read.ts')
      return readNow(worker, ours(name, 'read'), action, input) as Promise<never>
    },
    settled,
    deliveries: async given => {
      const filter = callOptions('deliveries', given)
      const found = await store.list(filter)
      if (found.length > 0 || filter.adapter === undefined) return found
      const { mustBeThere } = await import('./recorder/mirror.ts')
      await mustBeThere({ store, adapters: named }, 'deliveries', { adapter: filter.adapter })
      return found
    },
    preview: recorder.preview,
    render: (descriptors, format, given = {}) =>
      render(descriptors, format, {
        ...renderersOf(adapters),
        ...readInput('render.options', () => ({ ...given })),
      }),
    release: async keys => {
      const moved = await store.move(keysOf(keys, 'release'), { kind: 'release' })
      worker.wake()
      const { reportUnset } = await byHand()
      await reportUnset({ store, adapters: named }, worker.unset, moved, (error, where) =>
        emitter.emit('error', { error, where }),
      )
      return moved
    },
    take: async (name, given) => {
      const { limit = 1 } = callOptions('take', given)
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
      const pause = (await byHand()).manualPause(store, ours(name, 'pause'), callOptions('pause', input))
      await store.pause(pause)
      emitter.emit('paused', { pause })
    },
    unpause: async (name, given) => {
      const { limit } = callOptions('unpause', given)
      await store.unpause(ours(name, 'unpause').name, limit)
      emitter.emit('unpaused', { adapter: name, ...(limit === undefined ? {} : { limit }) })
      worker.wake()
    },
    status: async () => (await import('./tracker/status.ts')).status({ store, worker, adapters, checks }),
    check: async name => {
      const { checkAdapter } = await import('./tracker/check.ts')
      const check = await checkAdapter(worker, ours(name, 'check'))
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
    recall: recorder.recall,
    messages: recorder.messages,
    events: recorder.events,
    forget: async (sessionId, eventId, given) => {
      const { forget } = await import('./tracker/forget.ts')
      const parts = { store, erase: recorder.erase, emitter, timers, monotonic }
      const event = eventId === undefined ? undefined : nameOf('forget.eventId', eventId)
      return forget(parts, sessionId, event, callOptions('forget', given))
    },
    sweep: recorder.sweep,
    drain: async given => {
      const { timeoutMs = 10_000, signal, onProgress } = callOptions('drain', given)
      if (closing !== undefined) throw alreadyClosed(store.where)
      const drain = async () => {
        await recorder.finishLinks()
        return worker.drain({ timeoutMs, ...(signal === undefined ? {} : { signal }) })
      }
      if (onProgress === undefined) return drain()
      const { drainWithProgress } = await import('./tracker/progress.ts')
      const report = (thrown: unknown) =>
        emitter.emit('error', { error: asError(thrown), where: 'drain.onProgress' })
      return drainWithProgress({ store, adapters: new Set(named.keys()), timers, report }, onProgress, drain)
    },
    backup: async path => {
      if (store.backup !== undefined) return store.backup(path)
      throw invalidConfig({
        field: 'store',
        problem: `the store in ${store.where} makes no backup`,
        todo: 'Pass sqliteStore() as `store`, or back it up by its own means.',
      })
    },
    prune: async given => {
      const {
        olderThanMs = 30 * DAY_MS,
        keepMs = 90 * DAY_MS,
        messagesMs = olderThanMs,
      } = callOptions('prune', given)
      const pruned = await store.prune(now() - olderThanMs, now() - keepMs, now() - messagesMs)
      recorder.clear()
      return pruned
    },
    on: emitter.on,
    close,
    [Symbol.asyncDispose]: dispose,
  }
  return tracker as unknown as Tracker<A>
}
