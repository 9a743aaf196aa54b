/**
 * Reads where code is imported from, in time that grows with the length of a text alone: its author is not
 * trusted yet. It knows comments and white space, as they may stand between the words of an import, and no more of the language.
 */

/** Gives the first place of a pattern at or behind a place; the end where there is none. It keeps the last result. */
const createFinder = (text: string, pattern: RegExp): ((from: number) => number) => {
  let [asked, found] = [0, -1]
  return from => {
    if (from < asked || from > found) {
      pattern.lastIndex = from
      asked = from
      found = pattern.exec(text)?.index ?? text.length
    }
    return found
  }
}

/** Gives the place behind white space and comments. No comment is read twice, however many words stand in it. */
const createSkip = (text: string): ((from: number) => number) => {
  const known = new Map<number, number>()
  const findEnd = createFinder(text, /\*\//g)
  const findLine = createFinder(text, /[\n\r\u2028\u2029]/g)
  const findCode = createFinder(text, /\S/g)
  const step = (at: number): number => {
    const two = text.slice(at, at + 2)
    if (two === '/*') return Math.min(findEnd(at + 2) + 2, text.length)
    return two === '//' ? findLine(at + 2) : findCode(at)
  }
  return from => {
    const passed: number[] = []
    let at = from
    for (;;) {
      const end = known.get(at)
      const next = end ?? step(at)
      if (next === at) break
      passed.push(at)
      at = next
    }
    for (const each of passed) known.set(each, at)
    return at
  }
}

/** A text without parts that are computed. An escape stays in it, and is refused where the address is looked at. */
const LITERAL = /'([^'\n\r]*)'|"([^"\n\r]*)"|`([^`$]*)`/y

type Literal = Readonly<{ value: string; end: number }>

const literalAt = (text: string, at: number): Literal | undefined => {
  LITERAL.lastIndex = at
  const found = LITERAL.exec(text)
  return found === null
    ? undefined
    : { value: found[1] ?? found[2] ?? found[3] ?? '', end: at + found[0].length }
}

/** Imports of a text. */
export type Imports = Readonly<{
  /** Their addresses, as they are written. */
  addresses: readonly string[]
  /** The first thing that loads what cannot be known before it runs. */
  computed?: string
}>

/** Reads the imports of code. Words in comments and strings count too: it is enough to rewrite them. */
export const readImports = (text: string): Imports => {
  const skip = createSkip(text)
  const addresses: string[] = []
  const computed: string[] = []
  for (const { 0: word, index } of text.matchAll(/\b(?:import|require|from)\b/g)) {
    const next = skip(index + word.length)
    const isCall = text[next] === '('
    // As in `Array.from('x')`.
    if (isCall && word === 'from') continue
    const address = literalAt(text, isCall ? skip(next + 1) : next)
    if (address !== undefined) addresses.push(address.value)
    if (word === 'from' || (!isCall && word === 'import')) continue
    // The whole address is a literal: `'./a' + name` only begins with one.
    const end = address === undefined || !isCall ? '' : (text[skip(address.end)] ?? '')
    if (end !== ')' && end !== ',')
      computed.push(word === 'import' ? 'import() of a computed address' : 'require without an address')
  }
  const findClose = createFinder(text, /\)/g)
  let close = -1
  for (const { 0: word, index } of text.matchAll(/\bnew\b|\bimport\b/g)) {
    const at = skip(index + word.length)
    if (word === 'new' && text.startsWith('URL', at)) {
      const open = skip(at + 'URL'.length)
      if (text[open] === '(') close = Math.max(close, findClose(open))
    } else if (index < close && text[at] === '.' && text.startsWith('meta', skip(at + 1)))
      computed.push('import.meta')
  }
  const [first] = computed
  return { addresses, ...(first === undefined ? {} : { computed: first }) }
}
