import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpanKind, type SpanStatusCode } from '@opentelemetry/api'
import { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { createTracker, memoryStore } from '@sessionwire/core'
import type { Json } from '@sessionwire/core/adapter'
import { createFastClock } from '@sessionwire/core/testing'
import { afterEach, expect, test } from 'vitest'
import { type OtlpOptions, otlp } from '../src/index.ts'
import { nanos as nanosOf } from '../src/records.ts'
import { attributeOf, type HostileCollectorOptions, hostileCollector } from '../src/testing.ts'

let ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends) await end()
  ends = []
})

const begin = async (
  options: Partial<OtlpOptions> = {},
  service: HostileCollectorOptions = {},
  secrets: Readonly<Record<string, string>> = {},
) => {
  const clock = createFastClock(100)
  const server = await hostileCollector({ now: clock.now, ...service })
  const tracker = await createTracker({
    project: 'billing',
    user: 'wilma',
    store: memoryStore(clock),
    adapters: [otlp({ endpoint: server.url, ...options } as OtlpOptions)],
    secrets: name => secrets[name],
    now: clock.now,
    monotonic: clock.monotonic,
    pollMs: 5,
    drainOnClose: 0,
    // Real seconds on this clock: a busy machine must not look like a worker that is dead.
    policy: { leaseMarginMs: 3_600_000 },
  })
  ends.push(async () => {
    await tracker.close()
    await server.close()
  })
  const story = async () => {
    const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
    await session.update('Reproduced', { progress: 35 })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'critical' })
    await blocker.resolve('Issued')
    await session.close({ summary: 'Fixed', progress: 100 })
    return session
  }
  const drain = async () => (await tracker.drain({ timeoutMs: 2_000_000 })).done
  return { tracker, server, story, drain }
}

test('a session is log records and spans of one trace, without a word that somebody wrote', async () => {
  const { server, story, drain } = await begin()
  const session = await story()
  expect(await drain()).toBe(true)
  expect(server.logs().map(({ eventName }) => eventName)).toEqual([
    ...['start', 'update', 'blocker', 'resolve', 'close'].map(hook => `sessionwire.session.${hook}`),
  ])
  const [step, blocker, root] = server.spans()
  expect(root).toMatchObject({ name: 'invoke_agent', kind: 1, status: { code: 1 } })
  expect(step).toMatchObject({ name: 'step', parentSpanId: root?.spanId, status: { code: 0 } })
  expect(blocker).toMatchObject({ name: 'blocked', parentSpanId: root?.spanId, status: { code: 1 } })
  expect(new Set([...server.logs(), ...server.spans()].map(({ traceId }) => traceId)).size).toBe(1)
  expect(root === undefined ? '' : attributeOf(root, 'sessionwire.session.id')).toBe(session.id)
  const sent = server
    .requests()
    .map(({ raw }) => raw)
    .join('\n')
  for (const word of [
    'double charging',
    'Reproduced',
    'staging',
    'Issued',
    'Fixed',
    'fixer',
    'wilma',
    'gen_ai',
  ])
    expect(sent).not.toContain(word)
})

test('with content and the conventions for generative AI it says more', async () => {
  const { server, story, drain } = await begin({ content: true, genAi: true, environment: 'staging' })
  const session = await story()
  expect(await drain()).toBe(true)
  const [step, blocker, root] = server.spans()
  expect(root?.name).toBe('invoke_agent fixer')
  expect(step === undefined ? '' : attributeOf(step, 'sessionwire.update.description')).toBe('Reproduced')
  expect(blocker === undefined ? '' : attributeOf(blocker, 'sessionwire.blocker.description')).toBe(
    'No staging key',
  )
  expect(root === undefined ? '' : attributeOf(root, 'gen_ai.conversation.id')).toBe(session.id)
  expect(JSON.stringify(server.logs()[1]?.body)).toContain('Reproduced')
})

test('whatever is sent twice has the same ids, and is there once', async () => {
  const { server, story, drain } = await begin()
  server.fail({ nth: 2, failure: { kind: 'reset', applied: true } })
  server.fail({ nth: 7, failure: { kind: 'cut', applied: true } as never })
  await story()
  expect(await drain()).toBe(true)
  expect(server.requests().length).toBeGreaterThan(6)
  expect([server.logs().length, server.spans().length]).toEqual([5, 3])
})

