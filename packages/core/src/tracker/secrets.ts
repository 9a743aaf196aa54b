import type { SecretSource } from '../transport/contract.ts'

/** A secret source that remembers what it gave, and strikes it out of any text. */
export type Secrets = Readonly<{ source: SecretSource; redact: (text: string) => string }>

/** Shorter values stand in too many words by accident. */
const SHORTEST = 4

const base64 = (text: string): string => {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}

/** How a value may come back: as it is, in an address, in JSON, and in the encoding of basic authentication. */
const shapes = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD')),
  JSON.stringify(value).slice(1, -1),
  base64(value),
]

/** Wraps a source. What it ever gave is kept in memory only, to be found again in what services say. */
export const rememberSecrets = (source: SecretSource): Secrets => {
  const seen = new Set<string>()
  let marks: readonly string[] = []
  const remember = (value: string | undefined): string | undefined => {
    if (value !== undefined && value.length >= SHORTEST && !seen.has(value)) {
      seen.add(value)
      // Longest first: a part of a secret must not leave the rest behind.
      marks = [...new Set([...seen].flatMap(shapes))].sort((a, b) => b.length - a.length)
    }
    return value
  }
  return {
    source: name => {
      const value = source(name)
      return typeof value === 'object' ? value.then(remember) : remember(value)
    },
    redact: text => marks.reduce((left, mark) => left.replaceAll(mark, '[secret]'), text),
  }
}
