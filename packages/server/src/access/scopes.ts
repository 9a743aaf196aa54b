import type { Scope } from '../operations/operation.ts'

/** Every scope: the rights of a caller. */
export const SCOPES: readonly Scope[] = ['read', 'record', 'act', 'destructive', 'any']

/** The rights that an API key has where nothing else was set. */
export const KEY_SCOPES: readonly Scope[] = ['read', 'record', 'act']

const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word)

/** The scopes in a text, between spaces or commas; unknown words are in `unknown`. */
export const parseScopes = (
  text: string,
): Readonly<{ scopes: readonly Scope[]; unknown: readonly string[] }> => {
  const words = text.split(/[\s,]+/).filter(word => word !== '')
  return { scopes: words.filter(isScope), unknown: words.filter(word => !isScope(word)) }
}