const AT = Date.UTC(2026, 0, 31, 10)
/** Minutes after ten o'clock. */
const at = (minutes: number): string => new Date(AT + minutes * 60_000).toISOString()
const nanos = (minutes: number): string => `${AT + minutes * 60_000}000000`
const times = (spans: readonly Readonly<Record<string, Json>>[]) =>
  spans.map(({ name, startTimeUnixNano, endTimeUnixNano, status }) => [
    name,
    startTimeUnixNano,
    endTimeUnixNano,
    (status as Readonly<{ code: number }>).code,
  ])

test('a session that still runs shows its steps and what blocked it; the rest comes at its end', async () => {
  const { tracker, server, drain } = await begin()
  const session = await tracker.start({ goal: 'Stop double charging', at: at(0) })
  await session.update('Reproduced', { progress: 35, at: at(5) })
  // Recorded late: it says an earlier time than the update before it.
  await session.update('Read the logs', { at: at(3) })
  const first = await session.block('No staging key', { at: at(6) })
  await session.block('No review', { severity: 'low', at: at(7) })
  expect(await drain()).toBe(true)
  const steps = [
    ['step', nanos(0), nanos(5), 0],
    ['step', nanos(3), nanos(3), 0],
  ]
  expect(times(server.spans())).toEqual(steps)
  await session.resolve(first.id, 'Issued', { at: at(9) })
  expect(await drain()).toBe(true)
  const blocked = ['blocked', nanos(6), nanos(9), 1]
  expect(times(server.spans())).toEqual([...steps, blocked])
  await session.close({ end: 'failed', at: at(20) })
  expect(await drain()).toBe(true)
  const open = ['blocked', nanos(7), nanos(20), 2]
  expect(times(server.spans())).toEqual([...steps, blocked, ['invoke_agent', nanos(0), nanos(20), 2], open])
  const root = server.spans().find(({ parentSpanId }) => parentSpanId === undefined)
  const parents = server.spans().flatMap(({ parentSpanId }) => parentSpanId ?? [])
  expect(parents).toEqual(Array.from({ length: 4 }, () => root?.spanId))
  await session.resume()
  await session.close({ at: at(30) })
  expect(await drain()).toBe(true)
  const again = server.spans().filter(({ spanId }) => spanId === root?.spanId)
  expect(times(again)).toEqual([['invoke_agent', nanos(0), nanos(30), 1]])
  const sent = server.requests().filter(({ path }) => path === '/v1/traces')
  expect(sent.length).toBe(5)
})

test('a backend for traces alone is named by the check, and gets them with signals', async () => {
  const noLogs = (server: Awaited<ReturnType<typeof begin>>['server']) =>
    server.fail({
      when: ({ path }) => path === '/v1/logs',
      times: Number.POSITIVE_INFINITY,
      failure: { kind: 'answer', applied: false, answer: { status: 404, text: '404 page not found' } },
    })
  const both = await begin()
  noLogs(both.server)
  expect(await both.tracker.check('otlp')).toMatchObject({
    ok: false,
    reason: 'log records: nothing takes it at this address: 404 404 page not found',
    hint: 'Where the backend takes no log records, set signals to "traces".',
  })
  const { tracker, server, story, drain } = await begin({ signals: 'traces' })
  noLogs(server)
  expect((await tracker.check('otlp')).ok).toBe(true)
  await story()
  expect(await drain()).toBe(true)
  expect([server.spans().length, server.logs().length]).toEqual([3, 0])
})

test('a backend for log records alone gets them with signals', async () => {
  const { server, story, drain } = await begin({ signals: 'logs' })
  await story()
  expect(await drain()).toBe(true)
  expect([server.spans().length, server.logs().length]).toEqual([0, 5])
})

test('blockers that were left open stay within one request: the newest are sent', async () => {
  const { tracker, server, drain } = await begin({ maxBytes: 4_000 })
  const session = await tracker.start({ goal: 'Fix' })
  for (let n = 0; n < 30; n++) await session.block(`Blocker ${n}`)
  await session.close({ end: 'failed' })
  expect(await drain()).toBe(true)
  const { blockers } = await session.load()
  const ids = server.spans().flatMap(span => attributeOf(span, 'sessionwire.blocker.id') ?? [])
  expect(ids.length).toBeGreaterThan(1)
  expect(ids).toEqual(blockers.slice(-ids.length).map(({ blockerId }) => blockerId))
  expect(Math.max(...server.requests().map(({ raw }) => raw.length))).toBeLessThanOrEqual(4_000)
})

