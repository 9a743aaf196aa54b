import {
  type Card,
  createMarkdown,
  type Entry,
  lines,
  provenanceText,
  type SessionEvent,
  type Writing,
} from '@sessionwire/core/adapter'

/**
 * Linear reads GitHub's Markdown; a line that begins with `+` begins a fold, and is escaped as the start of a list is. The margin
 * is room for the marks of a card and for provenance.
 */
const markdown = createMarkdown({ margin: 300 })
/** Writes a text of any length as Linear's Markdown. */
export const writeText = markdown.text
/** Writes a text on one line as Linear's Markdown. */
export const inline = markdown.inline
/** The card as a description, without the marks that `wrapCard` adds. */
export const cardText = markdown.card

type Origin = Readonly<{ session: Readonly<{ id: string }>; event: Pick<SessionEvent, 'id'> }>

/** Comments have no hidden place: session, event and version stand in the last line. */
const sign = (text: string, origin: Origin): string => `${text}\n\n*${provenanceText(origin)}*`

/** The card as a comment, with the title of its session. */
export const cardComment = (shown: Card, origin: Origin, writing: Writing): string =>
  sign(markdown.card(shown, writing, { isHeaded: true }), origin)

/** An entry as a comment. */
export const entryComment = (shown: Entry, origin: Origin, writing: Writing): string =>
  sign(markdown.entry(shown, writing), origin)

const ESCAPED = /\\([!-/:-@[-`{-~])/g
const ADDRESS = /\/\/[^\s/]|[^\s.]\.\p{L}[\p{L}\p{M}]|mailto:/iu

/** An export: Markdown is escaped already, and only addresses in it become code; other formats are shown as they are. */
export const exportText = (format: string, content: string, { links, maxLength }: Writing): string => {
  if (format !== 'markdown') return markdown.fence(content, format === 'json' ? 'json' : '', maxLength)
  let all = ''
  for (const [piece] of lines(content, maxLength).matchAll(/\S+|\s+/g)) {
    const shown = piece.replace(ESCAPED, '$1')
    const next = links === 'code' && ADDRESS.test(shown) ? inline(shown, shown.length, links) : piece
    if (all.length + next.length > maxLength - 1) return `${all}…`
    all += next
  }
  return all
}
