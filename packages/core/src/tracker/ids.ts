const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Makes ids that sort by time: UUIDs of version 7 (RFC 9562 section 5.7), rising within a millisecond too. */
export const createIds = (
  now: () => number,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void,
): (() => string) => {
  // Chance is fetched for many ids at once: asking for it costs more than all the rest.
  const pool = new Uint8Array(1_280)
  let used = pool.length
  let last = -1
  let count = 0
  let head = ''
  const begin = (time: number, from: number) => {
    const ms = time.toString(16).padStart(12, '0')
    head = `${ms.slice(0, 8)}-${ms.slice(8)}-7`
    last = time
    count = from
  }
  const chance = (place: number) => pool[used + place] ?? 0
  const hex = (place: number) => HEX[chance(place)] ?? ''
  return () => {
    if (used + 10 > pool.length) {
      fill(pool)
      used = 0
    }
    const time = Math.max(0, Math.floor(now()))
    // Begins low, so that there is room to count in the 12 bits after the version.
    if (time > last) begin(time, ((chance(0) << 8) | chance(1)) & 0x7ff)
    else if (count === 0xfff) begin(last + 1, 0)
    else count++
    const counted = (HEX[count >> 4] ?? '') + (count & 0xf).toString(16)
    const variant = HEX[(chance(2) & 0x3f) | 0x80] ?? ''
    const id = `${head}${counted}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`
    used += 10
    return id
  }
}
