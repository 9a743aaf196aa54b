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

const setProperties = (text: string, properties: Readonly<Record<string, Property>>, eol: string): string => {
  const lines = text.split('\n')
  const end = endOfFrontMatter(lines)
  if (end === undefined) return text
  const cr = eol === '\r\n' ? '\r' : ''
  const head = lines.slice(1, end)
  for (const [name, value] of Object.entries(properties)) {
    const line = `${toBinary(propertyLine(name, value))}${cr}`
    const place = head.findIndex(each =>
      new RegExp(`^["']?${escapeRegex(name)}["']?[ \\t]*:([ \\t\\r]|$)`).test(each),
    )
    if (place < 0) {
      head.push(line)
      continue
    }
    // The app may have written our list over several lines: those that are indented or items belong to it.
    let after = place + 1
    while (after < head.length && /^([ \t]+\S|-[ \t\r]|-$)/.test(head[after] ?? '')) after += 1
    head.splice(place, after - place, line)
  }
  return [lines[0], ...head, ...lines.slice(end)].join('\n')
}

const setBlock = (
  text: string,
  { open, close, text: put }: NonNullable<Patch['block']>,
  eol: string,
): string => {
  const lineOf = (mark: string) => new RegExp(`^${escapeRegex(toBinary(mark))}[ \\t]*(?=\\r?$)`, 'gm')
  const begins = [...text.matchAll(lineOf(open))]
  const ends = [...text.matchAll(lineOf(close))]
  const end = ends.find(({ index }) => index > (begins[0]?.index ?? text.length))
  // Where people removed an end and the next block begins, the text between two beginnings is theirs.
  const begin = begins.findLast(({ index }) => index < (end?.index ?? 0))
  if (begin === undefined || end === undefined) return text
  const made = `${open}\n${put}\n${close}`.replaceAll('\n', eol)
  return text.slice(0, begin.index) + toBinary(made) + text.slice(end.index + end[0].length)
}

/** Where the section of a heading ends: before the next heading of its level or above, after its last line with text. */
const endOfSection = (text: string, from: number): number => {
  let end = text.length
  let fence = ''
  let place = from
  for (const line of text.slice(from).split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined && (fence === '' || (mark[0] === fence[0] && mark.length >= fence.length)))
      fence = fence === '' ? mark : ''
    else if (fence === '' && /^#{1,2}[ \t]/.test(line)) {
      end = place
      break
    }
    place += line.length + 1
  }
  return from + text.slice(from, end).trimEnd().length
}

/** Shortest beginning of a line at the end of a file that is taken for one whose writing was cut off. */
const TORN_CHARS = 12

const addEntry = (
  text: string,
  { heading, line, mark }: NonNullable<Patch['entry']>,
  eol: string,
): string => {
  if (text.includes(toBinary(mark))) return text
  const whole = toBinary(line)
  const last = text.slice(text.lastIndexOf('\n') + 1)
  if (last.length >= TORN_CHARS && whole.startsWith(last)) return `${text}${whole.slice(last.length)}${eol}`
  const found = new RegExp(`^##[ \\t]+${escapeRegex(toBinary(heading))}[ \\t]*\\r?$`, 'm').exec(text)
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol
  if (found === null) return `${text}${gap}${toBinary(`## ${heading}`)}${eol}${eol}${whole}${eol}`
  const after = found.index + found[0].length
  const end = endOfSection(text, after)
  const isLast = text.slice(end).trim() === ''
  const isEmpty = end <= after
  // At the end of the file the text only grows, and is appended without being rewritten.
  if (isLast && !isEmpty) return `${text}${text.endsWith('\n') ? '' : eol}${whole}${eol}`
  const before = `${text.slice(0, end)}${isEmpty ? eol : ''}${eol}${whole}`
  return isLast ? `${before}${eol}` : `${before}${text.slice(end)}`
}

/** The text after a change; the same text where there is nothing to change. */
export const applyPatch = (text: string | undefined, patch: Patch): string | undefined => {
  if (text === undefined) return patch.create === undefined ? undefined : toBinary(patch.create)
  const eol = /\r\n/.test(text) ? '\r\n' : '\n'
  const { properties, block, entry } = patch
  const one = properties === undefined ? text : setProperties(text, properties, eol)
  const two = block === undefined ? one : setBlock(one, block, eol)
  return entry === undefined ? two : addEntry(two, entry, eol)
}
