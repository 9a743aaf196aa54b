/**
 * Makes spans and metrics of the library's diagnostics channels, by the API of OpenTelemetry.
 * @module index
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api'
import type { DiagnosticsMessages, Tracker } from '@sessionwire/core'
import { SCOPE } from './conventions.ts'
import { createMetrics, observeQueues } from './metrics.ts'
import { carefully, followCalls, traceparentOf } from './spans.ts'

/** Options of `instrument`. */
export type InstrumentOptions = Readonly<{
  /** Trackers whose queues become gauges: depth by state, age of the oldest, pauses. More may be added to the array. Default: none. */
  trackers?: readonly Pick<Tracker, 'status'>[] | undefined
  /** Where spans go; default the global provider. */
  tracerProvider?: TracerProvider | undefined
  /** Where metrics go; default the global provider. */
  meterProvider?: MeterProvider | undefined
  /** False: no spans. Default true. */
  spans?: boolean | undefined
  /** False: no metrics. Default true. */
  metrics?: boolean | undefined
  /** True: spans also carry `gen_ai.conversation.id`, whose conventions still change. Default false. */
  genAi?: boolean | undefined
}>

type Name = keyof DiagnosticsMessages
type Listeners = { readonly [N in Name]?: (message: DiagnosticsMessages[N]) => void }

/**
 * Listens to all trackers of this process; call it after the SDK was started, once. Answers how to end it. Nothing that the SDK
 * throws reaches a recording or a delivery; it goes to the diagnostics logger of OpenTelemetry.
 */
export const instrument = (options: InstrumentOptions = {}): (() => void) => {
  const tracers = options.tracerProvider ?? trace
  const meters = options.meterProvider ?? metrics
  const listeners: Listeners = options.metrics === false ? {} : createMetrics(() => meters.getMeter(SCOPE))
  const endings = Object.entries(listeners).map(([name, listen]) => {
    // A subscriber that throws would end the process.
    const hear = (message: unknown): void => {
      carefully(name, () => listen(message as never))
    }
    subscribe(`sessionwire:${name}`, hear)
    return () => {
      unsubscribe(`sessionwire:${name}`, hear)
    }
  })
  if (options.spans !== false)
    endings.push(followCalls(() => tracers.getTracer(SCOPE), options.genAi === true))
  const { trackers } = options
  if (options.metrics !== false && trackers !== undefined) {
    const gauges = () => observeQueues(meters.getMeter(SCOPE), trackers, () => performance.now())
    endings.push(carefully('queue', gauges) ?? (() => undefined))
  }
  return () => {
    for (const end of endings.splice(0)) end()
  }
}

/**
 * The `traceparent` of the active span (https://www.w3.org/TR/trace-context/#traceparent-header), for
 * `start({ refs: { otlp: { traceparent } } })`. `undefined` outside of a span, and without an SDK.
 */
export const activeTraceparent = (): string | undefined => traceparentOf(trace.getActiveSpan())
