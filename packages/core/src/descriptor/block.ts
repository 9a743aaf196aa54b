/** A mark of a block: where it stands, and whether it opens or closes. `index` is of the text or of the array. */
type Mark = Readonly<{ kind: 'open' | 'close'; index: number }>

/** The first and the last mark of a block. */
type Span = Readonly<{ from: number; to: number }>

/**
 * The block that is ours. People may copy it: a copy within is a part of it, one behind or before it is theirs. Where people
 * removed a closing mark, what stands between two opening ones is theirs.
 */
const spanOf = (marks: readonly Mark[]): Span | undefined => {
  let depth = 0
  let from = 0
  let opened: number | undefined
  let inner: Span | undefined
  for (const { kind, index } of marks) {
    if (kind === 'open') {
      if (depth === 0) from = index
      depth += 1
      if (inner === undefined) opened = index
    } else if (depth > 0) {
      depth -= 1
      if (opened !== undefined) inner ??= { from: opened, to: index }
      if (depth === 0) return { from, to: index }
    }
  }
  return inner
}

/** Begin and end of blocks of code in a text, in Markdown and in wiki text; one without an end does not count. */
const codeIn = (text: string): readonly Span[] => {
  const spans: Span[] = []
  let fence = ''
  let from = 0
  for (const { 0: line, index } of text.matchAll(/^.*$/gm)) {
    const [, mark = '', info = ''] =
      /^[ \t]{0,3}(`{3,}|~{3,}|\{(?:code|noformat)\b[^}]*\})(.*)/.exec(line) ?? []
    if (mark === '') continue
    const kind = mark.startsWith('{') ? mark.replace(/:.*/, '}') : mark
    if (fence === '') {
      if (mark.startsWith('`') && info.includes('`')) continue
      fence = kind
      from = index
    } else if (kind.startsWith(fence) && info.trim() === '') {
      spans.push({ from, to: index + line.length })
      fence = ''
    }
  }
  return spans
}

const placesOf = (text: string, mark: string, kind: Mark['kind']): readonly Mark[] => {
  const found: Mark[] = []
  for (let index = text.indexOf(mark); index >= 0; index = text.indexOf(mark, index + mark.length))
    found.push({ kind, index })
  return found
}

/** The block between two marks of a text; marks in blocks of code mark nothing. `undefined`: a mark is missing. */
export const blockInText = (text: string, open: string, close: string): Span | undefined => {
  const code = codeIn(text)
  let next = 0
  const marks = [...placesOf(text, open, 'open'), ...placesOf(text, close, 'close')]
    .sort((one, other) => one.index - other.index)
    .filter(({ index }) => {
      while ((code[next]?.to ?? index) < index) next += 1
      return index < (code[next]?.from ?? index + 1)
    })
  return spanOf(marks)
}

/** The texts of a value; those of several lines are blocks of code, which mark nothing. */
const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.includes('\n') ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** The items of an array from the one with the opening mark to the one with the closing mark. */
export const blockInItems = (items: readonly unknown[], open: string, close: string): Span | undefined =>
  spanOf(
    items.flatMap((item, index) =>
      textsOf(item).flatMap(text =>
        [...placesOf(text, open, 'open'), ...placesOf(text, close, 'close')]
          .sort((one, other) => one.index - other.index)
          .map(({ kind }) => ({ kind, index })),
      ),
    ),
  )
