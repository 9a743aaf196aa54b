/**
 * Sessions as OpenTelemetry data: log records and spans while they go on, their own span when they end, over OTLP/HTTP with JSON.
 * @module otlp
 */
import {
  type Adapter,
  type AdapterFactory,
  defineAdapter,
  type Signer,
  wrongSecret,
} from '@sessionwire/core/adapter'
import { actions, post } from './actions.ts'
import { type OtlpConfig, type OtlpOptions, options, secrets, ways } from './config.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'

export type { OtlpConfig, OtlpOptions } from './config.ts'

/** An adapter for OpenTelemetry. */
export type OtlpAdapter<N extends string = string> = Adapter<OtlpConfig, N, typeof actions, 'traceparent'>

/** Headers that belong to the request itself. */
const TAKEN = /^(host|content-(type|length)|connection|transfer-encoding)$/i

/** A name of a header, by RFC 9110 section 5.6.2. */
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/

/** A value as it is meant: one that is not percent-encoded is taken as it stands. */
const decode = (value: string): string => {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Reads `name=value,name=value`, percent-encoded, as OpenTelemetry's own variable is written. */
const headers: Signer = ({ secret }) =>
  Object.fromEntries(
    secret.split(',').flatMap((pair, place) => {
      if (pair.trim() === '') return []
      const [name = '', ...value] = pair.split('=')
      const key = name.trim().toLowerCase()
      if (value.length === 0 || !TOKEN.test(key))
        throw wrongSecret(`part ${place + 1} is not a header; expected name=value, with commas between`)
      return TAKEN.test(key) ? [] : [[key, decode(value.join('=').trim())] as const]
    }),
  )

/** Refusals of an empty request by what reads OTLP: Loki answers 422 (https://github.com/grafana/loki). */
const accepts = [400, 422]
const noSpans = (config: OtlpConfig) => ({ call: post(config, 'traces', { resourceSpans: [] }), accepts })
const noLogs = (config: OtlpConfig) => ({ call: post(config, 'logs', { resourceLogs: [] }), accepts })

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
    check: config => (config.signals === 'logs' ? noLogs(config) : noSpans(config)),
    probes: config =>
      config.signals === 'both'
        ? [
            {
              about: 'log records',
              lookup: noLogs(config),
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
