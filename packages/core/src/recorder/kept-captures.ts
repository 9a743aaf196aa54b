import type { Json } from '../session/schema.ts'
import { wordsOf } from '../session/search.ts'

/** Shorter words say nothing of where they come from. */
const SHORTEST = 4

const addWords = (into: Set<string>, value: unknown): void => {
  if (typeof value === 'string') for (const word of wordsOf(value)) into.add(word)
  else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) addWords(into, each)
}

const collect = (values: readonly unknown[]): ReadonlySet<string> => {
  const words = new Set<string>()
  addWords(words, values)
  return words
}

/**
 * Makes the question whether a captured value has a word of the erased texts, as the path of a note or the address of an
 * issue may have. Words that stay elsewhere say nothing: those of what is left of the events, and of the configuration.
 */
export const findErasedWords = (
  before: readonly unknown[],
  after: readonly unknown[],
): ((value: Json, known: readonly unknown[]) => boolean) => {
  const left = collect(after)
  const erased = [...collect(before)].filter(word => word.length >= SHORTEST && !left.has(word))
  return (value, known) => {
    if (erased.length === 0) return false
    const ours = collect(known)
    const found = collect([value])
    return erased.some(word => found.has(word) && !ours.has(word))
  }
}
