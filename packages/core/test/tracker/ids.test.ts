import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIds } from '../../src/tracker/recording.ts'

const bytes = (seed: number) => (into: Uint8Array) =>
  into.forEach((_, place) => {
    into[place] = (seed + place * 7) & 0xff
  })

test('an id is a UUID of version 7 that holds its time', () => {
  const next = createIds(
    () => 0x0199_0000_1234,
    into => into.fill(0xab),
  )
  expect(next()).toBe('01990000-1234-73ab-abab-abababababab')
})

test('ids rise and are never the same, however the clock goes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 300 }),
      fc.nat(),
      (steps, seed) => {
        let time = 1_800_000_000_000
        const next = createIds(() => time, bytes(seed))
        const ids = steps.map(step => {
          time += step
          return next()
        })
        expect([...ids].sort()).toEqual(ids)
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of ids)
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      },
    ),
  )
})

test('ten thousand in one millisecond still rise', () => {
  const next = createIds(() => 1_800_000_000_000, bytes(255))
  const ids = Array.from({ length: 10_000 }, next)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(10_000)
})
