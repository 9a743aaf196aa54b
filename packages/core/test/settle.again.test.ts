import { expect, test } from 'vitest'
import { type Claim, POLICY } from '../src/delivery/model.ts'
import { settle } from '../src/delivery/settle.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'

const claimOf = (againMs: number | undefined): Claim => ({
  delivery: {
    descriptor: {
      repeat: { by: 'mark', afterMs: 900_000, ...(againMs === undefined ? {} : { againMs }) },
    } as unknown as Descriptor,
    attempts: 1,
    doubtSince: 0,
  } as Claim['delivery'],
  refs: {},
  pausedMs: 0,
})

// biome-ignore format: a table is read one line at a time
const CASES = [
  ['once, at the end', undefined, 5_000, 900_000, '895 s, then sent again'],
  ['every 20 s', 20_000, 5_000, 25_000, '20 s, sent again after 895 s'],
  ['not after the end', 20_000, 890_000, 900_000, '10 s, then sent again'],
  ['never in a burst', 0, 5_000, 6_000, '1 s, sent again after 895 s'],
  ['at once when the end is there', 20_000, 900_000, 900_000, '0 s, then sent again'],
] as const
test.each(CASES)('what was looked for too early is looked for again: %s', (_, againMs, now, dueAt, told) => {
  const ending = { kind: 'too-early', believeAt: 900_000 } as const
  expect(settle(claimOf(againMs), ending, POLICY, now, () => 0)).toMatchObject({
    state: 'waiting',
    doubtSince: 0,
    attempts: 0,
    dueAt,
    reason: `not found yet; looked for again in ${told}`,
  })
})
