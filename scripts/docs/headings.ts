/** A token of markdown-it, as far as it is used here. */
type Token = { type: string; content: string; children: Token[] | null }
type State = Readonly<{
  tokens: readonly Token[]
  Token: new (type: string, tag: string, nesting: 0) => Token
}>

/** The parser that TypeDoc hands to the option `markdownItLoader`. */
export type MarkdownParser = Readonly<{
  core: Readonly<{ ruler: Readonly<{ push: (name: string, rule: (state: State) => void) => void }> }>
}>

/**
 * TypeDoc names a heading in the outline, and makes its anchor, by the tokens of text in it alone: a heading of code had no
 * name and the anchor `_`. This rule makes code in a heading a token of text between two tags.
 */
export const nameCodeInHeadings = (parser: MarkdownParser): void =>
  parser.core.ruler.push('code_in_headings', ({ tokens, Token }) => {
    const make = (type: string, content: string): Token => Object.assign(new Token(type, '', 0), { content })
    for (const [at, { type }] of tokens.entries()) {
      const inline = tokens[at + 1]
      if (type !== 'heading_open' || inline === undefined) continue
      inline.children = (inline.children ?? []).flatMap(child =>
        child.type === 'code_inline'
          ? [make('html_inline', '<code>'), make('text', child.content), make('html_inline', '</code>')]
          : [child],
      )
    }
  })
