/**
 * A process of its own with the official SDK: `record` starts a session below a span of its host; `deliver` sends what waits, with
 * the official instrumentation of one client. Prints its spans.
 */
import { context, propagation, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { createTracker, type TrackerOptions } from '@sessionwire/core'
import { httpTransport } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'
import { instrument } from '../src/index.ts'

const [work, path = '', baseUrl = '', client] = process.argv.slice(2)

const exporter = new InMemorySpanExporter()
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator({
  inject: (within, carrier, setter) => {
    const span = trace.getSpanContext(within)
    if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`)
  },
  extract: within => within,
  fields: () => ['traceparent'],
})
const instrumentation =
  client === 'fetch' ? new UndiciInstrumentation() : client === 'http' ? new HttpInstrumentation() : undefined
instrumentation?.setTracerProvider(provider)
instrumentation?.enable()

const secrets = () => 'xoxb-1234567890-canary-token'
const transports: TrackerOptions['transports'] =
  client === 'fetch' ? { slack: httpTransport({ secrets, fetch: (...given) => fetch(...given) }) } : {}
instrument({ metrics: false })
const tracker = await createTracker({
  project: 'billing',
  user: 'Ada',
  store: sqliteStore(path),
  adapters: [slack({ channel: 'C0123456789', baseUrl })],
  secrets,
  transports,
  deliver: false,
})
if (work === 'record') {
  const within = async (host: Span) => {
    await tracker.start({ goal: 'canary goal' })
    host.end()
  }
  await provider.getTracer('host').startActiveSpan('host', within)
} else await tracker.drain({ timeoutMs: 20_000 })
await tracker.close()

const tell = (span: ReadableSpan) => ({
  name: span.name,
  id: span.spanContext().spanId,
  trace: span.spanContext().traceId,
  parent: span.parentSpanContext?.spanId,
  links: span.links.map(each => each.context.spanId),
})
console.log(JSON.stringify(exporter.getFinishedSpans().map(tell)))
