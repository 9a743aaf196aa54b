import {
  type Card,
  createMarkdown,
  type Entry,
  type provenance,
  provenanceText,
  uuidFrom,
  type Writing,
} from '@sessionwire/core/adapter'

/** Room for marks and provenance, in UTF-16 units. */
const MARGIN = 400

/** An address of an issue, a commit or the like: as a link it is a reference, with an entry there and perhaps a closed issue. */
const REFERENCE =
  /^https?:\/\/[^/]+\/[^/]+\/[^/]+\/(?:issues|pull|pulls|commit|commits|discussions|compare)(?:[/?#]|$)/i

/**
 * GitHub's Markdown, in which more than addresses becomes a link or a notification: `@name`, `#12`, `GH-12`, and the hash of a
 * commit; and `:key:` an emoji, also inside a word. A backslash stops none of them: GitHub removes it before it looks. They become
 * code, where GitHub looks for none; so does a word that could end a formula (`$x$`).
 */
export const markdown = createMarkdown({
  signs: /[\\`*_[\]<>~|&]/g,
  address:
    /\/\/[^\s/]|[^\s.]\.\p{L}[\p{L}\p{M}]|mailto:|\S\$|@[\p{L}\p{N}_]|#\d|:(?:100|1234|[+-]1|8?[a-z][a-z0-9_-]*):|(?<![\p{L}\p{N}])(?:GH-\d|[0-9a-f]{7,64}(?![\p{L}\p{N}]))/iu,
  link: url => (REFERENCE.test(url) ? `\`${url}\`` : `<${url}>`),
  margin: MARGIN,
})

type Origin = Parameters<typeof provenance>[0]

/** The mark by which a text of ours is found again: an HTML comment, which GitHub keeps and does not show. */
export const markOf = (key: string): string => `<!-- sessionwire ${uuidFrom(key)} -->`

/** Adds the mark of a key at the end of a text. */
export const withMark = (text: string, key: string): string => `${text}\n\n${markOf(key)}`

/** Session, event and version, in an HTML comment. */
const sign = (text: string, origin: Origin): string => `${text}\n\n<!-- ${provenanceText(origin)} -->`

/** The card, as the description of an issue or the summary of a check. */
export const cardText = (shown: Card, writing: Writing, url: string | undefined): string =>
  markdown.card(shown, writing, { url })

/** The card as a comment, with the title of its session. */
export const cardComment = (shown: Card, origin: Origin, writing: Writing, url: string | undefined): string =>
  sign(markdown.card(shown, writing, { isHeaded: true, url }), origin)

/** An entry as a comment. */
export const entryComment = (shown: Entry, origin: Origin, writing: Writing): string =>
  sign(markdown.entry(shown, writing), origin)

/** An export as a comment: as it stands, in a block of code, so that nothing in it is a mention. */
export const exportText = (format: string, content: string, writing: Writing): string =>
  markdown.fence(content, format === 'json' ? 'json' : 'markdown', writing.maxLength - MARGIN)
