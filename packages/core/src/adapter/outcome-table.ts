import type { Answer, Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import { httpOutcome, quote, retryAfterMs } from './http-outcome.ts'

/**
 * Meaning of one row of a table. `delivered`, `rejected`, `denied`, `retry` and `unknown` are outcomes; `throttled` is a
 * `retry` that pauses the limit; `down` a `retry`, and `broken` an `unknown`, that counts against the service as a whole;
 * `missing` is `rejected` as not there for a call, and an empty list for a look-up.
 */
export type Meaning =
  | 'delivered'
  | 'rejected'
  | 'denied'
  | 'retry'
  | 'unknown'
  | 'throttled'
  | 'down'
  | 'broken'
  | 'missing'

/** Decides what a reply means; `reason` is the status with the service's words. `undefined`: as its status says. */
export type Judge = (reply: Answer, sent: SentCall, reason: string) => Outcome | undefined

/** A table of the words of a service, and how its replies are read. */
export type OutcomeTable = Readonly<{
  /** The words of a reply that the table is asked for, the most telling first: `invalid_auth`, `FORBIDDEN`. Default: none. */
  words?: (reply: Answer) => readonly string[]
  /**
   * Meanings by word, or functions that decide; `<action> <word>` wins over `<word>`, a status such as `404` is the last word
   * of every reply.
   */
  meanings: Readonly<Record<string, Meaning | Judge>>
  /** Finds the service's words for people. Default: the body. */
  reason?: (reply: Answer, sent: SentCall) => unknown
  /** How long it asks to wait, ms. Default: `Retry-After`, else 30 s where it is throttled. */
  waitMs?: (reply: Answer) => number | undefined
  /** Whether a success is the answer to this call or read: half an answer, or an error in it, is not. Default: it is. */
  isDone?: (reply: Answer, sent: SentCall) => boolean
}>

/** How long to wait where a service is throttled and does not say for how long. */
const PATIENCE_MS = 30_000

/**
 * Reads a reply by a table of words. Without a row it means what `httpOutcome` makes of its status. Reasons consist of the
 * status and what the service says. A success that is not the answer to its call or read is `unknown`.
 */
export const readOutcome = (table: OutcomeTable, reply: Reply, sent: SentCall): Outcome => {
  const usual = httpOutcome(reply, sent)
  if (reply.kind === 'failure') return usual
  const words = [...(table.words?.(reply) ?? []), String(reply.status)]
  const { meanings } = table
  const has = (word: string) => Object.hasOwn(meanings, word)
  const meaning = meanings[words.flatMap(each => [`${sent.action} ${each}`, each]).find(has) ?? '']
  const isDone = usual.kind === 'delivered' && (usual.empty === true || table.isDone?.(reply, sent) !== false)
  if (meaning === undefined && isDone) return usual
  const said = quote(table.reason?.(reply, sent) ?? reply.body)
  const reason = `${reply.status} ${said}`.trim()
  const wait = table.waitMs?.(reply) ?? retryAfterMs(reply.headers)
  const waiting = wait === undefined ? {} : { waitMs: wait }
  switch (typeof meaning === 'function' ? 'judged' : meaning) {
    case undefined:
    case 'judged': {
      const own = typeof meaning === 'function' ? meaning(reply, sent, reason) : undefined
      if (own !== undefined) return own
      if (usual.kind === 'retry' || usual.kind === 'unknown') return { ...usual, ...waiting, reason }
      if (usual.kind !== 'delivered') return { ...usual, reason }
      if (isDone) return usual
      return {
        kind: 'unknown',
        reason: `${reply.status}, but not the answer to this call: ${said || 'nothing'}`,
      }
    }
    case 'delivered':
      return { kind: 'delivered' }
    case 'denied':
      return { kind: 'denied', reason }
    case 'retry':
      return { kind: 'retry', reason, ...waiting }
    case 'throttled':
      return { kind: 'retry', reason, throttled: true, waitMs: wait ?? PATIENCE_MS }
    case 'down':
      return { kind: 'retry', reason, down: true, ...waiting }
    case 'broken':
      return { kind: 'unknown', reason, down: true, ...waiting }
    case 'unknown':
      return { kind: 'unknown', reason, ...waiting }
    case 'missing':
      return sent.role === 'look-up'
        ? { kind: 'delivered', empty: true }
        : { kind: 'rejected', reason, missing: true }
    default:
      return { kind: 'rejected', reason }
  }
}
