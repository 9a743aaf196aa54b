import {
  context,
  diag,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { createTracker, memoryStore, type TrackerOptions } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { afterEach, expect, test, vi } from 'vitest'
import { activeTraceparent, type InstrumentOptions, instrument } from '../src/index.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

/** The official SDK, in memory. */
const observe = (options: Omit<InstrumentOptions, 'tracerProvider' | 'meterProvider'> = {}) => {
  const spans = new InMemorySpanExporter()
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const stop = instrument({ ...options, tracerProvider, meterProvider })
  endings.push(
    stop,
    () => meterProvider.shutdown(),
    () => tracerProvider.shutdown(),
  )
  const metrics = async () => {
    exporter.reset()
    await meterProvider.forceFlush()
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(each => each.metrics))
  }
  return { spans, metrics, stop, tracerProvider }
}

const TOKEN = 'xoxb-1234567890-canary-token'
const answered = (status: number, body: unknown) =>
  ({ kind: 'answer', status, headers: { 'content-type': 'application/json' }, body }) as never
const posted = answered(200, { ok: true, channel: 'C0123456789', ts: '1700000000.000100' })

const track = (answers: readonly unknown[] = [], more: Partial<TrackerOptions> = {}) => {
  const left = [...answers]
  return createTracker({
    project: 'billing',
    user: 'Ada',
    store: memoryStore(),
    adapters: [slack({ channel: 'C0123456789' })],
    secrets: () => TOKEN,
    transports: { slack: { send: async () => (left.shift() ?? posted) as never } } as never,
    ...more,
  })
}

const tell = (span: ReadableSpan) => ({
  name: span.name,
  kind: SpanKind[span.kind],
  parent: span.parentSpanContext?.spanId,
  links: span.links.map(({ context: { spanId } }: Link) => spanId),
  status: SpanStatusCode[span.status.code],
  attributes: span.attributes,
})

test('recordings and attempts become spans: the attempt in a trace of its own, with a link', async () => {
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  endings.push(() => context.disable())
  const { spans, tracerProvider } = observe()
  const tracker = await track()
  const host = tracerProvider.getTracer('host').startSpan('work')
  const session = await context.with(trace.setSpan(ROOT_CONTEXT, host), () =>
    tracker.start({ goal: 'canary goal' }),
  )
  await tracker.drain()
  await expect(session.resolve('canary')).rejects.toThrow()
  await tracker.close()
  const all = spans.getFinishedSpans()
  const [start, deliver, resolve] = all as [ReadableSpan, ReadableSpan, ReadableSpan]
  const messaging = { 'messaging.system.name': 'sessionwire' }
  const recorded = {
    ...messaging,
    'messaging.operation.name': 'record',
    'messaging.operation.type': 'create',
    'sessionwire.session.id': session.id,
    'sessionwire.repeated': false,
  }
  expect(all.map(tell)).toEqual([
    {
      name: 'record start',
      kind: 'PRODUCER',
      parent: host.spanContext().spanId,
      links: [],
      status: 'UNSET',
      attributes: { ...recorded, 'sessionwire.hook': 'start', 'sessionwire.deliveries.planned': 1 },
    },
    {
      name: 'deliver slack',
      kind: 'CONSUMER',
      parent: undefined,
      links: [start.spanContext().spanId],
      status: 'UNSET',
      attributes: {
        ...messaging,
        'messaging.operation.name': 'deliver',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'slack',
        'messaging.message.id': `${session.id}/slack/0`,
        'messaging.message.conversation_id': session.id,
        'sessionwire.adapter': 'slack',
        'sessionwire.action': 'postCard',
        'sessionwire.attempt.number': 1,
        'sessionwire.attempt.result': 'delivered',
        'sessionwire.attempt.looked_up': false,
        'sessionwire.session.id': session.id,
      },
    },
    {
      name: 'record resolve',
      kind: 'PRODUCER',
      parent: undefined,
      links: [],
      status: 'ERROR',
      attributes: {
        ...recorded,
        'sessionwire.hook': 'resolve',
        'sessionwire.deliveries.planned': 0,
        'error.type': 'INVALID_INPUT',
      },
    },
  ])
  expect(deliver.spanContext().traceId).not.toBe(start.spanContext().traceId)
  expect(start.spanContext().traceId).toBe(host.spanContext().traceId)
  for (const { startTime, endTime } of [start, deliver, resolve])
    expect(endTime[0] * 1e9 + endTime[1]).toBeGreaterThanOrEqual(startTime[0] * 1e9 + startTime[1])
})

