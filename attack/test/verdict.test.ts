import { describe, expect, test } from 'vitest'
import { marksIn, steps } from '../crash/script.ts'
import { atMostOnce, compare, isLost } from '../crash/verdict.ts'

describe('the judge of what was killed', () => {
  test('is content with everything once, in order', () => {
    expect(compare('G0g', ['m1x0', 'm2x1'], ['m1x0', 'm2x1'])).toEqual({ lost: 0, doubled: 0, problems: [] })
    expect(atMostOnce('once', ['m1x0'], ['m2x0'], ['m1x0'])).toEqual({ lost: 0, doubled: 0, problems: [] })
    expect(atMostOnce('once', ['m1x0'], ['m2x0'], ['m2x0', 'm1x0']).problems).toEqual([])
  })

  test('sees what is lost, doubled, out of order, or from nowhere', () => {
    expect(compare('G0g', ['m1x0', 'm2x0'], ['m1x0'])).toEqual({
      lost: 1,
      doubled: 0,
      problems: ['G0g: m2x0 is lost'],
    })
    expect(compare('G0g', ['m1x0'], ['m1x0', 'm1x0', 'm1x0'])).toEqual({
      lost: 0,
      doubled: 2,
      problems: ['G0g: m1x0 is there 3 times'],
    })
    expect(compare('G0g', ['m1x0', 'm2x0'], ['m2x0', 'm1x0']).problems).toEqual([
      'G0g: out of order: m2x0 m1x0, not m1x0 m2x0',
    ])
    expect(compare('G0g', [], ['m9x9']).problems).toEqual(['G0g: m9x9 was never recorded'])
  })

  test('lets what cannot be looked up be missing only where the queue says so', () => {
    expect(atMostOnce('once', ['m1x0'], [], [])).toEqual({
      lost: 1,
      doubled: 0,
      problems: ['once: m1x0 is delivered, and not there'],
    })
    expect(atMostOnce('once', [], ['m1x0'], ['m1x0', 'm1x0'])).toMatchObject({ lost: 0, doubled: 1 })
    expect(atMostOnce('once', [], [], ['m1x0']).problems).toEqual([
      'once: m1x0 is there, and neither delivered nor in doubt',
    ])
  })
})

test.each([
  ['dead jira editCard: 3 attempts in a row never reported', true],
  ['dead jira editCard: 404 Issue does not exist', false],
  ['dead jira editCard: needs issue, which can no longer come', false],
  ['dead jira editCard: no success after 50 attempts: 3 attempts in a row never reported, it said', false],
  ['dead jira editCard: undefined', false],
])('%s: dead for the kills, %j', (line, expected) => {
  expect(isLost(line)).toBe(expected)
})

test('a seed tells the same steps each time, and each session begins and ends', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const told = steps(seed)
    expect(steps(seed)).toEqual(told)
    const sessions = new Set(told.map(({ session }) => session))
    for (const session of sessions) {
      const own = told.filter(step => step.session === session)
      expect(own[0]?.kind).toBe('start')
      expect(own.at(-1)?.kind).toBe('close')
    }
  }
})

test('signs are found in any text, the oldest first', () => {
  expect(marksIn('a m12x0, **m3x2** and m3x10; xm4x1 m5')).toEqual(['m3x2', 'm3x10', 'm12x0'])
})
