import type { Card, Entry, Row } from '../adapter/card.ts'
import type { Link } from '../descriptor/descriptor.ts'
import { linkTitle } from '../descriptor/fields.ts'
import { lines, oneLine, shorten } from '../session/text.ts'
import { countItems, cutItems, fit } from './bounded.ts'

/** How a service's Markdown differs from GitHub's, which most services read: its signs, and how text is written so that none counts. */
export type Dialect = Readonly<{
  /** Signs that mean something in the middle of a line; with the flag `g`. Default: those of GitHub. */
  signs?: RegExp
  /** Writes such a sign so that it shows as itself. Default: with a backslash before it. */
  escape?: (sign: string) => string
  /** Words that the service may make a link of. They become code, which holds no link and no mention. Default: addresses. */
  address?: RegExp
  /** Writes a web address as a link, where links are `live`. Default: in angle brackets. */
  link?: (url: string) => string
  /** Changes a word before anything else is looked for, as for names of emoji. Default: nothing. */
  word?: (word: string) => string
  /** Writes what begins a list, heading, rule, table or quote at the start of a line. Default: with a backslash. */
  lineStart?: (line: string) => string
  /** Parts the lines of a paragraph. Default: two spaces and a line end. */
  lineBreak?: string
  /** Room that cards and entries leave for marks and provenance, in UTF-16 units. Default 0. */
  margin?: number
}>

/** How text from outside is written: addresses as `code` or as `live` links, and the longest text in UTF-16 units. */
export type Writing = Readonly<{
  /** How web addresses in texts are shown: as code, or as links. */
  links: 'code' | 'live'
  /** Longest text, in UTF-16 units. */
  maxLength: number
}>

/** Markdown of a string shown exactly as it is, or of the caller's own markup, which is cleaned. */
export type MarkdownText = string | Readonly<{ markdown: string }>

/** Writes cards, entries and texts as Markdown of one dialect. */
export type Markdown = Readonly<{
  /** Text as one line that shows exactly it, at most `units` long before it is escaped. */
  inline: (text: string, units: number, links: Writing['links']) => string
  /** Text that shows exactly it: line ends stay, several in a row end a paragraph. */
  block: (text: string, units: number, links: Writing['links']) => string
  /** A text of a caller, at most `maxLength` long. */
  text: (text: MarkdownText, writing: Writing) => string
  /** A card. `isHeaded`: with the title, where its place does not show it. `url`: the session's address, as a link. */
  card: (
    card: Card,
    writing: Writing,
    more?: Readonly<{ isHeaded?: boolean; url?: string | undefined }>,
  ) => string
  /** An entry. */
  entry: (entry: Entry, writing: Writing) => string
  /** Text that shows as it stands, in a block of code; cut between lines where it is too long. */
  fence: (text: string, language: string, maxLength: number) => string
}>

/** Signs and addresses of CommonMark with the extensions of GitHub. */
const SIGNS = /[\\`*_[\]<>~|&]|@(?=[\p{L}\p{N}_])/gu
const ADDRESS = /\/\/[^\s/]|[^\s.]\.\p{L}[\p{L}\p{M}]|mailto:/iu

/** Longest item of a list. */
const ITEM_UNITS = 1_000
/** Longest row of a card: a card is looked at, its entries are read. */
const CARD_ROW_UNITS = 4_000
const HEADING_UNITS = 400
const LINK_UNITS = 100

const WEB = /^https?:\/\/[^\s<>()[\]`\\]+$/i
const AROUND = new Set('()[]{}<>"\'*_~.,;:!?|')

