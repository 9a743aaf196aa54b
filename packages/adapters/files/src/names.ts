import { cleanText } from '@sessionwire/core/adapter'

/** Names that Windows keeps for devices, with any extension, also behind spaces. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i
/** Short names of Windows, as in `GIT~1`: each is another name of a file or folder whose own name may be refused. */
const SHORT = /^(?=[^.]{3,8}(\.|$))[^.~]+~[0-9]{1,6}(\.[^.]{0,3})?$/
/** Letters that Windows, macOS or Linux refuse in a name, or that break links in Obsidian. */
const FORBIDDEN = /[\\/:*?"<>|#^[\]\p{C}%]/gu

/** Longest name of a file in UTF-8 bytes, without its extension; systems allow 255 bytes or UTF-16 units. */
const NAME_BYTES = 120

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** A name for a file that every system takes: one line, without signs that mean something to a system or to Obsidian. */
export const nameFrom = (title: string, id: string): string => {
  const clean = cleanText(title)
    .normalize('NFC')
    .replace(FORBIDDEN, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. -]+/, '')
  let kept = ''
  for (const point of clean) {
    if (bytesOf(kept) + bytesOf(point) > NAME_BYTES - bytesOf(id) - 1) break
    kept += point
  }
  kept = kept.replace(/[. ]+$/, '')
  return kept === '' ? id : RESERVED.test(kept) ? `_${kept} ${id}` : `${kept} ${id}`
}

/** Letters, digits and dashes, for the names of decision records. */
export const slugFrom = (title: string): string => {
  const slug = cleanText(title)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '')
  return slug === '' ? 'decision' : slug
}

const isSafePart = (part: string): boolean =>
  part !== '' &&
  !part.startsWith('.') &&
  !/[. ]$/.test(part) &&
  !/[\\:*?"<>|\p{C}]/u.test(part) &&
  !RESERVED.test(part) &&
  !SHORT.test(part) &&
  bytesOf(part) <= 240

/** Whether a path stays below its root on every system: no `..`, no hidden part, no device, nothing absolute. */
export const isSafePath = (path: string): boolean =>
  path.length <= 1_000 && path.isWellFormed() && path.split('/').every(isSafePart)
