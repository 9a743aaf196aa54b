import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWindows } from '../src/delivery/limits.ts'

const rates = { writes: { count: 2, perMs: 1_000 }, 'post:*': { count: 1, perMs: 500 } }

describe('windows of a limit', () => {
  it('give so many places in any stretch of time, and say when there is one again', () => {
    const windows = createWindows({ rates })
    expect([0, 100, 200].map(now => windows.take('writes', now))).toEqual([0, 0, 800])
    expect(windows.roomOf('writes', 999)).toBe(0)
    expect(windows.freeInMs(600)).toBe(400)
    expect(windows.roomOf('writes', 1_000)).toBe(1)
    expect(windows.take('writes', 1_000)).toBe(0)
    expect(windows.freeInMs(1_000)).toBe(100)
  })

  it('serve every name behind a pattern by itself', () => {
    const windows = createWindows({ rates })
    expect([windows.take('post:a', 0), windows.take('post:b', 0), windows.take('post:a', 1)]).toEqual([
      0, 0, 499,
    ])
  })

  it('are endless without a rate or a name', () => {
    const windows = createWindows({ rates })
    expect(windows.roomOf(undefined, 0)).toBe(Number.POSITIVE_INFINITY)
    expect(windows.roomOf('other', 0)).toBe(Number.POSITIVE_INFINITY)
    expect(windows.take('other', 0)).toBe(0)
    expect(windows.freeInMs(0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('never give more than they should', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), waits => {
        const windows = createWindows({ rates })
        let now = 0
        const taken: number[] = []
        for (const wait of waits) {
          now += wait
          if (windows.take('writes', now) === 0) taken.push(now)
        }
        for (const [n, at] of taken.entries())
          expect((taken[n + 2] ?? at + 1_000) - at).toBeGreaterThanOrEqual(1_000)
      }),
    )
  })
})