test('serviceName and environment name the resource of spans and log records', async () => {
  const { server, story, drain } = await begin({ serviceName: 'billing-agent', environment: 'staging' })
  await story()
  expect(await drain()).toBe(true)
  const bodies = server.requests().map(({ raw }) => raw)
  expect(bodies.length).toBeGreaterThan(0)
  for (const raw of bodies) {
    expect(raw).toContain('{"key":"service.name","value":{"stringValue":"billing-agent"}}')
    expect(raw).toContain('{"key":"deployment.environment.name","value":{"stringValue":"staging"}}')
  }
})

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a session that started inside of a trace joins it', async () => {
  const { tracker, server, drain } = await begin()
  const session = await tracker.start({ goal: 'Fix', refs: { otlp: { traceparent: PARENT } } })
  await session.update('Reproduced')
  await session.close()
  expect(await drain()).toBe(true)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  expect([...server.spans(), ...server.logs()].map(each => each.traceId)).toEqual(Array(5).fill(traceId))
  const [step, root] = server.spans()
  expect([root?.parentSpanId, step?.parentSpanId]).toEqual(['b7ad6b7169203331', root?.spanId])
  expect(new Set(server.logs().map(({ spanId }) => spanId))).toEqual(new Set([root?.spanId]))
})

test.each([
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  `${PARENT}-more`,
  'https://tempo.example.com/trace/1',
])('%s is no traceparent, and start says so', async traceparent => {
  const { tracker } = await begin()
  await expect(tracker.start({ goal: 'Fix', refs: { otlp: { traceparent } } })).rejects.toThrow(
    `refs.otlp.traceparent: invalid value; expected a traceparent such as ${PARENT}`,
  )
})

