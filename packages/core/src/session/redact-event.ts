import type { SessionEvent } from './events.ts'

/** Fields of a payload that a filter and the redaction leave as they are: ids and fixed words that other code reads. */
export const PAYLOAD_KEYS = ['decisionId', 'blockerId', 'supersedes', 'end', 'durationMs', 'format'] as const
/** Texts of a payload that are ids or one of a few words: never secrets, and others count on them. */
const NOT_TEXT: ReadonlySet<string> = new Set([
  ...PAYLOAD_KEYS,
  ...['role', 'parentId', 'previousId', 'turnId', 'replyTo', 'severity', 'links', 'relatedUpdates'],
])

const redactValue = (value: unknown, redact: (text: string) => string): unknown => {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(each => redactValue(each, redact))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactValue(inner, redact)]))
}

/** The event with secrets redacted in every text of its payload but the ids that others count on. */
export const redactEvent = (event: SessionEvent, redact: (text: string) => string): SessionEvent => {
  const entries = Object.entries(event.payload).map(([name, value]) =>
    NOT_TEXT.has(name) ? [name, value] : [name, redactValue(value, redact)],
  )
  return { ...event, payload: Object.fromEntries(entries) } as SessionEvent
}
