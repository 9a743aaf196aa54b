/**
 * Sessions as OpenTelemetry data: log records and spans while they go on, their own span when they end, over OTLP/HTTP with JSON.
 * @module otlp
 */
import { type Adapter, type AdapterFactory, defineAdapter, type Signer } from '@sessionwire/core/adapter'
import { actions, post } from './actions.ts'
import { type OtlpConfig, type OtlpOptions, options, secrets, ways } from './config.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'

export type { OtlpConfig, OtlpOptions } from './config.ts'

/** An adapter for OpenTelemetry. */
export type OtlpAdapter<N extends string = string> = Adapter<OtlpConfig, N, typeof actions, 'traceparent'>

/** Headers that belong to the request itself. */
const TAKEN = /^(host|content-(type|length)|connection|transfer-encoding)$/i

/** Reads `name=value,name=value`, percent-encoded, as OpenTelemetry's own variable is written. */
const headers: Signer = ({ secret }) =>
  Object.fromEntries(
    secret.split(',').flatMap(pair => {
      const [name = '', ...value] = pair.split('=')
      const key = name.trim().toLowerCase()
      return /^[a-z0-9-]+$/.test(key) && !TAKEN.test(key)
        ? [[key, decodeURIComponent(value.join('=').trim())] as const]
        : []
    }),
  )

const noSpans = (config: OtlpConfig) => post(config, 'traces', { resourceSpans: [] })
const noLogs = (config: OtlpConfig) => post(config, 'logs', { resourceLogs: [] })

/** Sessions as OpenTelemetry data: `otlp({ endpoint: 'http://localhost:4318' })`, or `otlp.fromEnv()`. */
export const otlp: AdapterFactory<OtlpOptions, OtlpConfig, typeof actions, 'otlp', 'traceparent'> =
  defineAdapter({
    service: 'otlp',
    options,
    secrets,
    ways,
    env: { endpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT', serviceName: 'OTEL_SERVICE_NAME' },
    refs: ['traceparent'],
    actions,
    hooks,
    outcome,
    isOwn,
    limits: { concurrency: 4, rates: { export: { count: 50, perMs: 1_000 } } },
    // An empty request is accepted and makes nothing.
    check: config => ({ call: config.signals === 'logs' ? noLogs(config) : noSpans(config) }),
    probes: config =>
      config.signals === 'both'
        ? [
            {
              about: 'log records',
              lookup: { call: noLogs(config) },
              todo: 'Where the backend takes no log records, set signals to "traces".',
            },
          ]
        : [],
    signers: { headers },
    origins: ({ endpoint }) => [endpoint],
    describe: {
      sendLog: () => 'send a log record of the session',
      sendLink: () => 'send a link of the session as a log record',
      sendTrace: () => 'send spans of the session',
    },
  })