test('a later version of a traceparent may have more at its end', async () => {
  const { tracker, server, drain } = await begin()
  const session = await tracker.start({
    goal: 'Fix',
    refs: { otlp: { traceparent: `${PARENT.replace('00-', '01-').toUpperCase()}-more` } },
  })
  await session.close()
  expect(await drain()).toBe(true)
  expect(server.spans()[0]?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
})

test('spans that a partial success rejects are not sent again, and hold nothing back', async () => {
  const { tracker, server, drain } = await begin()
  server.fail({
    when: ({ path }) => path === '/v1/traces',
    times: 1,
    failure: { kind: 'inside', applied: false },
  })
  const session = await tracker.start({ goal: 'Fix' })
  await session.update('Reproduced')
  await session.update('Fixed')
  await session.close()
  await drain()
  expect(server.spans().map(({ name }) => name)).toEqual(['step', 'invoke_agent'])
  const dead = await tracker.deliveries({ state: 'dead' })
  expect(dead.map(({ action, reason }) => [action, reason])).toEqual([
    ['sendTrace', expect.stringContaining('1 rejected: the record is too old')],
  ])
})

test('a partial success with a number is final and says why; one without is a warning', async () => {
  const { tracker, server, drain } = await begin()
  server.fail({ times: 1, failure: { kind: 'inside', applied: false } })
  server.fail({
    times: 1,
    failure: {
      kind: 'answer',
      applied: true,
      answer: { status: 200, body: { partialSuccess: { errorMessage: 'slow down' } } },
    },
  })
  await tracker.act('otlp', 'sendEvent', { name: 'deploy.finished', at: 1_767_323_045_000 }, { key: 'one' })
  await drain()
  await tracker.act('otlp', 'sendEvent', { name: 'deploy.finished', at: 1_767_323_045_000 }, { key: 'two' })
  await drain()
  const all = await tracker.deliveries()
  expect(all.map(({ state, reason }) => [state, reason])).toEqual([
    ['dead', expect.stringContaining('1 rejected: the record is too old')],
    ['delivered', undefined],
  ])
})

test('headers of the secret are sent, decoded, and in no text', async () => {
  const { tracker, server, story, drain } = await begin(
    { auth: 'headers' },
    { headers: { 'api-key': 'a b=c', 'x-tenant': '7' } },
    { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b=c, X-Tenant=7,content-type=text/evil' },
  )
  await story()
  expect(await drain()).toBe(true)
  expect(server.requests()[0]?.headers['content-type']).toBe('application/json')
  expect(JSON.stringify(await tracker.deliveries())).not.toContain('a b=c')
})

test('headers that are not percent-encoded go as they are, and a secret that is none waits for another', async () => {
  const values = { OTEL_EXPORTER_OTLP_HEADERS: 'nameless-1' }
  const { tracker, server, story, drain } = await begin(
    { auth: 'headers' },
    { headers: { x_api_key: '50%off' } },
    values,
  )
  await story()
  await tracker.drain({ timeoutMs: 20_000 })
  expect((await tracker.check('otlp')).ok).toBe(false)
  // It is tried again and again, and claimed for that.
  const first = async () => {
    const [one] = await tracker.deliveries()
    return [one?.state, one?.reason]
  }
  await expect
    .poll(first)
    .toEqual([
      'waiting',
      'secret OTEL_EXPORTER_OTLP_HEADERS: part 1 is not a header; expected name=value, with commas between',
    ])
  expect(server.requests()).toEqual([])
  values.OTEL_EXPORTER_OTLP_HEADERS = 'x_api_key=50%off,'
  expect(await drain()).toBe(true)
  expect((await tracker.deliveries()).every(({ state }) => state === 'delivered')).toBe(true)
})

test.each([
  ['as Loki does', { status: 204, body: '' }, { status: 422, body: 'no records' }],
  ['as Prometheus does', { status: 200, body: '' }, { status: 200, body: '' }],
] as const)('a backend that answers without a body, %s, gets each record once', async (_, given, empty) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', part => {
      body += part
    })
    request.on('end', () => {
      const isEmpty = /^\{"resource(Logs|Spans)":\[\]\}$/.test(body)
      if (!isEmpty) bodies.push(body)
      const answer = isEmpty ? empty : given
      response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => new Promise(resolve => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  const { tracker, story, drain } = await begin({ endpoint: `http://127.0.0.1:${port}` })
  expect((await tracker.check('otlp')).ok).toBe(true)
  await story()
  expect(await drain()).toBe(true)
  const all = await tracker.deliveries()
  expect(all.map(({ state }) => state)).toEqual(Array(bodies.length).fill('delivered'))
  expect(new Set(bodies).size).toBe(bodies.length)
})

test('a moment that 64 bits of nanoseconds do not hold is the nearest that they do', () => {
  expect(
    ['1969-12-31T23:59:59.000Z', '1970-01-01T00:00:00.001Z', '+002600-01-01T00:00:00.000Z'].map(nanosOf),
  ).toEqual(['0', '1000000', '18446744073709000000'])
})

/** Integers may be numbers or texts in JSON; ours are texts, as a double cannot hold them all. */
const asTexts = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value), (key, inner) => (key === 'intValue' ? String(inner) : inner))
/** A span without what the official producer adds for itself: empty lists and counts of what was dropped. */
const bare = (span: Readonly<Record<string, Json>>): Json => {
  const { events: _, links: __, flags: ___, ...rest } = span
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('dropped')))
}

