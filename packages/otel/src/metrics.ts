import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api'
import type { DiagnosticsMessages, Status, Tracker } from '@sessionwire/core'
import { ATTRIBUTES as A, METRICS } from './conventions.ts'

/** A tracker's status is asked for at most this often, ms: it is one query of the store. */
const STATUS_MS = 10_000

type Bounded = Readonly<{ name: string; description: string; unit: string; bounds: readonly number[] }>

const attributesOf = (error: string | undefined): Attributes =>
  error === undefined ? {} : { [A.error]: error }

/** Makes the counters and histograms. They are created with the first message: a meter before that may be one of no SDK. */
export const createMetrics = (meter: () => Meter) => {
  const histograms = new Map<Bounded, Histogram>()
  const counters = new Map<string, Counter>()
  const measure = (metric: Bounded, durationMs: number, attributes: Attributes) => {
    const { name, bounds, ...options } = metric
    const known =
      histograms.get(metric) ??
      meter().createHistogram(name, { ...options, advice: { explicitBucketBoundaries: [...bounds] } })
    histograms.set(metric, known)
    known.record(durationMs / 1_000, attributes)
  }
  const count = (
    { name, ...options }: Readonly<{ name: string; description: string; unit: string }>,
    attributes: Attributes,
  ) => {
    const known = counters.get(name) ?? meter().createCounter(name, options)
    counters.set(name, known)
    known.add(1, attributes)
  }
  return {
    record: ({ hook, durationMs, error }: DiagnosticsMessages['record']) =>
      measure(METRICS.record, durationMs, { [A.hook]: hook, ...attributesOf(error) }),
    attempt: ({ adapter, action, result, durationMs }: DiagnosticsMessages['attempt']) =>
      measure(METRICS.attempt, durationMs, { [A.adapter]: adapter, [A.action]: action, [A.result]: result }),
    store: ({ operation, durationMs, error }: DiagnosticsMessages['store']) =>
      measure(METRICS.store, durationMs, { [A.verb]: operation, ...attributesOf(error) }),
    delivery: ({ adapter, action, state }: DiagnosticsMessages['delivery']) =>
      count(METRICS.deliveries, { [A.adapter]: adapter, [A.action]: action, [A.state]: state }),
    pause: ({ adapter, paused, reason }: DiagnosticsMessages['pause']) => {
      if (paused)
        count(METRICS.pauses, {
          [A.adapter]: adapter,
          ...(reason === undefined ? {} : { [A.reason]: reason }),
        })
    },
    error: ({ error }: DiagnosticsMessages['error']) => count(METRICS.errors, attributesOf(error)),
  }
}

/** States of deliveries that are not over. */
const OPEN = ['planned', 'waiting', 'claimed', 'begun', 'dead'] as const

/** Observes the queue of each tracker, with at most one query in ten seconds. Answers how to end it. */
export const observeQueues = (
  meter: Meter,
  trackers: readonly Pick<Tracker, 'status'>[],
  monotonic: () => number,
): (() => void) => {
  const known = new Map<Pick<Tracker, 'status'>, Readonly<{ at: number; status: Promise<Status> }>>()
  const statusOf = (tracker: Pick<Tracker, 'status'>): Promise<Status> => {
    const last = known.get(tracker)
    if (last !== undefined && monotonic() - last.at < STATUS_MS) return last.status
    const status = tracker.status()
    known.set(tracker, { at: monotonic(), status })
    return status
  }
  const [depth, age, paused] = [METRICS.depth, METRICS.age, METRICS.paused].map(({ name, ...options }) =>
    meter.createObservableGauge(name, options),
  ) as [
    ReturnType<Meter['createObservableGauge']>,
    ReturnType<Meter['createObservableGauge']>,
    ReturnType<Meter['createObservableGauge']>,
  ]
  const observe = async (result: Parameters<Parameters<Meter['addBatchObservableCallback']>[0]>[0]) => {
    for (const tracker of trackers)
      try {
        const { adapters } = await statusOf(tracker)
        for (const { name, states, oldestMs = 0, pauses } of adapters) {
          const attributes = { [A.adapter]: name }
          for (const state of OPEN)
            result.observe(depth, states[state] ?? 0, { ...attributes, [A.state]: state })
          result.observe(age, oldestMs / 1_000, attributes)
          result.observe(paused, pauses.length, attributes)
        }
      } catch {
        // A tracker that was closed, or whose store is down, says nothing.
        known.delete(tracker)
      }
  }
  meter.addBatchObservableCallback(observe, [depth, age, paused])
  return () => meter.removeBatchObservableCallback(observe, [depth, age, paused])
}
