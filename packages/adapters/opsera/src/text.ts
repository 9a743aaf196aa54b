import {
  type Card,
  cleanText,
  cutItems,
  lines,
  linkTitle,
  oneLine,
  type Row,
  titleOf,
} from '@sessionwire/core/adapter'

/** Longest name of a project we send; Opsera documents no limit. */
export const MAX_NAME = 200
/** Longest text of a card's row. */
const MAX_ROW = 4_000
/** Longest item of a list, and how many are shown. */
const MAX_ITEM = 500
const MAX_ITEMS = 10
/** Longest name of a link. */
const MAX_LINK = 100

/**
 * Opsera does not document how its pages show text, so what could be a tag gets other brackets: escaped, it might show as
 * `&lt;`.
 */
const replaceTags = (text: string): string => text.replace(/[<>]/g, bracket => (bracket === '<' ? '‹' : '›'))

/** Text as it may be stored. */
export const clean = (text: string): string => replaceTags(cleanText(text))

/** One line. */
export const plain = (text: string, units = MAX_NAME): string => replaceTags(oneLine(text, units))

/** Text that keeps its lines, with at most one empty line in a row. */
export const block = (text: string, units = MAX_ROW): string => replaceTags(lines(text, units))

/** A project's name that shows the state of its session, whatever the length of the title. */
export const nameOf = (card: Card, id: string): string => {
  const standing = `: ${card.standing}, ${card.progress} %`
  return `${replaceTags(titleOf({ title: card.title, id }, MAX_NAME - standing.length))}${standing}`
}

/** The rows of a card by their labels. */
export type CardFields = Record<string, string | readonly string[]>

const fieldOf = (row: Row): CardFields => {
  if ('text' in row) return { [row.label]: block(row.text) || '…' }
  return { [row.label]: cutItems(row.items, MAX_ITEMS, item => plain(item, MAX_ITEM) || '…') }
}

/** The card, for a place in the assets of a project. */
export const cardFields = (card: Card, id: string, url?: string): CardFields => ({
  Session: replaceTags(titleOf({ title: card.title, id }, MAX_NAME)),
  Status: card.bar === '' ? card.standing : `${card.bar} ${card.progressText} · ${card.standing}`,
  ...Object.assign({}, ...card.rows.map(fieldOf)),
  ...(card.links === undefined
    ? {}
    : {
        'Also in': card.links.map(link => clean(`${oneLine(linkTitle(link), MAX_LINK)}: ${link.url}`)),
      }),
  ...(url === undefined ? {} : { Link: clean(url) }),
})
