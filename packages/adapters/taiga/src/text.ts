import { type Card, cut, type Entry, type Row } from '@sessionwire/core/adapter'

/** Longest text we send, in characters, unless configured. Taiga has no limit of its own and suffers from long texts. */
export const MAX_TEXT = 50_000
/** Longest subject we send, in characters. */
const MAX_SUBJECT = 500
/** Longest note on what blocks, in characters. */
const MAX_NOTE = 2_000
/** Most items of one list. */
const MAX_ITEMS = 100

/** How text from outside is written down. */
export type Writing = Readonly<{ links: 'code' | 'live'; maxLength: number }>

/** Everything that ends a line somewhere. */
const LINE_ENDS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g
/** Controls show nothing (and NUL breaks the database); overrides of direction reach beyond the text they came in. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu

/** Text as one may store it: line ends alike, no controls, no lone surrogates, no overrides of direction. */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replace(LINE_ENDS, '\n')
    .replace(UNSEEN, found => (found === '\n' ? '\n' : found === '\t' ? ' ' : ''))

/** At most `length` UTF-16 units, never half a pair; what was cut ends with `…`. */
const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1)).replace(/[\ud800-\udbff]$/, '')}…`

/** One line without markup, for places that show text as it is. */
export const plain = (text: string, length = MAX_SUBJECT): string =>
  cut(
    clean(text.slice(0, length * 8))
      .replace(/\s+/g, ' ')
      .trim(),
    length,
  )

// ── words: Taiga renders with Python-Markdown and extensions of its own
// (https://github.com/taigaio/taiga-back/tree/main/taiga/mdrender)

/** A character of no width: what Markdown gives no escape for is parted by it. */
const GAP = '\u200b'
/** What Taiga makes links of, and e-mail addresses. */
const ADDRESS = /:\/\/|\/\/[^\s/]|www\.|mailto:|[^\s@]@[^\s@]+\.\p{L}/iu
const WEB = /^https?:\/\/[^\s<>()[\]`\\]+$/i
const AROUND = new Set('()[]{}<>"\'*_~.,;:!?|')

/** Names of emoji are looked for before everything else, even in code; `10:30:00` is none. */
const EMOJI = /:(?=(?:100|1234|[+-]1|8?[a-z][a-z0-9_-]*):)/g
/** Signs that mean something in the middle of a line, and how they are written to mean nothing. */
const SIGNS = /[\\`*_{}[\]#|<>@]|&(?=#?\w+(?:;|$))|~(?=~)/g
const INSTEAD: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  // A mention notifies, also after an escaped sign; so no `@` is left with a name.
  '@': `@${GAP}`,
  '~': `~${GAP}`,
}

const marked = (text: string): string => text.replace(SIGNS, sign => INSTEAD[sign] ?? `\\${sign}`)

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** Code holds whatever it holds: no link, no mention. Backticks inside need a longer fence. */
const code = (text: string): string => {
  const longest = longestRun(text)
  const fence = '`'.repeat(longest + 1)
  return longest === 0 && !text.endsWith('\\') ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}

/** Taiga makes a link of an address as it stands, and of nothing in angles; what means more to it is percent-encoded. */
const live = (address: string): string =>
  marked(
    address
      .replaceAll(`:${GAP}`, '%3A')
      .replaceAll('@', '%40')
      .replace(/~(?=~)/g, '%7E'),
  )

const addressed = (word: string, links: Writing['links']): string => {
  let from = 0
  let to = word.length
  while (from < to && AROUND.has(word.charAt(from))) from += 1
  while (to > from && AROUND.has(word.charAt(to - 1))) to -= 1
  const inside = word.slice(from, to)
  const shown = links === 'live' && WEB.test(inside) ? live(inside) : inside === '' ? '' : code(inside)
  return marked(word.slice(0, from)) + shown + marked(word.slice(to))
}

const wordText = (text: string, links: Writing['links']): string => {
  const word = text.replace(EMOJI, `:${GAP}`)
  return ADDRESS.test(word) ? addressed(word, links) : marked(word)
}

/** What begins a list, a rule, a heading, a definition or a fence when it begins a line. */
const atLineStart = (line: string): string => {
  if (/^[-+]/.test(line)) return `\\${line}`
  if (/^[=:~]/.test(line)) return `${GAP}${line}`
  return line.replace(/^(\d+)\./, '$1\\.')
}

// ── lines

