/**
 * The side effects of a text in GitHub: people and teams it would notify, and issues and commits it would put a
 * reference on. Code and HTML comments are looked for nowhere. A backslash before a sign is removed first, as GitHub does.
 */
export const listMentions = (markdown: string): readonly string[] => {
  const shown = markdown
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*\s*$/gm, ' ')
    .replace(/(?<![`\\])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ' ')
    // The parts of a UUID are no hash of a commit of this repository.
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, ' ')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
  return [
    ...shown.matchAll(/(?<![\p{L}\p{N}_`])@[a-z\d](?:[a-z\d-]*(?:\/[\w.-]+)?)/giu),
    ...shown.matchAll(/(?<![\p{L}\p{N}_])(?:[\w.-]+\/[\w.-]+)?#\d+/gu),
    ...shown.matchAll(/(?<![\p{L}\p{N}_])GH-\d+/giu),
    ...shown.matchAll(/(?<![\p{L}\p{N}_])[0-9a-f]{7,40}(?![\p{L}\p{N}_])/gu),
    ...shown.matchAll(/https?:\/\/\S+/g),
  ].map(([found]) => found)
}
