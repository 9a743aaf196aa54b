import MarkdownIt from 'markdown-it'

/** A piece of what Markdown shows. `other`: anything that is no text, code or end of a line. */
export type Piece = Readonly<{ kind: 'text' | 'code' | 'fence' | 'break' | 'other'; text: string }>

/** `commonmark` is the standard; `everything` has tables, strikethrough, HTML and links out of anything. */
const PARSERS = {
  commonmark: new MarkdownIt('commonmark', { html: true }),
  everything: new MarkdownIt({ html: true, linkify: true, breaks: true }),
}

type Token = ReturnType<MarkdownIt['parse']>[number]

const KINDS: Readonly<Record<string, Piece['kind']>> = {
  text: 'text',
  code_inline: 'code',
  fence: 'fence',
  softbreak: 'break',
  hardbreak: 'break',
  paragraph_close: 'break',
}

const pieces = (token: Token): readonly Piece[] => {
  if (token.type === 'inline') return (token.children ?? []).flatMap(pieces)
  if (token.type === 'paragraph_open') return []
  return [
    {
      kind: KINDS[token.type] ?? 'other',
      text: KINDS[token.type] === undefined ? token.type : token.content,
    },
  ]
}

/** Parses Markdown into what it shows. */
export const read = (markdown: string, parser: keyof typeof PARSERS): readonly Piece[] =>
  PARSERS[parser].parse(markdown, {}).flatMap(pieces)

/** The lines a reader sees. */
export const shownText = (tokens: readonly Piece[]): readonly string[] =>
  tokens
    .map(({ kind, text }) => (kind === 'break' ? '\n' : text))
    .join('')
    .split('\n')
    .filter(line => line !== '')
