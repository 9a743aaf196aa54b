import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { cleanText } from '../session/text.ts'

/** Longest answer that is looked at for a reason; the worker redacts and cleans it whole, and shows 500 characters of it. */
const QUOTED_UNITS = 16_384

/** The words of a service on one line, not cut to what people see: half a secret could not be redacted. */
export const quote = (body: unknown): string => {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  return cleanText(text.slice(0, QUOTED_UNITS)).replace(/\s+/g, ' ').trim()
}

/** How long it is from an answer's own `Date` to a point in time, ms, so that no clock is needed; `undefined` where one is missing. */
export const untilMs = (headers: Readonly<Record<string, string>>, at: number): number | undefined => {
  const ms = at - Date.parse(headers.date ?? '')
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/**
 * How long a service asked to wait, in ms, from `Retry-After` (seconds or an HTTP date, RFC 9110 section 10.2.3);
 * `undefined` when it did not say.
 */
export const retryAfterMs = (headers: Readonly<Record<string, string>>): number | undefined => {
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  return untilMs(headers, Date.parse(value))
}

/** A page for people: no API answers a call with one, but a proxy, a portal or another address does. */
const isPage = (headers: Readonly<Record<string, string>>, body: Json): boolean =>
  typeof body === 'string' &&
  /^\s*</.test(body) &&
  (/^text\/html\b/i.test(headers['content-type'] ?? '') ||
    /^\s*<(!doctype\s+html|html|head|body)\b/i.test(body))

/**
 * Gives the meaning of a reply by HTTP alone; an adapter's own table goes first and falls back to this.
 *
 * | reply                             | outcome                                                                    |
 * | --------------------------------- | -------------------------------------------------------------------------- |
 * | 200 to 299                        | `delivered`                                                                |
 * | the same with a page of HTML      | `unknown`: a proxy or portal, not the service                        |
 * | 300 to 399                        | `rejected`: no redirect is followed                                        |
 * | 401                               | `denied`: the adapter is paused until its credential is accepted              |
 * | 404 to a look-up                  | `delivered`, empty: it is not there; with a page of HTML `unknown`          |
 * | 408, 425                          | `retry`: surely not applied                                                |
 * | 429                               | `retry`, and the call's limit is paused                                    |
 * | 500 and above                     | `unknown`: perhaps applied, so looked up first; many in a row pause it      |
 * | any other                         | `rejected`: surely not applied, and never will be as it stands             |
 * | none, surely not sent             | `retry`                                                                    |
 * | none, perhaps sent                | `unknown`                                                                  |
 * | none, a secret is not set         | `denied`                                                                   |
 * | none, it cannot be sent as it is  | `rejected`                                                                 |
 *
 * `Retry-After` is heeded with 408, 425, 429 and from 500 on. 502 and 504 come from proxies that do not know either. Where
 * a service says that its 503 is surely not applied, say so, and nothing need be looked up:
 *
 * ```ts
 * const usual = httpOutcome(reply, sent)
 * const refused = reply.kind === 'answer' && reply.status === 503 && usual.kind === 'unknown'
 * return refused ? { ...usual, kind: 'retry' } : usual
 * ```
 */
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
  const page = isPage(headers, body)
  const success = status >= 200 && status < 300
  const nothing = status === 404 && sent.role === 'look-up'
  // The words of a success are for no one: a long list is not turned into text for it.
  if (success && !page) return { kind: 'delivered' }
  const reason = `${status} ${quote(body)}`.trim()
  if (page && (success || nothing)) return { kind: 'unknown', reason: `a page of HTML: ${reason}` }
  if (status >= 300 && status < 400) return { kind: 'rejected', reason: `redirected: ${reason}` }
  if (status === 401) return { kind: 'denied', reason }
  if (nothing) return { kind: 'delivered', empty: true }
  if (status === 429) return { kind: 'retry', reason, throttled: true, ...waiting }
  if (status === 408 || status === 425) return { kind: 'retry', reason, ...waiting }
  if (status >= 500) return { kind: 'unknown', reason, down: true, ...waiting }
  return { kind: 'rejected', reason }
}
