import fc from 'fast-check'

const point = fc.oneof(
  fc.integer({ min: 0, max: 0x17f }),
  fc.integer({ min: 0, max: 0x10ffff }).filter(code => code < 0xd800 || code > 0xdfff),
)

/** Any character, ASCII half of the time. The `binary` of fast-check takes each process a second to build its table. */
export const anyCharacter = point.map(code => String.fromCodePoint(code))