/** Most lines have nothing in them that would mean anything. */
const HARMLESS = /^[^\\`*_{}[\]#|<>@&~:/]*$/

const oneLine = (text: string, links: Writing['links']): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  if (HARMLESS.test(line) && !/www\./i.test(line)) return atLineStart(line)
  const words = line
    .split(' ')
    .map(word => (HARMLESS.test(word) && !/www\./i.test(word) ? word : wordText(word, links)))
  return atLineStart(words.join(' '))
}

/** Text from outside as one line of Markdown that shows exactly it; `length` counts before escaping. */
export const inline = (text: string, length: number, links: Writing['links']): string =>
  oneLine(shorten(clean(text.slice(0, length * 2)), length), links)

/** Text from outside as Markdown that shows exactly it: line ends stay, several in a row end one paragraph. */
export const block = (text: string, length: number, links: Writing['links']): string =>
  shorten(clean(text.slice(0, length * 2)).trim(), length)
    .split(/\n\s*\n/)
    .map(paragraph =>
      paragraph
        .split('\n')
        .map(line => oneLine(line, links))
        .filter(line => line !== '')
        .join('\n'),
    )
    .filter(paragraph => paragraph !== '')
    .join('\n\n')

/** Writes with less and less of each text until the whole fits. */
const fit = (room: number, write: (length: number) => string): string => {
  for (let length = room; ; ) {
    const made = write(length)
    if (made.length <= room || length === 0) return made
    length = Math.floor(length * Math.min(0.7, (0.95 * room) / made.length))
  }
}

// ── cards and entries

const rowText = (row: Row, length: number, links: Writing['links']): string => {
  if ('text' in row) return `**${row.label}:** ${block(row.text, length, links) || '…'}`
  const shown = Math.max(3, Math.min(MAX_ITEMS, Math.floor(length / 20)))
  const left = row.items.length - shown
  const items = row.items.slice(0, shown).map(item => `- ${inline(item, length, links) || '…'}`)
  return [`**${row.label}:**\n`, ...items, ...(left > 0 ? [`- (${left} more)`] : [])].join('\n')
}

const linked = (sessionUrl: string | undefined): readonly string[] =>
  sessionUrl === undefined ? [] : [`[Open the session](<${sessionUrl}>)`]

/** The card as Markdown. `headed`: with the session's title, where there is no subject above it. */
export const cardText = (
  card: Card,
  writing: Writing,
  more: Readonly<{ headed?: boolean; sessionUrl?: string | undefined }> = {},
): string =>
  fit(writing.maxLength, length =>
    [
      ...(more.headed === true ? [`**${inline(card.title, 400, writing.links) || 'Session'}**`] : []),
      `\`${card.bar}\` ${card.progress} % · **${card.standing}**`,
      ...card.rows.map(row => rowText(row, length, writing.links)),
      ...linked(more.sessionUrl),
    ].join('\n\n'),
  )

/** An entry as Markdown. */
export const entryText = (entry: Entry, writing: Writing): string =>
  fit(writing.maxLength, length =>
    [
      `**${inline(entry.heading, Math.min(400, length), writing.links)}**`,
      block(entry.text, length, writing.links) || '…',
      ...entry.rows.map(row => rowText(row, length, writing.links)),
    ].join('\n\n'),
  )

/** What blocks, for the note on the card; empty when nothing does. */
export const noteText = (
  blockers: readonly Readonly<{ description: string; severity: string }>[],
  links: Writing['links'],
): string =>
  fit(MAX_NOTE, length =>
    blockers
      .slice(-20)
      .map(({ description, severity }) => `${inline(description, length, links) || '…'} (${severity})`)
      .join('\n'),
  )

// ── what a program hands over

/** Text to write: a string is shown exactly as it is; `markdown` is the caller's own markup, cleaned. */
export type Text = string | Readonly<{ markdown: string }>

/** Markdown of a text, cut. Markup of its own keeps its meaning, mentions included. */
export const written = (text: Text, { links, maxLength }: Writing): string =>
  typeof text === 'string'
    ? fit(maxLength, length => block(text, length, links))
    : shortened(text.markdown, maxLength)

/** Cut to its room at the end of a line where there is one near, else between code points, with `…`. */
const shortened = (text: string, room: number): string => {
  if (text.length <= room) return text
  const kept = text.slice(0, room - 2).replace(/[\ud800-\udbff]$/, '')
  const end = kept.lastIndexOf('\n')
  return end > room / 2 ? `${kept.slice(0, end)}\n…` : `${kept}…`
}

/** Text that shows as it stands, in a block of code; cut between lines where it is too long. */
export const fenced = (text: string, language: string, maxLength: number): string => {
  const whole = clean(text)
  const fence = '`'.repeat(Math.max(3, longestRun(whole) + 1))
  return `${fence}${language}\n${shortened(whole, maxLength - 2 * fence.length - language.length - 2)}\n${fence}`
}

/** Signs that CommonMark escapes and Python-Markdown does not; a gap before them keeps them from meaning anything. */
const UNESCAPABLE = /[!-/:-@[-`{-~]/
const ESCAPABLE = /[\\`*_{}[\]()>#+.!|-]/

/** An escape of CommonMark as Taiga's Markdown understands it. */
const escapeOf = (sign: string): string => {
  if (ESCAPABLE.test(sign)) return `\\${sign}`
  return INSTEAD[sign] ?? (UNESCAPABLE.test(sign) ? `${GAP}${sign}` : `\\${sign}`)
}
/** An escape, or a sign that means more to Taiga than to CommonMark. */
const COMMON_SIGNS = /\\(.)|[<@]|#(?=\d)|:(?=(?:100|1234|[+-]1|8?[a-z][a-z0-9_-]*):)/gs

/**
 * An export. Markdown is CommonMark as the core writes it, with every text from outside escaped: what Taiga's Markdown
 * understands otherwise is said in its own way. Other formats are shown as code.
 */
export const exportText = (
  format: 'json' | 'markdown' | 'context',
  content: string,
  maxLength: number,
): string => {
  if (format !== 'markdown') return fenced(content, format === 'json' ? 'json' : 'text', maxLength)
  const own = clean(content).replace(COMMON_SIGNS, (found, sign: string | undefined) => {
    if (sign !== undefined) return escapeOf(sign)
    return found === '#' ? '\\#' : (INSTEAD[found] ?? `${found}${GAP}`)
  })
  return shortened(own, maxLength)
}