test('a span is active while its call runs, and an attempt has no baggage of who drains', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  endings.push(() => context.disable())
  const { spans } = observe({ metrics: false })
  const active: unknown[] = []
  const note = () => {
    const span = trace.getActiveSpan() as (Span & ReadableSpan) | undefined
    active.push([span?.name, span?.isRecording(), propagation.getActiveBaggage()?.getAllEntries()])
  }
  const send = async () => {
    note()
    return posted
  }
  const tracker = await track([], {
    deliver: false,
    transports: { slack: { send } } as never,
    filter: event => {
      note()
      return event
    },
  })
  const baggage = propagation.createBaggage({ user: { value: 'canary' } })
  const withBaggage = <T>(work: () => T): T =>
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), work)
  const session = await withBaggage(() => tracker.start({ goal: 'g' }))
  await withBaggage(() => tracker.drain())
  note()
  await session.update('canary')
  await tracker.close()
  expect(active).toEqual([
    ['record start', true, [['user', { value: 'canary' }]]],
    ['deliver slack', true, undefined],
    [undefined, undefined, undefined],
    ['record update', true, undefined],
  ])
  expect(spans.getFinishedSpans().map(({ name, ended }) => [name, ended])).toEqual([
    ['record start', true],
    ['deliver slack', true],
    ['record update', true],
  ])
})

test('an attempt links to its recording without a context manager, and to none that the store does not name', async () => {
  const recording = observe({ metrics: false })
  const tracker = await track([], { deliver: false })
  await tracker.start({ goal: 'observed' })
  recording.stop()
  await tracker.start({ goal: 'not observed' })
  const { spans } = observe({ metrics: false })
  await tracker.drain()
  await tracker.close()
  const [recorded] = recording.spans.getFinishedSpans()
  expect(spans.getFinishedSpans().map(tell)).toMatchObject([
    { name: 'deliver slack', links: [recorded?.spanContext().spanId] },
    { name: 'deliver slack', links: [] },
  ])
})

test('the traceparent of the active span is told where there is one', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  endings.push(() => context.disable())
  expect(activeTraceparent()).toBe(undefined)
  const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  const within = (given: object) =>
    context.with(
      trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, traceFlags: 1, ...given }),
      activeTraceparent,
    )
  expect(within({})).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  expect(within({ traceFlags: 0 })).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')
  expect(within({ spanId: '0000000000000000' })).toBe(undefined)
})

test('metrics count by names of few values, and gauges show the queue', async () => {
  const trackers: Awaited<ReturnType<typeof track>>[] = []
  const { metrics } = observe({ spans: false, trackers })
  const refused = answered(200, { ok: false, error: 'msg_too_long' })
  const tracker = await track([posted, refused])
  trackers.push(tracker)
  const session = await tracker.start({ goal: 'canary goal' })
  await tracker.drain()
  await session.decide('canary decision')
  await tracker.drain()
  await tracker.pause('slack', { reason: 'canary reason' })
  await session.block('canary blocker')

  const found = new Map((await metrics()).map(each => [each.descriptor.name, each]))
  const points = (name: string) =>
    found
      .get(name)
      ?.dataPoints.map(({ attributes, value }) => [
        attributes,
        typeof value === 'object' ? (value as { count: number }).count : value,
      ])
  const slackOf = (more: object) => ({ 'sessionwire.adapter': 'slack', ...more })
  expect(points('sessionwire.record.duration')).toEqual([
    [{ 'sessionwire.hook': 'start' }, 1],
    [{ 'sessionwire.hook': 'decision' }, 1],
    [{ 'sessionwire.hook': 'blocker' }, 1],
  ])
  expect(points('sessionwire.deliveries')).toEqual([
    [slackOf({ 'sessionwire.action': 'postCard', 'sessionwire.delivery.state': 'delivered' }), 1],
    [slackOf({ 'sessionwire.action': 'postEntry', 'sessionwire.delivery.state': 'dead' }), 1],
    [slackOf({ 'sessionwire.action': 'editCard', 'sessionwire.delivery.state': 'delivered' }), 1],
  ])
  expect(points('sessionwire.attempt.duration')).toEqual([
    [slackOf({ 'sessionwire.action': 'postCard', 'sessionwire.attempt.result': 'delivered' }), 1],
    [slackOf({ 'sessionwire.action': 'postEntry', 'sessionwire.attempt.result': 'dead' }), 1],
    [slackOf({ 'sessionwire.action': 'editCard', 'sessionwire.attempt.result': 'delivered' }), 1],
  ])
  expect(points('sessionwire.pauses')).toEqual([[slackOf({ 'sessionwire.pause.reason': 'asked' }), 1]])
  expect(points('sessionwire.paused')).toEqual([[slackOf({}), 1]])
  expect(points('sessionwire.queue.depth')).toEqual(
    [
      ['planned', 0],
      ['waiting', 2],
      ['claimed', 0],
      ['begun', 0],
      ['dead', 1],
    ].map(([state, value]) => [slackOf({ 'sessionwire.delivery.state': state }), value]),
  )
  expect(points('sessionwire.queue.oldest.age')).toEqual([[slackOf({}), expect.any(Number)]])
  expect(points('sessionwire.store.operation.duration')).toContainEqual([
    { 'sessionwire.store.operation': 'commit' },
    expect.any(Number),
  ])
  expect([...found.values()].map(({ descriptor: { name, unit } }) => `${name} ${unit}`).sort()).toEqual([
    'sessionwire.attempt.duration s',
    'sessionwire.deliveries {delivery}',
    'sessionwire.paused {pause}',
    'sessionwire.pauses {pause}',
    'sessionwire.queue.depth {delivery}',
    'sessionwire.queue.oldest.age s',
    'sessionwire.record.duration s',
    'sessionwire.store.operation.duration s',
  ])
  await tracker.close()
})

