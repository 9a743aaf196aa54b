import type { Card, Entry, Row } from '@sessionwire/core/adapter'

/** A part of a line. Text in it is data: Slack looks for no mention, link or entity there. */
type Piece =
  | Readonly<{ type: 'text'; text: string; style?: Readonly<{ bold?: true; code?: true }> }>
  | Readonly<{ type: 'link'; url: string; text: string; style?: Readonly<{ bold?: true }> }>
  | Readonly<{ type: 'emoji'; name: string }>

type Section = Readonly<{ type: 'rich_text_section'; elements: readonly Piece[] }>
type Part =
  | Section
  | Readonly<{ type: 'rich_text_list'; style: 'bullet'; elements: readonly Section[] }>
  | Readonly<{ type: 'rich_text_preformatted'; elements: readonly Piece[] }>

/** What a message shows: one block of rich text. */
type Block = Readonly<{ type: 'rich_text'; elements: readonly Part[] }>

/** A message: its blocks, and the escaped text of notifications, search and screen readers. */
export type Message = Readonly<{ text: string; blocks: readonly Block[] }>

/**
 * Longest texts, in UTF-16 units. Slack publishes no limit for rich text; text objects end at 3,000, and whole messages
 * were refused above 13,200 of block text (https://github.com/metabase/metabase/pull/79908).
 */
const MAX = {
  rows: 9_800,
  title: 150,
  cardRow: 1_200,
  entry: 3_000,
  entryRow: 2_000,
  item: 250,
  items: 10,
  export: 11_000,
}
/** Longest fallback: `chat.update` refuses more than 4,000 characters (`msg_too_long`). */
const MAX_FALLBACK = 3_900

// ── text from outside

/** Everything that ends a line somewhere. */
const LINE_ENDS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g
/** Controls show nothing and hide much; bidirectional overrides would reach beyond the text they came in. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Nothing is shown that is longer than a sixth of this, so what lies beyond is never looked at. */
const SEEN = 65_536

