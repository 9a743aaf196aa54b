import { type Card, cut, type Entry, type Row } from '@sessionwire/core/adapter'

/** Longest text we send, in characters; Linear documents no limit of its own. */
export const MAX_TEXT = 50_000
/** Longest title we send, in characters. */
const MAX_TITLE = 255
/** Longest row of a card, in characters: a card is looked at, its entries are read. */
const MAX_CARD_ROW = 4_000
/** Longest list item in a card or entry, in characters. */
const MAX_ITEM = 1_000

/** How text from outside is written down. */
export type Writing = Readonly<{ links: 'code' | 'live'; maxLength: number }>

/** Everything that ends a line somewhere, and the tab, which would indent. */
const LINE_ENDS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g
/** Controls show nothing and hide much; bidirectional overrides would reach beyond the text they came in. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Text as one may store it: line ends alike, no controls, no lone surrogates, no overrides of direction. */
export const clean = (text: string): string =>
  text
    .replace(LINE_ENDS, '\n')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(UNSEEN, found => (found === '\n' ? '\n' : found === '\t' ? ' ' : ''))

/** What lies far beyond its room is not even looked at: a text may be as long as memory. */
const near = (text: string, room: number): string =>
  text.length <= room * 4 ? clean(text) : `${clean(text.slice(0, room * 4))}…`

/** One line without markup, for places that show text as it is. */
export const plain = (text: string, length = MAX_TITLE): string =>
  cut(near(text, length).replace(/\s+/g, ' ').trim(), length)

// ── words

/** What a Markdown reader, or Linear after it, may take for an address: by scheme, by domain, by host. */
const ADDRESS = /\/\/[^\s/]|[^\s.]\.\p{L}[\p{L}\p{M}]|mailto:/iu
const WEB = /^https?:\/\/[^\s<>`]+$/i
const AROUND = new Set('()[]{}<>"\'*_~.,;:!?|')

/** Every mark that means something in the middle of a line; a mention begins with `@`. */
const marked = (text: string): string =>
  text.replace(/[\\`*_[\]<>~|&]/g, '\\$&').replace(/@(?=[\p{L}\p{N}_])/gu, '\\@')

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** Code holds whatever it holds: no link, no mention. Backticks inside need a longer fence. */
const code = (text: string): string => {
  const longest = longestRun(text)
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}

const addressed = (word: string, links: Writing['links']): string => {
  let from = 0
  let to = word.length
  while (from < to && AROUND.has(word.charAt(from))) from += 1
  while (to > from && AROUND.has(word.charAt(to - 1))) to -= 1
  const inside = word.slice(from, to)
  const shown = links === 'live' && WEB.test(inside) ? `<${inside}>` : inside === '' ? '' : code(inside)
  return marked(word.slice(0, from)) + shown + marked(word.slice(to))
}

const written = (word: string, links: Writing['links']): string =>
  ADDRESS.test(word) ? addressed(word, links) : marked(word)

/** What begins a heading, a list, a rule, a table or a fold when it begins a line. */
const atLineStart = (line: string): string =>
  /^[-#+=:]/.test(line) ? `\\${line}` : line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')

/** As much of a word as surely fits: escaping, or a fence for its backticks, at most makes four of one. */
const start = (word: string, room: number): string => {
  const part = cut(word.slice(0, room), Math.floor((room - 4) / 4)).replace(/…$/, '')
  return ADDRESS.test(part) ? code(part) : marked(part)
}

// ── lines

type Line = Readonly<{ text: string; whole: boolean }>

/** One line from outside, escaped and no longer than `room`; `whole` is false when it was cut. */
const lineOf = (text: string, room: number, links: Writing['links']): Line => {
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (word === '') continue
    const gap = line === '' ? '' : ' '
    // Escaping makes nothing shorter: a word beyond its room needs no escaping to be seen as such.
    const next = word.length > room ? word : written(word, links)
    // Two are kept for a mark at the start of the line, and for the sign that something is missing.
    if (line.length + gap.length + next.length + 2 <= room) line += gap + next
    else {
      const left = room - line.length - gap.length - 2
      const part = left > 8 ? `${gap}${start(word, left)}` : ''
      return { text: atLineStart(`${line}${part}…`), whole: false }
    }
  }
  return { text: atLineStart(line), whole: true }
}

/** Text from outside as one line of Markdown that shows exactly it. */
export const inline = (text: string, room: number, links: Writing['links']): string =>
  lineOf(near(text, room).replaceAll('\n', ' '), room, links).text

