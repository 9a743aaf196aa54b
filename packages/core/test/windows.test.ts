import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rate } from '../src/adapter/contract.ts'
import {
  addCalls,
  countCalls,
  EMPTY,
  endOf,
  openCall,
  rateOf,
  roomIn,
  roomOf,
  type Window,
  type Windows,
} from '../src/delivery/transitions.ts'

const rate: Rate = { count: 3, perMs: 1_600 }

describe('a window', () => {
  it('gives a whole burst at once, and says when a place is free', () => {
    const first = roomIn(EMPTY, rate, 16_050)
    expect(first).toEqual({ window: { slice: 160, slots: [] }, room: 3 })
    const full = addCalls(first.window, 3)
    expect(full).toEqual({ slice: 160, slots: [3] })
    expect(roomIn(full, rate, 16_060)).toEqual({ window: full, room: 0, freeAt: 17_700 })
    expect(roomIn(full, rate, 17_699).room).toBe(0)
    expect(roomIn(full, rate, 17_700)).toEqual({ window: { slice: 177, slots: [] }, room: 3 })
  })

  it('frees slice by slice', () => {
    const one = addCalls(roomIn(EMPTY, rate, 16_000).window, 1)
    const two = addCalls(roomIn(one, rate, 16_300).window, 2)
    expect(two).toEqual({ slice: 163, slots: [1, 0, 0, 2] })
    expect(roomIn(two, rate, 16_400)).toMatchObject({ room: 0, freeAt: 17_700 })
    expect(roomIn(two, rate, 17_700)).toMatchObject({ room: 1 })
    expect(roomIn(two, rate, 18_000)).toMatchObject({ room: 3 })
  })

  it('is empty when it lies further ahead than its length, and counts on when it lies less far', () => {
    const full = addCalls(roomIn(EMPTY, rate, 100_000).window, 3)
    expect(roomIn(full, rate, 99_000)).toMatchObject({ room: 0 })
    expect(roomIn(full, rate, 90_000)).toMatchObject({ room: 3 })
  })
})

describe('the windows of a limit', () => {
  const steps = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 900 }),
      which: fc.nat(1),
      want: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 80 },
  )
  const rates = fc.record({
    count: fc.integer({ min: 1, max: 6 }),
    perMs: fc.integer({ min: 1, max: 2_000 }),
  })

  it('never let more than the count through in any stretch, and free at the time they say', () => {
    fc.assert(
      fc.property(steps, rates, (given, one) => {
        let windows: Windows = []
        let now = 1_767_225_600_000
        const at: number[] = []
        for (const { wait, want } of given) {
          now += wait
          const found = roomOf(windows, one, now)
          expect(found.room > 0).toBe(found.freeAt === undefined)
          if (found.freeAt !== undefined) {
            expect(roomOf(windows, one, found.freeAt - 1).room).toBe(0)
            expect(roomOf(windows, one, found.freeAt).room).toBeGreaterThan(0)
          }
          const count = Math.min(want, found.room)
          windows = countCalls(found.windows, count)
          at.push(...Array.from({ length: count }, () => now))
        }
        for (const [n, time] of at.entries())
          expect((at[n + one.count] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThanOrEqual(one.perMs)
      }),
    )
  })

  it('never let more than the count reach a service in any stretch, whenever calls arrive before their ends', () => {
    const calls = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 900 }),
        lasts: fc.integer({ min: 0, max: 3_000 }),
        arrives: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(calls, rates, (given, one) => {
        let windows: Windows = []
        let now = 1_767_225_600_000
        const at: number[] = []
        const ends = new Map<string, number>()
        const find = ([which]: readonly [string, ...unknown[]]) => {
          const end = ends.get(which) as number
          return end <= now ? end : undefined
        }
        for (const [n, { wait, lasts, arrives }] of given.entries()) {
          now += wait
          const found = roomOf(windows, one, now, find)
          windows = found.windows
          if (found.freeAt !== undefined)
            expect(roomOf(windows, one, found.freeAt - 1, () => undefined).room).toBe(0)
          if (found.room === 0) continue
          ends.set(`call-${n}`, now + lasts)
          at.push(now + lasts * arrives)
          windows = openCall(windows, [`call-${n}`, now])
        }
        at.sort((a, b) => a - b)
        for (const [n, time] of at.entries())
          expect((at[n + one.count] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThanOrEqual(one.perMs)
      }),
    )
  })

  it('hold to each of two rates that workers declare, once both are known', () => {
    fc.assert(
      fc.property(steps, rates, rates, (given, one, two) => {
        let now = 1_767_225_600_000
        let windows: Windows = roomOf(roomOf([], one, now).windows, two, now).windows
        const at: number[] = []
        for (const { wait, which, want } of given) {
          // Both go on declaring theirs.
          now += wait
          const other = roomOf(windows, which === 0 ? two : one, now).windows
          const { room, windows: seen } = roomOf(other, which === 0 ? one : two, now)
          const count = Math.min(want, room)
          windows = countCalls(seen, count)
          at.push(...Array.from({ length: count }, () => now))
        }
        for (const { count, perMs } of [one, two])
          for (const [n, time] of at.entries())
            expect((at[n + count] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThanOrEqual(perMs)
      }),
    )
  })

  it('count for a rate that is new what was counted before', () => {
    const before = countCalls(roomOf([], rate, 16_000).windows, 2)
    const { windows, room } = roomOf(before, { count: 3, perMs: 800 }, 16_100)
    expect(room).toBe(1)
    expect(windows).toHaveLength(2)
    // Nobody has declared the first for a minute, and twice its length.
    expect(roomOf(windows, { count: 3, perMs: 800 }, 90_000).windows).toHaveLength(1)
    expect(endOf(windows)).toBe(76_100)
  })
})

it('rateOf finds a rate by the whole name, or for all that begin alike', () => {
  const declared = { writes: rate, 'post:*': { count: 1, perMs: 500 } }
  expect(rateOf(declared, 'writes')).toBe(rate)
  expect(rateOf(declared, 'post:C012')).toBe(declared['post:*'])
  expect([rateOf(declared, undefined), rateOf(declared, 'other'), rateOf(declared, 'toString')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

it('a window keeps no more than 17 numbers', () => {
  let window: Window = EMPTY
  for (let now = 0; now < 10_000; now += 100) window = addCalls(roomIn(window, rate, now).window, 1)
  expect(window.slots).toHaveLength(17)
})
