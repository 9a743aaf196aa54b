import fc from 'fast-check'

const point = fc.oneof(
  fc.integer({ min: 0, max: 0x17f }),
  fc.integer({ min: 0, max: 0x10ffff }).filter(code => code < 0xd800 || code > 0xdfff),
)

/** The way back: without it fast-check leaves out its texts that break programs, such as `__proto__`. */
const pointOf = (character: unknown): number => {
  const code = typeof character === 'string' ? character.codePointAt(0) : undefined
  if (code === undefined || String.fromCodePoint(code) !== character) throw new Error('is not one character')
  return code
}

/** Any character, ASCII half of the time. The `binary` of fast-check takes each process a second to build its table. */
export const anyCharacter = point.map(code => String.fromCodePoint(code), pointOf)
