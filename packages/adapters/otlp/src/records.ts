import {
  cleanText,
  isFields,
  type Json,
  type LinkChange,
  limitJson,
  oneLine,
  parseRef,
  type Session,
  type SessionEvent,
  shorten,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { OtlpConfig } from './config.ts'

/*
 * The JSON encoding of OTLP (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hex, enums as numbers,
 * integers of 64 bits as strings.
 */

/** An object of JSON. */
export type Fields = Readonly<Record<string, Json>>

/** Severities of log records. */
const INFO = { severityNumber: 9, severityText: 'INFO' } as const
const WARN = { severityNumber: 13, severityText: 'WARN' } as const
const FAULT = { severityNumber: 17, severityText: 'ERROR' } as const
/** The flag of a sampled trace. */
export const SAMPLED = 1

const hexOf = (key: string): string => uuidFrom(key).replaceAll('-', '')
/** Id of a span: 8 bytes, the same for the same event. */
export const spanIdOf = (event: string): string => hexOf(event).slice(0, 16)

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/
/** Reads a `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header); a later version may have more at its end. */
const parseParent = (text: string) => {
  const [, version = '', traceId = '', spanId = '', more] = TRACEPARENT.exec(text.trim().toLowerCase()) ?? []
  const isKnown = version !== '' && version !== 'ff' && (version !== '00' || more === undefined)
  return isKnown && !/^0+$/.test(traceId) && !/^0+$/.test(spanId) ? { traceId, spanId } : undefined
}

/**
 * Where a session's records belong: the trace that `start({ refs })` names, below its span, or one of its own, whose id is 16
 * bytes, the same in every process, and never zero.
 */
export const placeOf = (
  session: Session,
  { as }: Pick<OtlpConfig, 'as'>,
): Readonly<{ traceId: string; parentSpanId?: string }> => {
  const expected = 'a traceparent such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const parent = parseRef(session, as, 'traceparent', parseParent, expected)
  return parent === undefined
    ? { traceId: hexOf(`sessionwire:${session.id}`) }
    : { traceId: parent.traceId, parentSpanId: parent.spanId }
}

/** The last moment that 64 bits of nanoseconds hold, epoch ms: in the year 2554. */
export const LAST_MS = 18_446_744_073_709

/** A moment in nanoseconds; one that 64 bits do not hold is the nearest that they do. */
export const nanos = (time: string): string =>
  String(BigInt(Math.min(LAST_MS, Math.max(0, Date.parse(time)))) * 1_000_000n)

/** Longest text of one value, in UTF-16 units. */
const TEXT_UNITS = 8_192

/** A value as OTLP's AnyValue. */
const anyValue = (value: Json): Json => {
  if (typeof value === 'string') return { stringValue: shorten(cleanText(value), TEXT_UNITS) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return isFields(value) ? { kvlistValue: { values: keyValues(value) } } : {}
}
/** Attributes of those fields that there are. */
export const keyValues = (fields: Readonly<Record<string, Json | undefined>>): readonly Json[] =>
  Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key: oneLine(key, 200), value: anyValue(value) }],
  )

/** The scope that made the records. */
export const SCOPE = { name: 'sessionwire' } as const
/** The resource that the records are of. */
export const resourceOf = ({ serviceName, environment }: OtlpConfig): Json => ({
  attributes: keyValues({ 'service.name': serviceName, 'deployment.environment.name': environment }),
})

const count = (list: readonly unknown[]): number => list.length

/** Attributes of a session: numbers and kinds, and texts where they are wanted. */
export const sessionAttributes = (
  session: Session,
  { content, genAi, sessionUrl }: OtlpConfig,
): readonly Json[] =>
  keyValues({
    'sessionwire.session.id': session.id,
    'sessionwire.session.status': session.status,
    'sessionwire.session.progress': session.progress,
    'sessionwire.session.decisions': count(session.decisions),
    'sessionwire.session.blockers': count(session.blockers),
    'sessionwire.project': session.project,
    'sessionwire.session.url': sessionUrl?.replaceAll('{id}', encodeURIComponent(session.id)),
    ...(content
      ? {
          'sessionwire.session.title': session.title,
          'sessionwire.user': session.user,
          'sessionwire.agent': session.agent,
        }
      : {}),
    // Names of https://github.com/open-telemetry/semantic-conventions-genai; they are in development.
    ...(genAi
      ? {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.conversation.id': session.id,
          'gen_ai.agent.name': session.agent,
          'gen_ai.usage.input_tokens': session.usage?.inputTokens,
          'gen_ai.usage.output_tokens': session.usage?.outputTokens,
        }
      : {}),
  })

const severityOf = ({ type, payload }: SessionEvent) => {
  if (type === 'blocker')
    return (payload as Readonly<{ severity?: string }>).severity === 'critical' ? FAULT : WARN
  const { end } = payload as Readonly<{ end?: string }>
  return end === 'failed' || end === 'crashed' ? FAULT : INFO
}

/** One log record in a request. */
const logs = (record: Fields, config: OtlpConfig): Json => ({
  resourceLogs: [{ resource: resourceOf(config), scopeLogs: [{ scope: SCOPE, logRecords: [record] }] }],
})

/** An event as a log record of the session's trace. With `content` its payload is the body. */
export const eventLog = (event: SessionEvent, session: Session, config: OtlpConfig): Json => {
  const time = nanos(event.at ?? event.time)
  const record = (payload: Json): Fields => ({
    timeUnixNano: time,
    observedTimeUnixNano: nanos(event.time),
    ...severityOf(event),
    eventName: `sessionwire.session.${event.type}`,
    ...(payload === null ? {} : { body: anyValue(payload) }),
    attributes: [
      ...keyValues({ 'sessionwire.event.id': event.id, 'sessionwire.event.sequence': event.sequence }),
      ...sessionAttributes(session, config),
    ],
    traceId: placeOf(session, config).traceId,
    spanId: spanIdOf(session.id),
    flags: SAMPLED,
  })
  const write = (payload: Json): string => JSON.stringify(logs(record(payload), config))
  const body = config.content ? limitJson(event.payload as Json, config.maxBytes, write) : null
  return logs(record(body), config)
}

/** A link to the session's card in another service, as a log record of the session's trace. */
export const linkLog = (
  { link, former }: LinkChange,
  session: Session,
  { time }: SessionEvent,
  id: string,
  config: OtlpConfig,
): Json =>
  logs(
    {
      timeUnixNano: nanos(time),
      observedTimeUnixNano: nanos(time),
      ...INFO,
      eventName: 'sessionwire.session.linked',
      attributes: [
        ...keyValues({
          'sessionwire.event.id': id,
          'sessionwire.link.adapter': link.adapter,
          'sessionwire.link.name': link.name,
          'sessionwire.link.url': link.url,
          'sessionwire.link.former_url': former,
        }),
        ...sessionAttributes(session, config),
      ],
      traceId: placeOf(session, config).traceId,
      spanId: spanIdOf(session.id),
      flags: SAMPLED,
    },
    config,
  )

/** A log record of the caller's own. */
export const ownLog = (
  { name, attributes, id, now }: Readonly<{ name: string; attributes: Fields; id: string; now: Json }>,
  config: OtlpConfig,
): Json =>
  logs(
    {
      timeUnixNano: now,
      observedTimeUnixNano: now,
      ...INFO,
      eventName: name,
      attributes: keyValues({ 'sessionwire.event.id': id, ...attributes }),
    },
    config,
  )
