/** Largest table that is made to compare lines, in cells; beyond it, all lines between those that are equal go and come. */
const CELLS = 16_000_000

/** The lines between those that are equal at both ends: `-` goes, `+` comes. */
const compare = (old: readonly string[], now: readonly string[]): readonly string[] => {
  if (old.length * now.length > CELLS) return [...old.map(line => `-${line}`), ...now.map(line => `+${line}`)]
  // Longest common subsequence, by lines.
  const width = now.length + 1
  const table = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let k = now.length - 1; k >= 0; k--)
      table[i * width + k] =
        old[i] === now[k]
          ? (table[(i + 1) * width + k + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + k] ?? 0, table[i * width + k + 1] ?? 0)
  const lines: string[] = []
  let [i, k] = [0, 0]
  while (i < old.length || k < now.length) {
    if (i < old.length && k < now.length && old[i] === now[k]) {
      lines.push(` ${old[i]}`)
      i++
      k++
    } else if (
      k < now.length &&
      (i === old.length || (table[i * width + k + 1] ?? 0) > (table[(i + 1) * width + k] ?? 0))
    )
      lines.push(`+${now[k++]}`)
    else lines.push(`-${old[i++]}`)
  }
  return lines
}

/** Lines that differ between two texts, with a line of context: `-` goes, `+` comes. Empty for equal texts. */
export const differenceOf = (before: string, after: string): string => {
  if (before === after) return ''
  const [old, now] = [before.split('\n'), after.split('\n')]
  const most = Math.min(old.length, now.length)
  let [same, end] = [0, 0]
  while (same < most && old[same] === now[same]) same++
  while (end < most - same && old.at(-1 - end) === now.at(-1 - end)) end++
  const changed = compare(old.slice(same, old.length - end), now.slice(same, now.length - end))
  const lines = [
    ...old.slice(Math.max(0, same - 1), same).map(line => ` ${line}`),
    ...changed,
    ...old.slice(old.length - end, old.length - end + 1).map(line => ` ${line}`),
  ]
  const isNear = (place: number): boolean =>
    [place - 1, place, place + 1].some(each => /^[+-]/.test(lines[each] ?? ''))
  return lines.flatMap((line, place) => (isNear(place) ? [line] : [])).join('\n')
}
