import {
  httpOutcome,
  type Json,
  type Outcome,
  quote,
  type Reply,
  type SentCall,
} from '@sessionwire/core/adapter'

/** The transport's own sentence, else all that it answered. */
const errorOf = (body: Json): Json => (body as Readonly<{ error?: Json }> | null | undefined)?.error ?? body

/**
 * Maps what the transport says to an outcome; it speaks in statuses. 403: the root is not there or may not be written, which
 * pauses the adapter until it is. 404: the note is not there. 400: a path that leads outside. 503: try again.
 */
export const outcome = (reply: Reply, sent: SentCall): Outcome => {
  if (reply.kind === 'failure') return httpOutcome(reply, sent)
  const reason = quote(errorOf(reply.body)) || String(reply.status)
  switch (reply.status) {
    case 400:
      return { kind: 'rejected', reason }
    case 403:
      return { kind: 'denied', reason }
    case 404:
      return sent.role === 'look-up'
        ? { kind: 'delivered', empty: true }
        : { kind: 'rejected', reason, missing: true }
    case 503:
      return { kind: 'retry', reason }
    default:
      return httpOutcome(reply, sent)
  }
}