test("spans are as OpenTelemetry's own serializer writes them", async () => {
  const { server, story, drain } = await begin()
  await story()
  expect(await drain()).toBe(true)
  for (const span of server.spans()) {
    const time = (value: Json | undefined): [number, number] => [
      Number(BigInt(String(value)) / 1_000_000_000n),
      Number(BigInt(String(value)) % 1_000_000_000n),
    ]
    const attributes = Object.fromEntries(
      (span.attributes as readonly Readonly<{ key: string; value: Readonly<Record<string, string>> }>[]).map(
        ({ key, value }) => [key, value.intValue === undefined ? value.stringValue : Number(value.intValue)],
      ),
    )
    const context = { traceId: span.traceId as string, spanId: span.spanId as string, traceFlags: 1 }
    const readable = {
      name: span.name,
      kind: SpanKind.INTERNAL,
      spanContext: () => context,
      ...(span.parentSpanId === undefined
        ? {}
        : { parentSpanContext: { ...context, spanId: span.parentSpanId } }),
      ...{
        startTime: time(span.startTimeUnixNano),
        endTime: time(span.endTimeUnixNano),
        duration: [0, 0],
        ended: true,
      },
      status: { code: (span.status as Readonly<{ code: SpanStatusCode }>).code },
      attributes,
      ...{ links: [], events: [], droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
      resource: {
        attributes: { 'service.name': 'sessionwire' },
        merge: () => undefined,
        getRawAttributes: () => [],
      },
      instrumentationScope: { name: 'sessionwire' },
    }
    const made = JsonTraceSerializer.serializeRequest([readable as never])
    const request = JSON.parse(new TextDecoder().decode(made)) as {
      resourceSpans: { scopeSpans: { spans: Readonly<Record<string, Json>>[] }[] }[]
    }
    const theirs = request.resourceSpans[0]?.scopeSpans[0]?.spans[0]
    expect(asTexts(bare(span))).toEqual(asTexts(bare(theirs ?? {})))
  }
})

type Value = Readonly<{
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: Readonly<{ values: readonly Value[] }>
  kvlistValue?: Readonly<{ values: readonly Readonly<{ key: string; value: Value }>[] }>
}>
type Attribute = Readonly<{ key: string; value: Value }>

/** A value of OTLP as a program has it. */
const plain = ({ intValue, arrayValue, kvlistValue, ...rest }: Value): Json => {
  if (intValue !== undefined) return Number(intValue)
  if (arrayValue !== undefined) return arrayValue.values.map(plain)
  if (kvlistValue !== undefined) return fieldsOf(kvlistValue.values)
  return rest.stringValue ?? rest.boolValue ?? rest.doubleValue ?? null
}
const fieldsOf = (attributes: readonly Attribute[]): Readonly<Record<string, Json>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))

test.each([false, true])(
  "log records are as OpenTelemetry's own serializer writes them, with content: %s",
  async content => {
    const { tracker, server, story, drain } = await begin({ content, genAi: content })
    const session = await story()
    await tracker.session(session.id).resume('More webhooks')
    await tracker
      .session(session.id)
      .decide('Lock per invoice', { alternatives: ['A queue'], rationale: 'Retries' })
    await tracker
      .session(session.id)
      .entity({ name: 'lock.ts', type: 'file', properties: { lines: 12, share: 0.5, isNew: true } })
    const attributes = { environment: 'staging', tries: 2, share: 0.25, ok: true }
    await tracker.act('otlp', 'sendEvent', { name: 'deploy.finished', at: 1_767_323_045_000, attributes })
    expect(await drain()).toBe(true)
    const names = server.logs().map(({ eventName }) => String(eventName).replace('sessionwire.session.', ''))
    // A call of one's own belongs to no session, and waits for none.
    const hooks = ['start', 'update', 'blocker', 'resolve', 'close', 'resume', 'decision', 'entity']
    expect(names.filter(name => name !== 'deploy.finished')).toEqual(hooks)
    expect(names).toContain('deploy.finished')
    for (const record of server.logs()) {
      const time = (value: Json | undefined): [number, number] => [
        Number(BigInt(String(value)) / 1_000_000_000n),
        Number(BigInt(String(value)) % 1_000_000_000n),
      ]
      const { traceId, spanId, severityText, severityNumber, eventName, body } = record
      const readable = {
        ...{ severityText, severityNumber, eventName, droppedAttributesCount: 0 },
        hrTime: time(record.timeUnixNano),
        hrTimeObserved: time(record.observedTimeUnixNano),
        ...(traceId === undefined ? {} : { spanContext: { traceId, spanId, traceFlags: 1 } }),
        ...(body === undefined ? {} : { body: plain(body as Value) }),
        attributes: fieldsOf(record.attributes as unknown as readonly Attribute[]),
        resource: { attributes: {}, merge: () => undefined, getRawAttributes: () => [] },
        instrumentationScope: { name: 'sessionwire' },
      }
      const made = JsonLogsSerializer.serializeRequest([readable as never])
      const request = JSON.parse(new TextDecoder().decode(made)) as {
        resourceLogs: { scopeLogs: { logRecords: Readonly<Record<string, Json>>[] }[] }[]
      }
      const { droppedAttributesCount: _, ...theirs } =
        request.resourceLogs[0]?.scopeLogs[0]?.logRecords[0] ?? {}
      // It writes an empty body where a record has none.
      expect(asTexts({ body: {}, ...record })).toEqual(asTexts(theirs))
    }
  },
)