/** Text from outside as Markdown that shows exactly it: line ends stay, several in a row become one paragraph's end. */
export const block = (text: string, room: number, links: Writing['links']): string => {
  let all = ''
  for (const paragraph of near(text, room).split(/\n\s*\n/)) {
    let between = '\n\n'
    for (const raw of paragraph.split('\n')) {
      const gap = all === '' ? '' : between
      // One is kept for the sign that something is missing.
      const left = room - all.length - gap.length - 1
      const line = lineOf(raw, left, links)
      if (line.text === '') continue
      if (line.text.length > left) return `${all}…`
      all += gap + line.text
      if (!line.whole) return all
      between = '  \n'
    }
  }
  return all
}

// ── cards and entries

type Part = Readonly<{ whole: string; write: (room: number) => string }>

/** Short parts get what they need; long ones share what is left. */
const shares = (sizes: readonly number[], room: number): readonly number[] => {
  const given = sizes.map(() => 0)
  let left = room
  const order = sizes.map((size, place) => ({ size, place })).sort((a, b) => a.size - b.size)
  for (const [done, { size, place }] of order.entries()) {
    const share = Math.min(size, Math.floor(left / (order.length - done)))
    given[place] = share
    left -= share
  }
  return given
}

const listed = (items: readonly string[], room: number, links: Writing['links']): string => {
  let all = ''
  for (const item of items) {
    const line = `\n- ${inline(item, Math.min(MAX_ITEM, room - all.length - 8), links) || '…'}`
    if (all.length + line.length + 4 > room) return `${all}\n- …`
    all += line
  }
  return all
}

const partOf = (row: Row, writing: Writing, most = writing.maxLength): Part => {
  const write = (room: number) =>
    'text' in row
      ? `**${row.label}:** ${block(row.text, room - row.label.length - 6, writing.links)}`
      : `**${row.label}:**\n${listed(row.items, room - row.label.length - 6, writing.links)}`
  return { whole: write(Math.min(most, writing.maxLength)), write }
}

const page = (head: string, parts: readonly Part[], maxLength: number): string => {
  const gaps = parts.length * 2
  const given = shares(
    parts.map(({ whole }) => whole.length),
    maxLength - head.length - gaps,
  )
  const texts = parts.map(({ whole, write }, place) => {
    const room = given[place] ?? 0
    return whole.length <= room ? whole : write(room)
  })
  return [head, ...texts].join('\n\n')
}

/** The card as Markdown. `headed`: with the session's title, where there is no issue title above it. */
export const cardText = (card: Card, writing: Writing, headed = false): string => {
  const title = headed ? `**${inline(card.title, 400, writing.links) || 'Session'}**\n\n` : ''
  const head = `${title}\`${card.bar}\` ${card.progress} % · **${card.standing}**`
  return page(
    head,
    card.rows.map(row => partOf(row, writing, MAX_CARD_ROW)),
    writing.maxLength,
  )
}

/** An entry as Markdown. */
export const entryText = (entry: Entry, writing: Writing): string => {
  const write = (room: number) => block(entry.text, room, writing.links) || '…'
  const text: Part = { whole: write(writing.maxLength), write }
  const head = `**${inline(entry.heading, 400, writing.links)}**`
  return page(head, [text, ...entry.rows.map(row => partOf(row, writing))], writing.maxLength)
}

const ESCAPED = /\\([!-/:-@[-`{-~])/g

/** Markdown that was escaped elsewhere: what is left in it that could be taken for an address becomes code as well. */
export const calmed = (markdown: string, { links, maxLength }: Writing): string => {
  let all = ''
  for (const [piece] of near(markdown, maxLength).matchAll(/\S+|\s+/g)) {
    const shown = piece.replace(ESCAPED, '$1')
    const next = links === 'code' && ADDRESS.test(shown) ? code(shown) : piece
    if (all.length + next.length > maxLength - 1) return `${all}…`
    all += next
  }
  return all
}

/** Text that shows as it stands, in a block of code; cut between lines where it is too long. */
export const fenced = (text: string, language: string, maxLength: number): string => {
  const whole = near(text, maxLength)
  const fence = '`'.repeat(Math.max(3, longestRun(whole) + 1))
  return `${fence}${language}\n${shortened(whole, maxLength - 2 * fence.length - language.length - 2)}\n${fence}`
}

/** Cut to its room at the end of a line where there is one near, else between code points, with `…`. */
export const shortened = (text: string, room: number): string => {
  if (text.length <= room) return text
  const kept = text.slice(0, room - 2).replace(/[\ud800-\udbff]$/, '')
  const end = kept.lastIndexOf('\n')
  return end > room / 2 ? `${kept.slice(0, end)}\n…` : `${kept}…`
}
