import type { Json, Reply } from '@sessionwire/core/adapter'
import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { thin } from '../../../../test/sample.ts'
import { type OtlpOptions, otlp } from '../src/index.ts'
import { hostileCollector } from '../src/testing.ts'

const answer = (status: number, body: Json): Reply => ({ kind: 'answer', status, headers: {}, body })

const suite = adapterSuite({
  make: options =>
    otlp({
      endpoint: 'https://otlp.example.com',
      auth: 'headers',
      content: true,
      genAi: true,
      environment: 'staging',
      ...options,
    } as OtlpOptions),
  secrets: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=canary-7f1e90a2b4' },
  fromEnv: {
    make: env => otlp.fromEnv({}, env),
    settings: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com' },
  },
  wrong: [
    { options: { endpoint: 'http://otlp.example.com' }, field: 'otlp.endpoint' },
    { options: { endpoint: 'https://otlp.example.com/v1/traces' }, field: 'otlp.endpoint' },
    { options: { endpoint: 'https://otlp.example.com/otlp/v1/logs/' }, field: 'otlp.endpoint' },
    { options: { endpoint: 'https://otlp.example.com/v1/metrics' }, field: 'otlp.endpoint' },
    { options: { serviceName: '' }, field: 'otlp.serviceName' },
    { options: { maxBytes: 1 }, field: 'otlp.maxBytes' },
    { options: { updates: 'card' }, field: 'otlp.updates' },
    { options: { auth: 'token' }, field: 'otlp.auth' },
  ],
  updates: [],
  failures: [
    answer(200, { partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } }),
    answer(200, { partialSuccess: { rejectedLogRecords: 2 } }),
    answer(401, { code: 16, message: 'unauthenticated' }),
    answer(500, { code: 13, message: 'internal' }),
  ],
  cards: 1,
  entries: 8,
  service: async () => {
    const server = await hostileCollector({ headers: { 'api-key': 'canary-7f1e90a2b4' } })
    return {
      server,
      options: { endpoint: server.url },
      wrongSecrets: { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=wrong' },
      inspect: () => ({
        cards: server.spans().filter(({ parentSpanId }) => parentSpanId === undefined).length,
        entries: server.logs().length,
      }),
    }
  },
})

describe('the adapter contract', () => {
  for (const { name, run } of thin(suite, 'otlp')) test(name, run)
})
