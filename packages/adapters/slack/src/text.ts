import {
  type Card,
  cutItems,
  type Entry,
  type Link,
  lines,
  linkTitle,
  oneLine,
  type Row,
  tellStanding,
} from '@sessionwire/core/adapter'

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

/** The body of a message: one block of rich text. */
type Block = Readonly<{ type: 'rich_text'; elements: readonly Part[] }>

/** Content of a message: the escaped text of notifications, search and screen readers, and its blocks. */
export type Content = Readonly<{ text: string; blocks?: readonly Block[] }>
type Message = Required<Content>

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
  link: 100,
}
/** Longest fallback: `chat.update` refuses more than 4,000 characters (`msg_too_long`). */
const MAX_FALLBACK = 3_900

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * Cleaned, with the three characters escaped that Slack reads as markup, and cut afterwards to `units`, never inside an
 * entity (https://docs.slack.dev/messaging/formatting-message-text/). No mention or link can come of it.
 */
export const escapeText = (text: string, units = MAX_FALLBACK): string => {
  const written = lines(text, units).replace(/[&<>]/g, found => ENTITIES[found] ?? found)
  if (written.length <= units) return written
  const kept = written.slice(0, units - 1).replace(/&[a-z]{0,3}$/, '')
  return `${kept.replace(/[\ud800-\udbff]$/, '')}…`
}

// ── rich text

const plain = (text: string): Piece => ({ type: 'text', text })
const bold = (text: string): Piece => ({ type: 'text', text, style: { bold: true } })
const section = (...elements: readonly Piece[]): Section => ({ type: 'rich_text_section', elements })

type Shown = Readonly<{ label: string; text: string } | { label: string; items: readonly string[] }>

/** A row cleaned and cut, or nothing when nothing of it is left. */
const showRow = (row: Row, units: number): readonly Shown[] => {
  if ('text' in row) {
    const text = lines(row.text, units)
    return text === '' ? [] : [{ label: row.label, text }]
  }
  const all = row.items.map(item => oneLine(item, MAX.item)).filter(item => item !== '')
  return all.length === 0 ? [] : [{ label: row.label, items: cutItems(all, MAX.items, item => item) }]
}

const sizeOf = (row: Shown): number =>
  row.label.length + 2 + ('text' in row ? row.text : row.items.join('')).length

/** The first rows that fit into a whole message; of the first that does not, only that it was there. */
const fitRows = (rows: readonly Shown[]): readonly Shown[] => {
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
  escapeText(
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
  'left, can be resumed': 'double_vertical_bar',
}

/** The card; `url` links its title to the session. */
export const cardContent = (card: Card, url?: string): Message => {
  const title = oneLine(card.title, MAX.title) || 'Session'
  const rows = fitRows(card.rows.flatMap(row => showRow(row, MAX.cardRow)))
  const emoji = EMOJI[card.standing]
  const head = section(
    ...(emoji === undefined ? [] : [{ type: 'emoji', name: emoji } as const, plain(' ')]),
    url === undefined ? bold(title) : { type: 'link', url, text: title, style: { bold: true } },
  )
  const bar =
    card.bar === ''
      ? section(plain(card.standing))
      : section(
          { type: 'text', text: card.bar, style: { code: true } },
          plain(` ${card.progressText} · ${card.standing}`),
        )
  return {
    text: fallback(`${title}: ${tellStanding(card)}`, rows),
    blocks: richText(head, bar, ...rows.flatMap(parts), ...linkParts(card.links ?? [])),
  }
}

/** The session's other cards on one line. */
const linkParts = (links: readonly Link[]): readonly Part[] =>
  links.length === 0
    ? []
    : [
        section(
          bold('Also in: '),
          ...links.flatMap((link, place): readonly Piece[] => [
            ...(place === 0 ? [] : [plain(' · ')]),
            { type: 'link', url: link.url, text: oneLine(linkTitle(link), MAX.link) },
          ]),
        ),
      ]

/** An entry below the card, or with `title` a message of its own. */
export const entryContent = (entry: Entry, title?: string): Message => {
  const own = oneLine(entry.heading, MAX.title) || 'Entry'
  const heading = title === undefined ? own : `${oneLine(title, MAX.title)}: ${own}`
  const text = lines(entry.text, MAX.entry)
  const rows = fitRows(entry.rows.flatMap(row => showRow(row, MAX.entryRow)))
  const body = text === '' ? [] : [section(plain(text))]
  return {
    text: fallback(text === '' ? heading : `${heading}: ${text}`, rows),
    blocks: richText(section(bold(heading)), ...body, ...rows.flatMap(parts)),
  }
}

/** An export as an entry: its text as it stands. */
export const exportContent = (format: string, content: string): Message => {
  const heading = `Export (${format})`
  const text = lines(content, MAX.export)
  const body: readonly Part[] =
    text === '' ? [] : [{ type: 'rich_text_preformatted', elements: [plain(text)] }]
  return {
    text: escapeText(`${heading}\n${text}`),
    blocks: richText(section(bold(heading)), ...body),
  }
}
