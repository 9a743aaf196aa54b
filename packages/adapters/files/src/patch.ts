/**
 * Changes of a note. Texts are binary strings, one character for each byte: what people wrote stays byte for byte, whatever
 * its encoding is.
 */

/** A value of a property, in one line of YAML. */
export type Property = string | number | readonly string[]

/** A change of one file. Content that is there already is not added again, so that a change may be repeated. */
export type Patch = Readonly<{
  /** The whole text where there is no file. Absent: a file that is not there is an error. */
  create?: string
  /** Properties of the front matter that are ours. A note without front matter gets none. */
  properties?: Readonly<Record<string, Property>>
  /** A block between two lines; where people removed one of them it is left out. */
  block?: Readonly<{ open: string; close: string; text: string }>
  /** A line below a heading of the second level, and the mark at its end by which it is found. */
  entry?: Readonly<{ heading: string; line: string; mark: string }>
}>

/** UTF-8 as a binary string. */
export const toBinary = (text: string): string => {
  let made = ''
  for (const byte of new TextEncoder().encode(text)) made += String.fromCharCode(byte)
  return made
}

const escapeRegex = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A text as YAML: a JSON string is one, and is never taken for a number, a date or a boolean. */
const scalar = (value: string | number): string =>
  typeof value === 'number'
    ? String(value)
    : JSON.stringify(value).replace(
        /[\u0085\u2028\u2029]/g,
        each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )

/** A property as one line of YAML. */
export const propertyLine = (name: string, value: Property): string =>
  `${name}: ${typeof value === 'object' ? `[${value.map(scalar).join(', ')}]` : scalar(value)}`

/** Where the front matter ends, in lines; undefined where there is none: it begins with the first byte of the file. */
const endOfFrontMatter = (lines: readonly string[]): number | undefined => {
  if (!/^---[ \t]*\r?$/.test(lines[0] ?? '')) return undefined
  const end = lines.findIndex((line, place) => place > 0 && /^(---|\.\.\.)[ \t]*\r?$/.test(line))
  return end < 0 ? undefined : end
}

