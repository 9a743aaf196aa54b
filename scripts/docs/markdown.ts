/** A block between fences. `line` is that of its first line of text, from 1; `notes` stand in comments right above it. */
export type Fence = Readonly<{ language: string; text: string; line: number; notes: readonly string[] }>

const OPENING = /^ {0,3}(`{3,}|~{3,})\s*(\S*)/
const COMMENT = /<!--([\s\S]*?)-->/g

/** Comments that nothing but blank lines separates from what follows, in their order. */
const notesAbove = (above: string): readonly string[] => {
  const end = above.match(/(?:<!--(?:(?!-->)[\s\S])*-->\s*)+$/)
  return [...(end?.[0] ?? '').matchAll(COMMENT)].map(([, note = '']) => note.trim())
}

/** The fenced blocks of a page. */
export const fencesOf = (page: string): readonly Fence[] => {
  const lines = page.split('\n')
  const fences: Fence[] = []
  let after = 0
  for (let at = 0; at < lines.length; at++) {
    const [, mark, language = ''] = OPENING.exec(lines[at] ?? '') ?? []
    if (mark === undefined) continue
    const notes = notesAbove(lines.slice(after, at).join('\n'))
    const closing = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}\\s*$`)
    const length = lines.slice(at + 1).findIndex(line => closing.test(line))
    const end = length < 0 ? lines.length : at + 1 + length
    fences.push({ language, text: lines.slice(at + 1, end).join('\n'), line: at + 2, notes })
    at = end
    after = end + 1
  }
  return fences
}

/** The page without what is inside fences, comments and code: the same number of lines, so that lines can be named. */
const proseOf = (page: string): string => {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  const lines = page.split('\n')
  for (const { text, line } of fencesOf(page))
    for (let n = 0; n < text.split('\n').length; n++) lines[line - 1 + n] = ''
  return lines
    .join('\n')
    .replace(COMMENT, blank)
    .replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, blank)
}

/** A link or image: where it points, and in which line it stands. */
export type Link = Readonly<{ target: string; line: number }>

const LINKS = /!?\[(?:[^[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)/gm

/** Every link of a page, autolinks aside. */
export const linksOf = (page: string): readonly Link[] => {
  const prose = proseOf(page)
  return [...prose.matchAll(LINKS)].map(match => ({
    target: match[1] ?? match[2] ?? '',
    line: prose.slice(0, match.index).split('\n').length,
  }))
}

const ADDRESSES = /\bhttps?:\/\/[^\s()[\]<>"'|]+(?:\([^\s()]*\))?[^\s()[\]<>"'|.,:;!?]*/g

/** Every web address in a page's prose: links, autolinks and bare ones. */
export const addressesOf = (page: string): readonly Link[] => {
  const prose = proseOf(page)
  return [...prose.matchAll(ADDRESSES)].map(({ 0: target, index }) => ({
    target: target.replace(/[.,:;!?]+$/, ''),
    line: prose.slice(0, index).split('\n').length,
  }))
}

/** A heading's anchor, as GitHub makes it: small letters, no signs, hyphens for spaces. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

/** The anchors a page has; a heading that is there again gets `-1`, `-2`. */
export const anchorsOf = (page: string): ReadonlySet<string> => {
  const lines = page.split('\n')
  for (const { text, line } of fencesOf(page))
    for (let n = 0; n < text.split('\n').length; n++) lines[line - 1 + n] = ''
  const anchors = new Set<string>()
  for (const line of lines) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const base = anchorOf(heading)
    let anchor = base
    for (let n = 1; anchors.has(anchor); n++) anchor = `${base}-${n}`
    anchors.add(anchor)
  }
  return anchors
}