test('no text, reason or secret is in anything that is exported', async () => {
  const { spans, metrics } = observe()
  const tracker = await track([
    posted,
    answered(500, { canary: TOKEN }),
    answered(200, { ok: false, error: 'canary' }),
  ])
  const session = await tracker.start({ goal: `canary ${TOKEN}`, metadata: { canary: TOKEN } })
  await tracker.drain()
  await session.update('canary', { tags: ['canary'] })
  await session.message('user', 'canary')
  await session.decide('canary', { rationale: 'canary' })
  await tracker.drain({ timeoutMs: 200 })
  await session.close({ summary: 'canary' })
  tracker.on('event', () => {
    throw new Error('canary')
  })
  await tracker.start({ goal: 'canary' })
  await tracker.close()
  const all = JSON.stringify([spans.getFinishedSpans().map(tell), await metrics()])
  expect(all).toContain('sessionwire.errors')
  expect(all).not.toMatch(/canary|xoxb/)
})

test('what fails is an error span by its kind', async () => {
  const { spans } = observe({ genAi: true, metrics: false })
  const tracker = await track([answered(200, { ok: false, error: 'invalid_blocks' })])
  const session = await tracker.start({ goal: 'g' })
  await tracker.drain()
  await tracker.close()
  expect(spans.getFinishedSpans().slice(1).map(tell)).toMatchObject([
    {
      status: 'ERROR',
      attributes: {
        'error.type': 'dead',
        'sessionwire.attempt.result': 'dead',
        'gen_ai.conversation.id': session.id,
      },
    },
  ])
})

test('without an SDK, with one that throws, and after its end, trackers work as ever', async () => {
  const reports = vi.fn()
  const log = { error: reports, warn: reports, info: reports, debug: reports, verbose: reports }
  diag.setLogger(log, { suppressOverrideMessage: true })
  endings.push(() => diag.disable())
  const refuse = () => {
    throw new Error('no SDK')
  }
  endings.push(instrument())
  endings.push(instrument({ tracerProvider: { getTracer: refuse }, meterProvider: { getMeter: refuse } }))
  const { spans, stop } = observe()
  stop()
  stop()
  const tracker = await track()
  const session = await tracker.start({ goal: 'g' })
  expect((await tracker.drain()).done).toBe(true)
  expect((await session.load()).status).toBe('active')
  await tracker.close()
  expect(spans.getFinishedSpans()).toEqual([])
  expect(new Set(reports.mock.calls.map(([text]) => text))).toEqual(
    new Set(
      ['record', 'attempt', 'delivery', 'store'].map(name => `sessionwire: a ${name} could not be observed`),
    ),
  )
})

test('a span ends where the SDK throws, and where the observation ends before the call', async () => {
  diag.setLogger(
    { ...console, error: () => undefined, verbose: () => undefined },
    { suppressOverrideMessage: true },
  )
  endings.push(() => diag.disable())
  let ended = 0
  const span = {
    setAttributes: () => {
      throw new Error('canary')
    },
    setAttribute: () => span,
    setStatus: () => span,
    spanContext: () => ({ traceId: '', spanId: '', traceFlags: 0 }),
    end: () => {
      ended += 1
    },
  }
  const tracerProvider = { getTracer: () => ({ startSpan: () => span }) } as never
  const stop = instrument({ tracerProvider, metrics: false })
  endings.push(stop)
  const tracker = await track([], { deliver: false })
  const session = await tracker.start({ goal: 'g' })
  expect(ended).toBe(1)
  const updated = session.update('u')
  stop()
  expect(ended).toBe(2)
  await updated
  await tracker.close()
  expect(ended).toBe(2)
  const getMeter = () => ({
    createObservableGauge: () => {
      throw new Error('canary')
    },
  })
  instrument({ trackers: [tracker], spans: false, meterProvider: { getMeter } as never })()
})

test('a tracker that was closed has no gauges, and its status is asked for at most every ten seconds', async () => {
  const tracker = await track()
  const status = vi.spyOn(tracker, 'status')
  const { metrics } = observe({ spans: false, trackers: [tracker] })
  await metrics()
  await metrics()
  expect(status).toHaveBeenCalledTimes(1)
  await tracker.close()
  const { metrics: later } = observe({ spans: false, trackers: [tracker] })
  const names = (await later()).filter(each => each.dataPoints.length > 0).map(each => each.descriptor.name)
  expect(names).toEqual(['sessionwire.store.operation.duration'])
})
