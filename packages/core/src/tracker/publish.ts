import { channels, tracing } from '#diagnostics'
import type { Claim, Settlement } from '../delivery/model.ts'
import { isTraceparent } from '../descriptor/shape.ts'
import type { DiagnosticsCalls, DiagnosticsMessages, TracingChannels } from '../diagnostics/messages.ts'
import type { Emitter } from '../recorder/context.ts'
import type { Recorder } from '../recorder/contract.ts'
import type { Commit, Store } from '../store/contract.ts'
import type { TrackerEvents } from './contract.ts'
import { type End, nameError, publishCall, type Traced } from './publish-call.ts'

export { detach } from '#diagnostics'

/** The commit, whose deliveries carry the trace that a subscriber names. */
const withTrace = (commit: Commit): Commit => {
  if (!channels.plan.hasSubscribers) return commit
  const keys = commit.lanes.flatMap(({ deliveries }) => deliveries.map(({ key }) => key))
  if (keys.length === 0) return commit
  const message: DiagnosticsMessages['plan'] = { keys }
  channels.plan.publish(message)
  const { traceparent } = message
  if (!isTraceparent(traceparent)) return commit
  return {
    ...commit,
    lanes: commit.lanes.map(lane => ({
      ...lane,
      deliveries: lane.deliveries.map(each =>
        each.descriptor === undefined ? each : { ...each, descriptor: { ...each.descriptor, traceparent } },
      ),
    })),
  }
}

/** Verbs of a store that make the cost of recording and delivering. */
const VERBS: ReadonlySet<unknown> = new Set(['load', 'commit', 'claim', 'begin', 'settle', 'draw', 'counts'])

type Method = (...given: readonly unknown[]) => unknown

/** The store, whose calls are measured where the channel has subscribers. A store may be of any class, so nothing is copied. */
export const publishStore = (store: Store): Store => {
  const methods = new Map<string | symbol, Method>()
  return new Proxy(store, {
    get: (_, name) => {
      const known = methods.get(name)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(store, name, store)
      if (typeof value !== 'function') return value
      const operation = String(name)
      const call: Method =
        name === 'commit'
          ? (commit, ...more) => Reflect.apply(value, store, [withTrace(commit as Commit), ...more])
          : (...given) => Reflect.apply(value, store, given)
      const method: Method = VERBS.has(name)
        ? (...given) => {
            // Every recording passes here: without a subscriber nothing is made for it.
            if (!channels.store.hasSubscribers)
              try {
                return call(...given)
              } catch (thrown) {
                return Promise.reject(thrown)
              }
            return publishCall(
              channels.store,
              async () => call(...given),
              end => ({
                operation,
                ...(end.kind === 'thrown' ? { error: nameError(end.thrown) } : {}),
              }),
            )
          }
        : call
      methods.set(name, method)
      return method
    },
  })
}

type Told = Partial<
  Readonly<{
    recorded: boolean
    repeated: boolean
    error: unknown
    key: string
    descriptors: readonly Readonly<{ key: string }>[]
  }>
>

/** A receipt of any call, without its texts. */
const describe = (hook: string, sessionId: string | undefined, end: End<unknown>) => {
  const told: Told = end.kind === 'value' ? ((end.value ?? {}) as Told) : { error: end.thrown }
  const { recorded = told.key !== undefined, repeated = false, error, key, descriptors = [] } = told
  return {
    ...{ hook, recorded, repeated },
    ...(sessionId === undefined ? {} : { sessionId }),
    keys: key === undefined ? descriptors.map(each => each.key) : [key],
    ...(error === undefined ? {} : { error: nameError(error) }),
  }
}

const isFollowed = ({ parts }: TracingChannels[keyof TracingChannels]): boolean =>
  parts.some(each => each.hasSubscribers)

const traceRecord = (hook: string, sessionId?: string): Traced<DiagnosticsCalls['record']> | undefined =>
  isFollowed(tracing.record)
    ? {
        channel: tracing.record,
        begin: () => ({ hook, ...(sessionId === undefined ? {} : { sessionId }) }),
      }
    : undefined

/** Recording calls and the hooks of their events; each takes the id of its session first. */
const CALLS = {
  update: 'update',
  message: 'message',
  decide: 'decision',
  entity: 'entity',
  block: 'blocker',
  resolve: 'resolve',
  resume: 'resume',
  close: 'close',
} as const