/** Text as one may show it: line ends alike, no controls, no lone surrogates, no overrides of direction. */
export const clean = (text: string): string =>
  text
    .slice(0, SEEN)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(LINE_ENDS, '\n')
    .replace(UNSEEN, found => (found === '\n' || found === '\t' ? found : ''))
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Cut to a number of UTF-16 units, between code points, with `…`. */
export const shortened = (text: string, units: number): string =>
  text.length <= units ? text : `${text.slice(0, units - 1).replace(/[\ud800-\udbff]$/, '')}…`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * Cleaned, with the three characters escaped that Slack reads as markup, and cut afterwards to `units`, never inside an
 * entity (https://docs.slack.dev/messaging/formatting-message-text/). No mention or link can come of it.
 */
export const escaped = (text: string, units = MAX_FALLBACK): string => {
  const whole = clean(text)
  // Escaping only makes longer, so what is beyond the limit already is never escaped.
  const start = whole.slice(0, units + 1).replace(/[\ud800-\udbff]$/, '')
  const written = start.replace(/[&<>]/g, found => ENTITIES[found] ?? found)
  if (written.length <= units && start.length === whole.length) return written
  return `${written
    .slice(0, units - 1)
    .replace(/&[a-z]{0,3}$/, '')
    .replace(/[\ud800-\udbff]$/, '')}…`
}

// ── rich text

const plain = (text: string): Piece => ({ type: 'text', text })
const bold = (text: string): Piece => ({ type: 'text', text, style: { bold: true } })
const section = (...elements: readonly Piece[]): Section => ({ type: 'rich_text_section', elements })
const line = (text: string, units: number) => shortened(clean(text).replace(/\s+/g, ' '), units)

type Shown = Readonly<{ label: string; text: string } | { label: string; items: readonly string[] }>

/** A row cleaned and cut, or nothing when nothing of it is left. */
const shown = (row: Row, units: number): readonly Shown[] => {
  if ('text' in row) {
    const text = shortened(clean(row.text), units)
    return text === '' ? [] : [{ label: row.label, text }]
  }
  const all = row.items.map(item => line(item, MAX.item)).filter(item => item !== '')
  const left = all.length - MAX.items
  const items = left > 0 ? [...all.slice(0, MAX.items), `(${left} more)`] : all
  return items.length === 0 ? [] : [{ label: row.label, items }]
}

const sizeOf = (row: Shown): number =>
  row.label.length + 2 + ('text' in row ? row.text : row.items.join('')).length

/** The first rows that fit into a whole message; of the first that does not, only that it was there. */
const fitted = (rows: readonly Shown[]): readonly Shown[] => {
  let left = MAX.rows
  const full = rows.findIndex(row => {
    left -= sizeOf(row)
    return left < 0
  })
  const last = rows[full]
  return last === undefined ? rows : [...rows.slice(0, full), { label: last.label, text: '…' }]
}

const parts = (row: Shown): readonly Part[] =>
  'text' in row
    ? [section(bold(`${row.label}: `), plain(row.text))]
    : [
        section(bold(`${row.label}:`)),
        { type: 'rich_text_list', style: 'bullet', elements: row.items.map(item => section(plain(item))) },
      ]

const isSection = (part: Part | undefined): part is Section => part?.type === 'rich_text_section'

/** One block. Lines that follow each other become one section with line ends, as Slack's own composer writes them. */
const richText = (...all: readonly Part[]): readonly Block[] => {
  const elements: Part[] = []
  for (const part of all) {
    const before = elements.at(-1)
    if (isSection(part) && isSection(before))
      elements[elements.length - 1] = section(...before.elements, plain('\n'), ...part.elements)
    else elements.push(part)
  }
  return [{ type: 'rich_text', elements }]
}

const fallback = (first: string, rows: readonly Shown[]): string =>
  escaped(
    [first, ...rows.map(row => `${row.label}: ${'text' in row ? row.text : row.items.join('; ')}`)].join(
      '\n',
    ),
  )

/** How a session stands, at a glance down a channel. */
const EMOJI: Readonly<Record<string, string>> = {
  'in progress': 'arrow_forward',
  blocked: 'no_entry',
  completed: 'white_check_mark',
  crashed: 'boom',
  failed: 'x',
  cancelled: 'no_entry_sign',
  abandoned: 'wastebasket',
  left: 'wave',
}

/** The card; `url` links its title to the session. */
export const cardMessage = (card: Card, url?: string): Message => {
  const title = line(card.title, MAX.title) || 'Session'
  const rows = fitted(card.rows.flatMap(row => shown(row, MAX.cardRow)))
  const emoji = EMOJI[card.standing]
  const head = section(
    ...(emoji === undefined ? [] : [{ type: 'emoji', name: emoji } as const, plain(' ')]),
    url === undefined ? bold(title) : { type: 'link', url, text: title, style: { bold: true } },
  )
  const bar = section(
    { type: 'text', text: card.bar, style: { code: true } },
    plain(` ${card.progress} % · ${card.standing}`),
  )
  return {
    text: fallback(`${title}: ${card.standing}, ${card.progress} %`, rows),
    blocks: richText(head, bar, ...rows.flatMap(parts)),
  }
}

/** An entry below the card. */
export const entryMessage = (entry: Entry): Message => {
  const heading = line(entry.heading, MAX.title) || 'Entry'
  const text = shortened(clean(entry.text), MAX.entry)
  const rows = fitted(entry.rows.flatMap(row => shown(row, MAX.entryRow)))
  const body = text === '' ? [] : [section(plain(text))]
  return {
    text: fallback(text === '' ? heading : `${heading}: ${text}`, rows),
    blocks: richText(section(bold(heading)), ...body, ...rows.flatMap(parts)),
  }
}

/** An export as an entry: its text as it stands. */
export const exportMessage = (format: string, content: string): Message => {
  const heading = `Export (${format})`
  const text = shortened(clean(content), MAX.export)
  const body: readonly Part[] =
    text === '' ? [] : [{ type: 'rich_text_preformatted', elements: [plain(text)] }]
  return {
    text: escaped(`${heading}\n${text}`),
    blocks: richText(section(bold(heading)), ...body),
  }
}
