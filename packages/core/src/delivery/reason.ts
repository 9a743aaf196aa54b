import type { Outcome, Reply } from '../descriptor/outcome.ts'
import type { Json } from '../session/schema.ts'
import { cleanText } from '../session/text.ts'
import type { Ending } from './settle.ts'

type Redact = (text: string) => string

/** Longest reason that is stored, emitted and logged, in characters. */
const MOST = 500
/** Longest text that is cleaned: a service may say megabytes. */
const MOST_CLEANED = 16 * MOST

/**
 * The one way of a text to store, log, event and error: secrets are redacted in the whole text, then it is made one line
 * without control and bidirectional characters, then it is cut.
 */
export const publicReason = (reason: string, redact: Redact): string =>
  cleanText(redact(reason).slice(0, MOST_CLEANED)).replace(/\s+/g, ' ').trim().slice(0, MOST).toWellFormed()

const redactJson = (value: Json, redact: Redact): Json => {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => redactJson(item, redact))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [redact(key), redactJson(inner, redact)]),
  )
}

const redactReply = (reply: Reply, redact: Redact): Reply =>
  reply.kind === 'failure'
    ? { ...reply, reason: redact(reply.reason) }
    : {
        ...reply,
        headers: Object.fromEntries(
          Object.entries(reply.headers).map(([name, value]) => [name, redact(value)]),
        ),
        body: redactJson(reply.body, redact),
      }

/**
 * Judges the unchanged reply, and takes the reason from the redacted one: an adapter may cut what it quotes, and a secret cut
 * in its middle could not be found any more.
 */
export const judgeWithout = (reply: Reply, judge: (reply: Reply) => Outcome, redact: Redact): Outcome => {
  const outcome = judge(reply)
  if (outcome.kind === 'delivered') return outcome
  const again = judge(redactReply(reply, redact))
  return again.kind === 'delivered' ? outcome : { ...outcome, reason: again.reason }
}

/** An ending without captures that hold a whole secret: those would be stored. */
export const refuseSecrets = (ending: Ending, find: (text: string) => string | undefined): Ending => {
  if (ending.kind !== 'answered' && ending.kind !== 'found') return ending
  for (const [name, value] of Object.entries(ending.captures)) {
    const secret = find(JSON.stringify(value))
    if (secret === undefined) continue
    const outcome = {
      kind: 'unknown',
      reason: `the value captured as "${name}" holds the secret ${secret} and is not kept`,
    } as const
    return ending.kind === 'found' ? { kind: 'unread', outcome } : { ...ending, outcome, captures: {} }
  }
  return ending
}
