import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'

/** The first 300 characters of what a service said, on one line, without NUL and half characters. */
export const said = (body: Json): string => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const line = (text ?? '').slice(0, 3_000).replace(/\s+/g, ' ').trim().slice(0, 300)
  return line.replace(/\0|\p{Surrogate}/gu, '')
}

/**
 * How long a service asked to wait, in ms, from `Retry-After` (seconds or an HTTP date, RFC 9110 section 10.2.3);
 * `undefined` when it did not say. A date is measured against the answer's own `Date`, so no clock is needed.
 */
export const retryAfterMs = (headers: Readonly<Record<string, string>>): number | undefined => {
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const at = Date.parse(value)
  const from = Date.parse(headers['date'] ?? '')
  return Number.isNaN(at) || Number.isNaN(from) ? undefined : Math.max(0, at - from)
}

/** What a reply means by HTTP alone; an adapter's own table goes first and falls back to this. */
export const httpOutcome = (reply: Reply, sent: Readonly<{ role: Role }>): Outcome => {
  if (reply.kind === 'failure') {
    if (reply.code === 'secret') return { kind: 'denied', reason: reply.reason }
    if (reply.code === 'config') return { kind: 'rejected', reason: reply.reason }
    const down = reply.code === 'aborted' ? {} : { down: true as const }
    return reply.sent === 'no'
      ? { kind: 'retry', reason: reply.reason, ...down }
      : { kind: 'unknown', reason: reply.reason, ...down }
  }
  const { status, headers, body } = reply
  const wait = retryAfterMs(headers)
  const waiting = wait === undefined ? {} : { waitMs: wait }
  const reason = `${status} ${said(body)}`.trim()
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status >= 300 && status < 400) return { kind: 'rejected', reason: `redirected: ${reason}` }
  if (status === 401) return { kind: 'denied', reason }
  if (status === 404 && sent.role === 'look-up') return { kind: 'delivered', empty: true }
  if (status === 429) return { kind: 'retry', reason, throttled: true, ...waiting }
  if (status === 408 || status === 425) return { kind: 'retry', reason, ...waiting }
  if (status >= 500) return { kind: 'unknown', reason, down: true, ...waiting }
  return { kind: 'rejected', reason }
}
