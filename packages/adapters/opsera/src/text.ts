import { type Card, cut, type Row } from '@sessionwire/core/adapter'

/** Longest name of a project we send, in characters; Opsera documents no limit. */
export const MAX_NAME = 200
/** Longest text of a card's row, in characters. */
const MAX_ROW = 4_000
/** Longest item of a list, in characters, and how many are shown. */
const MAX_ITEM = 500
const MAX_ITEMS = 10

/** Everything that ends a line somewhere, and the tab. */
const LINE_ENDS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g
/** Controls show nothing and hide much; bidirectional overrides would reach beyond the text they came in. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu
/** Whether there is anything of all that; a line end is not. */
const SUSPECT = /[<>\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Cs}]|(?!\n)\p{Cc}/u
const ANGLES: Readonly<Record<string, string>> = { '<': '‹', '>': '›' }

/**
 * Text as one may store it: line ends alike, no controls, no lone surrogates, no overrides of direction. Nobody has said
 * how Opsera's pages show text, so what could be a tag gets other brackets: escaped, it might show as `&lt;`.
 */
export const clean = (text: string): string =>
  // Most texts are, and looking is cheaper than four times replacing.
  !SUSPECT.test(text)
    ? text
    : text
        .replace(LINE_ENDS, '\n')
        .replace(/\p{Cs}/gu, '\ufffd')
        .replace(UNSEEN, found => (found === '\n' ? '\n' : found === '\t' ? ' ' : ''))
        .replace(/[<>]/g, found => ANGLES[found] ?? '')

/** What lies far beyond its room is not even looked at: a text may be as long as memory. */
const near = (text: string, room: number): string =>
  text.length <= room * 4 ? clean(text) : `${clean(text.slice(0, room * 4))}…`

/** One line. */
export const plain = (text: string, length = MAX_NAME): string =>
  cut(near(text, length).replace(/\s+/g, ' ').trim(), length)

/** Text that keeps its lines, at most one empty one in a row. */
export const lines = (text: string, length = MAX_ROW): string =>
  cut(
    near(text, length)
      .replace(/[^\S\n]+$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    length,
  )

/** A project's name that shows how its session stands, whatever the length of the title. */
export const nameOf = (card: Card, id: string): string => {
  const standing = `: ${card.standing}, ${card.progress} %`
  const title = /[^\p{C}\s]/u.test(card.title) ? card.title : `Session ${id}`
  return `${plain(title, MAX_NAME - standing.length)}${standing}`
}

/** The rows of a card by their labels. */
export type Shown = Record<string, string | string[]>

const shown = (row: Row): Shown => {
  if ('text' in row) return { [row.label]: lines(row.text) || '…' }
  const items = row.items.slice(0, MAX_ITEMS).map(item => plain(item, MAX_ITEM) || '…')
  const more = row.items.length - items.length
  return { [row.label]: more === 0 ? items : [...items, `(${more} more)`] }
}

/** The card, where a project of several sessions, or a reader of its assets, looks for it. */
export const cardFields = (card: Card, id: string, url?: string): Shown => ({
  Session: /[^\p{C}\s]/u.test(card.title) ? plain(card.title) : `Session ${plain(id)}`,
  Status: `${card.bar} ${card.progress} % · ${card.standing}`,
  ...Object.assign({}, ...card.rows.map(shown)),
  ...(url === undefined ? {} : { Link: url }),
})