const startLine = (line: string): string =>
  /^[-#+=:]/.test(line) ? `\\${line}` : line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** Code holds whatever it holds. Backticks inside need a longer fence, a backslash at its end a space. */
const code = (text: string): string => {
  const longest = longestRun(text)
  const fence = '`'.repeat(longest + 1)
  return longest === 0 && !text.endsWith('\\') ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}

const fitText = (room: number, write: (units: number) => string): string =>
  shorten(
    fit(room, write, made => made.length),
    room,
  )

/** Cut at the end of a line where there is one near, else between characters. */
const cutLines = (text: string, units: number): string => {
  if (text.length <= units) return text
  const kept = shorten(text, units - 1)
  const end = kept.lastIndexOf('\n')
  return end > units / 2 ? `${kept.slice(0, end)}\n…` : kept
}

/** Makes a writer of Markdown. Default dialect: GitHub's. */
export const createMarkdown = ({
  signs = SIGNS,
  address = ADDRESS,
  escape: escapeSign = sign => `\\${sign}`,
  link = url => `<${url}>`,
  word = each => each,
  lineStart = startLine,
  lineBreak = '  \n',
  margin = 0,
}: Dialect = {}): Markdown => {
  const escapeSigns = (text: string): string => text.replace(signs, escapeSign)

  const writeAddress = (text: string, links: Writing['links']): string => {
    let from = 0
    let to = text.length
    while (from < to && AROUND.has(text.charAt(from))) from += 1
    while (to > from && AROUND.has(text.charAt(to - 1))) to -= 1
    const inside = text.slice(from, to)
    const shown = links === 'live' && WEB.test(inside) ? link(inside) : inside === '' ? '' : code(inside)
    return escapeSigns(text.slice(0, from)) + shown + escapeSigns(text.slice(to))
  }
  const writeWord = (given: string, links: Writing['links']): string => {
    const text = word(given)
    return address.test(text) ? writeAddress(text, links) : escapeSigns(text)
  }
  const writeLine = (line: string, links: Writing['links']): string => {
    const written = line
      .split(/\s+/)
      .filter(each => each !== '')
      .map(each => writeWord(each, links))
    return lineStart(written.join(' '))
  }
  const inline: Markdown['inline'] = (text, units, links) => writeLine(oneLine(text, units), links)
  const block: Markdown['block'] = (text, units, links) =>
    lines(text, units)
      .split('\n\n')
      .map(paragraph =>
        paragraph
          .split('\n')
          .map(line => writeLine(line, links))
          .filter(line => line !== '')
          .join(lineBreak),
      )
      .filter(paragraph => paragraph !== '')
      .join('\n\n')

  const row = (given: Row, units: number, links: Writing['links']): string => {
    if ('text' in given) return `**${given.label}:** ${block(given.text, units, links) || '…'}`
    const items = cutItems(
      given.items,
      countItems(units),
      item => inline(item, Math.min(units, ITEM_UNITS), links) || '…',
    )
    return [`**${given.label}:**\n`, ...items.map(item => `- ${item}`)].join('\n')
  }

  /** A link whose text shows exactly the name, and no link in it. */
  const linkTo = (link: Link): string =>
    `[${inline(linkTitle(link), LINK_UNITS, 'code')}](<${link.url.replace(/[<>]/g, encodeURIComponent)}>)`

  /** The rows written last: a card is often written twice for one event, as a description and as a comment. */
  let last: Readonly<{ rows: Card['rows']; units: number; links: Writing['links']; text: string }> | undefined
  const writeRows = (rows: Card['rows'], units: number, links: Writing['links']): string => {
    if (last === undefined || last.rows !== rows || last.units !== units || last.links !== links)
      last = { rows, units, links, text: rows.map(each => row(each, units, links)).join('\n\n') }
    return last.text
  }

  return {
    inline,
    block,
    text: (text, { links, maxLength }) =>
      typeof text === 'string'
        ? fitText(maxLength, units => block(text, units, links))
        : cutLines(lines(text.markdown, maxLength * 2), maxLength),
    card: (card, { links, maxLength }, { isHeaded = false, url } = {}) =>
      fitText(maxLength - margin, units =>
        [
          ...(isHeaded ? [`**${inline(card.title, HEADING_UNITS, links) || 'Session'}**`] : []),
          card.bar === ''
            ? `**${card.standing}**`
            : `\`${card.bar}\` ${card.progressText} · **${card.standing}**`,
          ...(card.rows.length === 0 ? [] : [writeRows(card.rows, Math.min(units, CARD_ROW_UNITS), links)]),
          ...(card.links === undefined
            ? []
            : [`**Also in:** ${card.links.map(each => linkTo(each)).join(' · ')}`]),
          ...(url === undefined ? [] : [`[Open the session](<${url}>)`]),
        ].join('\n\n'),
      ),
    entry: (entry, { links, maxLength }) =>
      fitText(maxLength - margin, units =>
        [
          `**${inline(entry.heading, Math.min(HEADING_UNITS, units), links)}**`,
          block(entry.text, units, links) || '…',
          ...entry.rows.map(each => row(each, units, links)),
        ].join('\n\n'),
      ),
    fence: (text, language, maxLength) => {
      const whole = lines(text, maxLength * 2)
      const fence = '`'.repeat(Math.max(3, longestRun(whole) + 1))
      const room = maxLength - 2 * fence.length - language.length - 2
      return `${fence}${language}\n${cutLines(whole, room)}\n${fence}`
    },
  }
}
