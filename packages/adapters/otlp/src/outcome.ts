import {
  type Answer,
  httpOutcome,
  isFields,
  type Outcome,
  quote,
  type Reply,
  retryAfterMs,
  type SentCall,
} from '@sessionwire/core/adapter'

/** Statuses that the protocol says to try again; every other one is final, 500 and 408 too. */
const AGAIN = new Set([429, 502, 503, 504])
/** Statuses by which everything is refused and not one request. */
const REFUSED = new Set([401, 403])

/** Statuses of an address at which nothing takes the signal; a backend for one of them answers so for the other, in plain text. */
const NOWHERE = new Set([404, 405])

/** Whether an answer is in the form of OTLP: an object, of which a success has one field at most. */
export const isOwn = ({ status, body }: Answer): boolean =>
  status === 429 ||
  (NOWHERE.has(status) && typeof body === 'string' && !body.trimStart().startsWith('<')) ||
  (isFields(body) && (status >= 300 || Object.keys(body).every(name => name === 'partialSuccess')))

const judgeSuccess = ({ status, body }: Answer): Outcome => {
  if (!isFields(body) || !Object.keys(body).every(name => name === 'partialSuccess'))
    return { kind: 'unknown', reason: `${status}, but no answer of OTLP: ${quote(body)}` }
  const { partialSuccess } = body
  if (partialSuccess === undefined || partialSuccess === null) return { kind: 'delivered' }
  if (!isFields(partialSuccess))
    return { kind: 'unknown', reason: `${status}, but no answer of OTLP: ${quote(body)}` }
  const { rejectedSpans = 0, rejectedLogRecords = 0, errorMessage = '' } = partialSuccess
  const rejected = Number(rejectedSpans) + Number(rejectedLogRecords)
  // Without a number it is a warning. With one it must not be sent again, by the protocol.
  return rejected > 0
    ? { kind: 'rejected', reason: `${rejected} rejected: ${quote(errorMessage)}` }
    : { kind: 'delivered' }
}

/** Maps a reply of a collector to an outcome (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response). */
export const outcome = (reply: Reply, { role }: SentCall): Outcome => {
  const usual = httpOutcome(reply, { role: role === 'look-up' ? 'call' : role })
  if (reply.kind === 'failure') return usual
  const { status, headers } = reply
  const reason = `${status} ${quote(reply.body)}`.trim()
  if (status === 200) return usual.kind === 'delivered' ? judgeSuccess(reply) : usual
  if (NOWHERE.has(status)) return { kind: 'denied', reason: `nothing takes it at this address: ${reason}` }
  if (REFUSED.has(status)) return { kind: 'denied', reason }
  if (status === 429) return usual
  if (AGAIN.has(status)) {
    const waitMs = retryAfterMs(headers)
    return { kind: 'retry', reason, down: true, ...(waitMs === undefined ? {} : { waitMs }) }
  }
  return { kind: status >= 200 && status < 300 ? 'unknown' : 'rejected', reason }
}
