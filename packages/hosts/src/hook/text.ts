import { redactText } from '@sessionwire/core/redact'

/** Longest text of a prompt, answer or command, in bytes of UTF-8. */
export const TEXT_BYTES = 65_536
/** Longest answer of a tool, in bytes of UTF-8. */
export const ANSWER_BYTES = 4_096
/** Longest name, path or word, in bytes of UTF-8. */
export const NAME_BYTES = 1_024
/** A string of more characters is replaced by its length: to redact it takes too long, and unredacted nothing is kept. */
const WHOLE_CHARACTERS = 262_144

/** Keeps a text: redacted as a whole, then cut. */
export type Keep = (text: string, bytes: number) => string

const cut = (text: string, bytes: number): string => {
  if (text.length * 3 <= bytes) return text
  const raw = Buffer.from(text)
  if (raw.length <= bytes) return text
  return `${raw
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD+$/, '')} … [cut: ${text.length} characters]`
}

const CREDENTIAL = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i

/** Replaces the values of environment variables that are named like credentials. */
const redactKnown = (env: Readonly<Record<string, string | undefined>>): ((text: string) => string) => {
  const values = Object.entries(env)
    .flatMap(([name, value = '']) => (CREDENTIAL.test(name) && value.length >= 12 ? [value] : []))
    .sort((a, b) => b.length - a.length)
  return text => {
    let result = text
    for (const value of values) if (result.includes(value)) result = result.replaceAll(value, '[redacted]')
    return result
  }
}

/** Makes the function that every kept string passes. */
export const createKeep = (env: Readonly<Record<string, string | undefined>>): Keep => {
  const known = redactKnown(env)
  return (text, bytes) =>
    text.length > WHOLE_CHARACTERS
      ? `[text of ${text.length} characters]`
      : cut(redactText(text, { redact: known }).toWellFormed(), bytes)
}
