/** A content as text: of a list of parts their texts, and the kinds of those that have none, as in `[file]`. */
export const readText = (content: unknown): string =>
  Array.isArray(content)
    ? content
        .map(({ type, text }: Readonly<{ type: string; text?: string }>) => text ?? `[${type}]`)
        .join('\n')
    : String(content ?? '')
