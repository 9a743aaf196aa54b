import type { SessionEvent } from './events.ts'

/** Longest beginning of a word that a search index keeps, in characters: an index of PostgreSQL takes no entry of any length. */
const LONGEST = 40
/** Words of a query that a store narrows by; the caller compares the whole query with what it is given. */
const MOST = 16

const fold = (text: string): string => text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ')

/** The words of a text, case-folded: every character other than a letter, a mark or a digit parts them. */
export const wordsOf = (text: string): readonly string[] =>
  fold(text)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(word => word !== '')

const cut = (word: string): string => (word.length <= LONGEST ? word : [...word].slice(0, LONGEST).join(''))

/** The longest words of a query, as an index keeps them: a store is asked for these. */
export const narrow = (words: readonly string[]): readonly string[] =>
  [...new Set(words.map(cut))].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, MOST)

const addWords = (into: Set<string>, value: unknown): void => {
  if (typeof value === 'string') for (const word of wordsOf(value)) into.add(cut(word))
  else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) addWords(into, each)
}

/**
 * Adds what a search index keeps of a session: every word of its title and of its events. It may have more than a query
 * finds, and never less.
 */
export const indexWords = (
  into: Set<string>,
  title: string,
  events: readonly SessionEvent[],
): Set<string> => {
  addWords(into, title)
  for (const { payload } of events) addWords(into, payload)
  return into
}
