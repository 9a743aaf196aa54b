import { type At, address, type ConfigOf, type OptionsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'

const NAME = 'expected the name of a service, such as agents'

const BEFORE = 'expected the address that stands before /v1/traces and /v1/logs'

/** Options of `otlp()` in addition to those that every adapter takes. */
export const options = {
  /** Address before `/v1/traces` and `/v1/logs`, such as `http://localhost:4318` for a collector on this machine. */
  endpoint: z.pipe(
    address('http://localhost:4318'),
    z.string().refine(value => !/\/v1\/(traces|logs|metrics)$/.test(value), BEFORE),
  ),
  /** `service.name` of the resource. Default `sessionwire`. */
  serviceName: z.string(NAME).trim().min(1, NAME).max(200, NAME).default('sessionwire'),
  /** `deployment.environment.name` of the resource. Default: none. */
  environment: z.string(NAME).trim().min(1, NAME).max(200, NAME).optional(),
  /** The signals that the backend takes: `traces`, `logs` or `both`. Default `both`; one for traces alone, as Jaeger, has no place for logs. */
  signals: z.enum(['both', 'traces', 'logs']).default('both'),
  /** Sends what people and models wrote: titles, decisions, blockers. Default false: only kinds, ids, numbers and times. */
  content: z.boolean().default(false),
  /** Adds attributes of the conventions for generative AI, whose names still change. Default false. */
  genAi: z.boolean().default(false),
  /** Longest request in bytes; longer texts and lists are cut. Default 64,000. */
  maxBytes: z.int().min(4_000).max(1_000_000).default(64_000),
  /** There is no card that updates could edit. Default: none. */
  updates: z.never('expected no such option').optional(),
}

/** Headers as OpenTelemetry's own variable has them: `api-key=…,x-tenant=…`. */
export const secrets = { OTEL_EXPORTER_OTLP_HEADERS: 'secret' } as const

/** Ways to authenticate. */
export const ways = { none: [], headers: ['OTEL_EXPORTER_OTLP_HEADERS'] } as const

/** Options of `otlp()`. @interface */
export type OtlpOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
/** Configuration of the adapter. @interface */
export type OtlpConfig = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The key of a call in the making, and the configuration. */
export type Here = At<OtlpConfig>
