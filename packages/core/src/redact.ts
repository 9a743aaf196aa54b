/**
 * Redaction of credentials in texts and JSON, as the tracker does it before an event is stored.
 * @module redact
 */
export { type RedactTextOptions, redactJson, redactText } from './session/redact-text.ts'