/** A line of YAML with nothing but a comment or blanks. */
const EMPTY = /^[ \t\r]*(#[\s\S]*)?$/

/** The lines of a value, and the comments that people wrote into it. */
type Extent = Readonly<{ end: number; comments: readonly string[] }>

/** Where a list, a mapping or a quoted text of YAML that begins in a line ends, in lines; one that never ends is that line. */
const endOfFlow = (head: readonly string[], place: number): Extent => {
  const first = (head[place] ?? '').replace(/^[^:]*:[ \t]*/, '')
  const comments: string[] = []
  if (!/^[[{"']/.test(first)) return { end: place + 1, comments }
  let depth = 0
  let quote = ''
  for (let n = place; n < head.length; n++) {
    const line = n === place ? first : (head[n] ?? '')
    for (let at = 0; at < line.length; at++) {
      const sign = line[at] as string
      if (quote === '"' && sign === '\\') at += 1
      else if (quote !== '') quote = sign === quote ? '' : quote
      else if (sign === '#' && /[ \t]/.test(line[at - 1] ?? ' ')) {
        comments.push(line.slice(at))
        break
      } else if (/["']/.test(sign) && !/[^\s[{,:]/.test(line[at - 1] ?? ' ')) quote = sign
      else depth += '[{'.includes(sign) ? 1 : ']}'.includes(sign) ? -1 : 0
    }
    if (depth <= 0 && quote === '') return { end: n + 1, comments }
  }
  return { end: place + 1, comments: [] }
}

/**
 * Whether front matter is a mapping in lines, as apps write it. Another form is left as it is: a mapping in braces, keys behind
 * `?`, and a document whose first line is not a key.
 */
const isPlain = (head: readonly string[]): boolean =>
  !/^[{[?&*!|>%@`]/.test(head.find(line => !EMPTY.test(line)) ?? '') &&
  !head.some(line => /^\?[ \t\r]/.test(line))

/** The comment behind a value that stands in one line, with the blanks before it. */
const commentOf = (line: string): string => {
  const value = line.replace(/^("[^"]*"|'[^']*'|[^:]*):/, '')
  let quote = ''
  for (let at = 0; at < value.length; at++) {
    const sign = value[at] as string
    if (quote === '"' && sign === '\\') at += 1
    else if (quote !== '') quote = sign === quote ? '' : quote
    else if (/["']/.test(sign) && /^[\s[{,]*$/.test(value.slice(Math.max(0, at - 1), at))) quote = sign
    else if (sign === '#' && /[ \t]/.test(value[at - 1] ?? '')) return value.slice(at - 1).replace(/\r$/, '')
  }
  return ''
}

/** The text of a property or item begins in the next line (`|`, `>`): what looks like a comment there is text. */
const SCALAR = /[|>][-+\d]*[ \t]*(#.*)?\r?$/

/**
 * Where the value of a property ends, in lines: an app may have written it over several. Lines that are indented or items
 * belong to it, and empty lines and comments between them.
 */
const extentOf = (head: readonly string[], place: number): Extent => {
  const flow = endOfFlow(head, place)
  let { end } = flow
  // Items that are not indented belong to a property without a value in its own line.
  const isList = /^[^:]*:[ \t]*(#[\s\S]*)?\r?$/.test(head[place] ?? '')
  for (let next = end; next < head.length; next++) {
    const line = head[next] ?? ''
    if (/^[ \t]+[^\s]/.test(line) || (isList && /^-([ \t\r]|$)/.test(line))) end = next + 1
    else if (!EMPTY.test(line)) break
  }
  const lines = head.slice(place, end)
  if (!isList || lines.some(line => SCALAR.test(line))) return { end, comments: flow.comments }
  const comments = lines.map(line => (EMPTY.test(line) ? line : commentOf(line)).trim())
  return { end, comments: comments.filter(each => each !== '') }
}

const setProperties = (text: string, properties: Readonly<Record<string, Property>>, eol: string): string => {
  const lines = text.split('\n')
  const end = endOfFrontMatter(lines)
  if (end === undefined) return text
  const cr = eol === '\r\n' ? '\r' : ''
  const head = lines.slice(1, end)
  if (!isPlain(head)) return text
  for (const [name, value] of Object.entries(properties)) {
    const line = toBinary(propertyLine(name, value))
    const place = head.findIndex(each =>
      new RegExp(`^["']?${escapeRegex(name)}["']?[ \\t]*:([ \\t\\r]|$)`).test(each),
    )
    if (place < 0) {
      head.push(`${line}${cr}`)
      continue
    }
    const old = head[place] ?? ''
    // Other values may be made of one that has a name.
    if (/:[ \t]+&/.test(old)) continue
    const { end: after, comments } = extentOf(head, place)
    const isOneLine = after === place + 1
    const kept = isOneLine ? [] : comments.map(each => `${each.trimEnd()}${cr}`)
    head.splice(place, after - place, `${line}${isOneLine ? commentOf(old) : ''}${cr}`, ...kept)
  }
  return [lines[0], ...head, ...lines.slice(end)].join('\n')
}

/** A line of text, where it begins, and whether it is outside of front matter and of blocks of code. */
type Line = Readonly<{ index: number; line: string; isText: boolean }>

/** The lines of a text from a place on that is outside of blocks of code, or from its beginning. A block without an end does not count. */
const linesOf = (text: string, from = 0): readonly Line[] => {
  const lines: { index: number; line: string; isText: boolean }[] = []
  let fence = ''
  let begin = 0
  let index = from
  const all = text.slice(from).split('\n')
  const head = from === 0 ? (endOfFrontMatter(all) ?? -1) : -1
  for (const [n, line] of all.entries()) {
    if (n <= head) {
      lines.push({ index, line, isText: false })
      index += line.length + 1
      continue
    }
    const [, mark = '', info = ''] = /^ {0,3}(`{3,}|~{3,})(.*)/.exec(line) ?? []
    if (fence === '' && mark !== '' && !(mark.startsWith('`') && info.includes('`'))) {
      fence = mark
      begin = lines.length
    } else if (mark.startsWith(fence[0] ?? '-') && mark.length >= fence.length && info.trim() === '') {
      for (const each of lines.slice(begin)) each.isText = false
      fence = ''
    }
    lines.push({ index, line, isText: true })
    index += line.length + 1
  }
  return lines
}

const setBlock = (
  text: string,
  { open, close, text: put }: NonNullable<Patch['block']>,
  eol: string,
): string => {
  // People may show the marks in a block of code: those mark nothing.
  const lines = linesOf(text).filter(({ isText }) => isText)
  const startsOf = (mark: string): readonly number[] =>
    lines.flatMap(({ index, line }) =>
      line.startsWith(mark) && /^[ \t]*\r?$/.test(line.slice(mark.length)) ? [index] : [],
    )
  const begins = startsOf(toBinary(open))
  const end = startsOf(toBinary(close)).find(index => index > (begins[0] ?? text.length))
  // Where people removed an end and the next block begins, the text between two beginnings is theirs.
  const begin = begins.findLast(index => index < (end ?? 0))
  if (begin === undefined || end === undefined) return text
  const made = `${open}\n${put}\n${close}`.replaceAll('\n', eol)
  return text.slice(0, begin) + toBinary(made) + text.slice(end + toBinary(close).length)
}

/** Whether a line has nothing but blanks. A byte A0 may be the end of a letter: only other bytes are blank. */
const isBlank = (line: string): boolean => /^[ \t\r]*$/.test(line)

/** Where the section of a heading ends: before the next heading of its level or above, after its last line with text. */
const endOfSection = (text: string, from: number): number => {
  let end = from
  for (const { index, line, isText } of linesOf(text, from)) {
    if (isText && /^#{1,2}[ \t]/.test(line)) break
    if (!isBlank(line)) end = index + (line.endsWith('\r') ? line.length - 1 : line.length)
  }
  return end
}

/** Shortest beginning of a line at the end of a file that is taken for one whose writing was cut off. */
const TORN_CHARS = 12

const addEntry = (
  text: string,
  { heading, line, mark }: NonNullable<Patch['entry']>,
  eol: string,
): string => {
  // Somewhere else in a line the mark is a link to the entry, or a quotation.
  if (new RegExp(`(^|[\\s])${escapeRegex(toBinary(mark))}[ \\t\\r]*$`, 'm').test(text)) return text
  const whole = toBinary(line)
  const last = text.slice(text.lastIndexOf('\n') + 1)
  if (last.length >= TORN_CHARS && whole.startsWith(last)) return `${text}${whole.slice(last.length)}${eol}`
  const title = new RegExp(`^##[ \\t]+${escapeRegex(toBinary(heading))}[ \\t]*\\r?$`)
  const found = linesOf(text).find(each => each.isText && title.test(each.line))
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol
  if (found === undefined) return `${text}${gap}${toBinary(`## ${heading}`)}${eol}${eol}${whole}${eol}`
  const after = found.index + found.line.length
  const end = endOfSection(text, after)
  const isLast = text.slice(end).split('\n').every(isBlank)
  const isEmpty = end <= after
  // At the end of the file the text only grows, and is appended without being rewritten.
  if (isLast && !isEmpty) return `${text}${text.endsWith('\n') ? '' : eol}${whole}${eol}`
  const before = `${text.slice(0, end)}${isEmpty ? eol : ''}${eol}${whole}`
  return isLast ? `${before}${eol}` : `${before}${text.slice(end)}`
}

/** The text after a change; the same text where there is nothing to change. */
export const applyPatch = (text: string | undefined, patch: Patch): string | undefined => {
  if (text === undefined) return patch.create === undefined ? undefined : toBinary(patch.create)
  // The first line decides, as nothing is ever added before its end.
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n'
  const { properties, block, entry } = patch
  const one = properties === undefined ? text : setProperties(text, properties, eol)
  const two = block === undefined ? one : setBlock(one, block, eol)
  return entry === undefined ? two : addEntry(two, entry, eol)
}