/** The recorder, whose calls are measured where the channel has subscribers. */
export const publishRecorder = (recorder: Recorder): Recorder => {
  const measured = Object.entries(CALLS).map(([name, hook]) => {
    const call = recorder[name as keyof typeof CALLS] as (...given: readonly unknown[]) => Promise<unknown>
    return [
      name,
      (id: string, ...given: readonly unknown[]) =>
        channels.record.hasSubscribers || isFollowed(tracing.record)
          ? publishCall(
              channels.record,
              () => call(id, ...given),
              end => describe(hook, id, end),
              traceRecord(hook, id),
            )
          : call(id, ...given),
    ] as const
  })
  return {
    ...recorder,
    ...Object.fromEntries(measured),
    start: (...given) =>
      publishCall(
        channels.record,
        () => recorder.start(...given),
        end =>
          end.kind === 'value'
            ? describe('start', end.value.id, { kind: 'value', value: end.value.receipt })
            : describe('start', undefined, end),
        traceRecord('start'),
      ),
    act: (...given) =>
      publishCall(
        channels.record,
        () => recorder.act(...given),
        end => describe('act', undefined, end),
        traceRecord('act'),
      ),
  }
}

type Which = Omit<DiagnosticsMessages['delivery'], 'state'>
type Kept = { readonly [N in keyof TrackerEvents]?: (payload: TrackerEvents[N]) => void }

const publishDelivery = (
  { adapter, action, key, lane, attempts }: Which,
  state: DiagnosticsMessages['delivery']['state'],
): void => {
  if (channels.delivery.hasSubscribers)
    channels.delivery.publish({ adapter, action, key, lane, attempts, state })
}

/** The messages of a tracker's events: one row for each; the others say nothing to an operator. */
const EVENTS: Kept = {
  delivered: each => publishDelivery(each, 'delivered'),
  retry: each => publishDelivery(each, 'retry'),
  inDoubt: each => publishDelivery(each, 'in_doubt'),
  dead: each => publishDelivery(each, 'dead'),
  paused: ({ pause: { adapter, limit, kind } }) => {
    if (!channels.pause.hasSubscribers) return
    channels.pause.publish({ adapter, ...(limit === undefined ? {} : { limit }), paused: true, reason: kind })
  },
  unpaused: each => {
    if (channels.pause.hasSubscribers) channels.pause.publish({ ...each, paused: false })
  },
}

/** The emitter, whose events are published too where a channel has subscribers. */
export const publishEvents = (emitter: Emitter<TrackerEvents>): Emitter<TrackerEvents> => {
  // Errors of listeners come from the emitter itself.
  emitter.on('error', ({ error }) => {
    if (channels.error.hasSubscribers) channels.error.publish({ error: nameError(error) })
  })
  return {
    ...emitter,
    emit: (name, payload) => {
      EVENTS[name]?.(payload)
      emitter.emit(name, payload)
    },
  }
}

type Result = DiagnosticsMessages['attempt']['result']

const resultOf = ({ state, doubtSince }: Settlement): Result => {
  if (state !== 'waiting') return state
  return doubtSince === null ? 'retry' : 'in_doubt'
}

/** Runs one attempt, and publishes how it ended where a diagnostics channel has subscribers. */
export const publishAttempt = (
  { delivery: { adapter, action, key, lane, attempts, descriptor } }: Claim,
  run: () => Promise<Settlement | undefined>,
): Promise<Settlement | undefined> => {
  const isTraced = isFollowed(tracing.attempt)
  if (!isTraced && !channels.attempt.hasSubscribers) return run()
  const { traceparent } = descriptor
  const which = { adapter, action, key, lane, ...(isTraceparent(traceparent) ? { traceparent } : {}) }
  return publishCall(
    channels.attempt,
    run,
    end => {
      const settlement = end.kind === 'value' ? end.value : undefined
      const without: Result = end.kind === 'value' ? 'lost' : 'error'
      return {
        ...which,
        attempts: settlement?.attempts ?? attempts,
        result: settlement === undefined ? without : resultOf(settlement),
        lookedUp: settlement?.lookedUp === true,
      }
    },
    isTraced ? { channel: tracing.attempt, begin: () => ({ ...which }) } : undefined,
  )
}
