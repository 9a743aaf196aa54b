import { createMarkdown, shorten, type Writing } from '@sessionwire/core/adapter'

/** Longest subject we send, in characters. */
export const SUBJECT_UNITS = 500
const NOTE_UNITS = 2_000
/** Room for marks, provenance and the mark of a comment, which are added to a text, in UTF-16 units. */
const MARGIN = 500

// Taiga renders with Python-Markdown and extensions of its own
// (https://github.com/taigaio/taiga-back/tree/main/taiga/mdrender).

/** A character of no width: it parts what Markdown has no escape for. */
const GAP = '\u200b'
/** Names of emoji are looked for before everything else, even in code; `10:30:00` does not hold one. */
const EMOJI = /:(?=(?:100|1234|[+-]1|8?[a-z][a-z0-9_-]*):)/g
const INSTEAD: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  // A mention notifies, also after an escaped sign; so no `@` is left with a name.
  '@': `@${GAP}`,
  '~': `~${GAP}`,
}
const SIGNS = /[\\`*_{}[\]#|<>@]|&(?=#?\w+(?:;|$))|~(?=~)/g
const escapeSign = (sign: string): string => INSTEAD[sign] ?? `\\${sign}`

/** Taiga's Markdown. */
export const markdown = createMarkdown({
  signs: SIGNS,
  escape: escapeSign,
  address: /:\/\/|\/\/[^\s/]|www\.|mailto:|[^\s@]@[^\s@]+\.\p{L}/iu,
  // Taiga makes a link of an address as it stands, and of nothing in angles; the rest is percent-encoded.
  link: url =>
    url
      .replaceAll(`:${GAP}`, '%3A')
      .replaceAll('@', '%40')
      .replace(/~(?=~)/g, '%7E')
      .replace(SIGNS, escapeSign),
  word: word => word.replace(EMOJI, `:${GAP}`),
  lineStart: line => {
    if (/^[-+]/.test(line)) return `\\${line}`
    if (/^[=:~]/.test(line)) return `${GAP}${line}`
    return line.replace(/^(\d+)\./, '$1\\.')
  },
  lineBreak: '\n',
  margin: MARGIN,
})

/** The note on a blocked card; empty where nothing blocks. */
export const noteText = (
  blockers: readonly Readonly<{ description: string; severity: string }>[],
  links: Writing['links'],
): string => {
  const shown = blockers.slice(-20)
  const units = Math.floor(NOTE_UNITS / Math.max(1, shown.length)) - 20
  const lines = shown.map(
    ({ description, severity }) => `${markdown.inline(description, units, links) || '…'} (${severity})`,
  )
  return shorten(lines.join('\n'), NOTE_UNITS)
}

/** Signs that CommonMark escapes and Python-Markdown does not; a gap before them keeps them from meaning anything. */
const UNESCAPABLE = /[!-/:-@[-`{-~]/
const ESCAPABLE = /[\\`*_{}[\]()>#+.!|-]/
/** An escape, or a sign that means more to Taiga than to CommonMark. */
const COMMON_SIGNS = /\\(.)|[<@]|#(?=\d)|:(?=(?:100|1234|[+-]1|8?[a-z][a-z0-9_-]*):)/gs

/** An escape of CommonMark as Taiga's Markdown understands it. */
const escapeOf = (sign: string): string => {
  if (ESCAPABLE.test(sign)) return `\\${sign}`
  return INSTEAD[sign] ?? (UNESCAPABLE.test(sign) ? `${GAP}${sign}` : `\\${sign}`)
}

/**
 * An export. Markdown is CommonMark in which core escaped every text from outside: what Taiga's Markdown reads otherwise is
 * written in its own way. Other formats are shown as code.
 */
export const exportText = (
  format: 'json' | 'markdown' | 'context',
  content: string,
  { links, maxLength }: Writing,
): string => {
  const room = maxLength - MARGIN
  if (format !== 'markdown') return markdown.fence(content, format === 'json' ? 'json' : 'text', room)
  const own = content.replace(COMMON_SIGNS, (found, sign: string | undefined) => {
    if (sign !== undefined) return escapeOf(sign)
    return found === '#' ? '\\#' : (INSTEAD[found] ?? `${found}${GAP}`)
  })
  return markdown.text({ markdown: own }, { links, maxLength: room })
}
