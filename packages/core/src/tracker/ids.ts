/** Makes ids that sort by time: UUIDs of version 7 (RFC 9562 section 5.7), rising within a millisecond too. */
export const createIds = (
  now: () => number,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void,
): (() => string) => {
  // Chance is fetched for many ids at once: asking for it costs more than all the rest.
  const pool = new Uint8Array(1_280)
  let used = pool.length
  let last = 0
  let count = 0
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  return () => {
    if (used + 10 > pool.length) {
      fill(pool)
      used = 0
    }
    const at = (place: number) => pool[used + place] ?? 0
    const time = Math.max(0, Math.floor(now()))
    if (time > last) {
      last = time
      // Begins low, so that there is room to count in the 12 bits after the version.
      count = ((at(0) << 8) | at(1)) & 0x7ff
    } else if (++count > 0xfff) {
      last++
      count = 0
    }
    const ms = hex(last, 12).slice(-12)
    const head = `${ms.slice(0, 8)}-${ms.slice(8)}-7${hex(count, 3)}`
    const variant = hex((at(2) & 0x3f) | 0x80, 2) + hex(at(3), 2)
    let node = ''
    for (let place = 4; place < 10; place++) node += hex(at(place), 2)
    used += 10
    return `${head}-${variant}-${node}`
  }
}
