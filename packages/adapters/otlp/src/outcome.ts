import {
  type Answer,
  httpOutcome,
  isFields,
  type Json,
  type Outcome,
  quote,
  type Reply,
  retryAfterMs,
  type SentCall,
} from '@sessionwire/core/adapter'

type Fields = Readonly<Record<string, Json>>

/** Statuses that the protocol says to try again; every other one is final, 500 and 408 too. */
const AGAIN = new Set([429, 502, 503, 504])
/** Statuses by which everything is refused and not one request. */
const REFUSED = new Set([401, 403])

/** Statuses of an address at which nothing takes the signal; a backend for one of them answers so for the other, in plain text. */
const NOWHERE = new Set([404, 405])
const isSuccess = (status: number): boolean => status >= 200 && status < 300
const isEmpty = (body: Json): boolean => body === '' || body === null

/** The field of a success, by its name in JSON or in the protocol's own files; both are read, by the rules of protobuf. */
const partIn = (body: Fields): Json | undefined => body.partialSuccess ?? body.partial_success

/** Text other than a page of HTML, which a proxy gives. */
const isText = (body: Json): body is string => typeof body === 'string' && !/^\s*</.test(body)
/** A word of success, as some backends answer. */
const isFine = (body: Json): boolean =>
  typeof body === 'string' && /^\s*(ok|success|accepted|received)\b/i.test(body)

/**
 * Whether it is the answer to an export: no body at all, as Loki and Prometheus give, an empty object, one with
 * `partialSuccess`, or a word such as `OK`. The protocol has no such word, but the status says that all was taken, and an
 * export that waits is sent again for ever; the exporters of OpenTelemetry go by the status too. Further fields are of a
 * later version.
 */
const isResponse = (body: Json): boolean =>
  isEmpty(body) ||
  isFine(body) ||
  (isFields(body) &&
    (Object.keys(body).length === 0 || 'partialSuccess' in body || 'partial_success' in body))

/** Whether an answer is in the form of OTLP. Refusals are plain text in many backends. */
export const isOwn = ({ status, body }: Answer): boolean => {
  if (isSuccess(status)) return isResponse(body)
  return isFields(body) || (isText(body) && status >= 400 && status < 500)
}

const judgeSuccess = ({ status, body }: Answer): Outcome => {
  const unlike: Outcome = { kind: 'unknown', reason: `${status}, but no answer of OTLP: ${quote(body)}` }
  if (!isResponse(body)) return unlike
  const part = isFields(body) ? partIn(body) : undefined
  if (part === undefined || part === null) return { kind: 'delivered' }
  if (!isFields(part)) return unlike
  const spans = part.rejectedSpans ?? part.rejected_spans ?? 0
  const records = part.rejectedLogRecords ?? part.rejected_log_records ?? 0
  const rejected = Math.max(0, Number(spans)) + Math.max(0, Number(records))
  // Without a number it is a warning. With one it must not be sent again, by the protocol.
  return rejected > 0
    ? {
        kind: 'rejected',
        reason: `${rejected} rejected: ${quote(part.errorMessage ?? part.error_message ?? '')}`,
      }
    : { kind: 'delivered' }
}

/** A collector has a port for each: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-default-port. */
const GRPC = 'gRPC answers so, usually at port 4317: give the address for HTTP, usually at port 4318'

/** Maps a reply of a collector to an outcome (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response). */
export const outcome = (reply: Reply, { role }: SentCall): Outcome => {
  const usual = httpOutcome(reply, { role: role === 'look-up' ? 'call' : role })
  if (reply.kind === 'failure')
    return 'reason' in usual && /is not HTTP\b/.test(reply.reason)
      ? { ...usual, reason: `${usual.reason}; ${GRPC}` }
      : usual
  const { status, headers } = reply
  const reason = `${status} ${quote(reply.body)}`.trim()
  if (isSuccess(status)) return judgeSuccess(reply)
  if (NOWHERE.has(status)) return { kind: 'denied', reason: `nothing takes it at this address: ${reason}` }
  if (status >= 300 && status < 400)
    return { kind: 'denied', reason: `redirected, change the address: ${reason}` }
  if (REFUSED.has(status)) return { kind: 'denied', reason }
  if (status === 429) return usual
  if (AGAIN.has(status)) {
    const waitMs = retryAfterMs(headers)
    return { kind: 'retry', reason, down: true, ...(waitMs === undefined ? {} : { waitMs }) }
  }
  return { kind: 'rejected', reason }
}
