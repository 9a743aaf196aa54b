import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCharacter } from '../../../../test/any-text.ts'
import { clean, entityId, fitIndex } from '../src/text.ts'

const anyText = fc.string({ unit: anyCharacter })

describe('clean', () => {
  test.for([
    ['a\u0000b', 'ab'],
    ['half \ud83d of one', 'half \ufffd of one'],
    ['🧪 עברית \u202ex\u0007', '🧪 עברית x'],
    [`x'}) DETACH DELETE n //`, `x'}) DETACH DELETE n //`],
  ] as const)('%j is kept as %j', ([text, kept]) => expect(clean(text)).toBe(kept))
  test('what is clean can be encoded, holds no NUL, and stays as it is', () =>
    fc.assert(
      fc.property(anyText, text => {
        const once = clean(text)
        expect(once.isWellFormed() && !once.includes('\0')).toBe(true)
        expect(clean(once)).toBe(once)
      }),
    ))
})

describe('fitIndex', () => {
  test('short text is as it was', () => expect(fitIndex('x'.repeat(900))).toBe('x'.repeat(900)))
  test('long texts fit the index and stay two', () => {
    const [one, two] = [fitIndex(`${'é'.repeat(2_000)}1`), fitIndex(`${'é'.repeat(2_000)}2`)]
    expect(one).not.toBe(two)
    for (const text of [one, two]) expect(new TextEncoder().encode(text).length).toBeLessThan(3_700)
  })
  test('it is always short, well formed, and the same each time', () =>
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 2_000 }), (text, times) => {
        const kept = fitIndex(text.repeat(times).slice(0, 20_000))
        expect(kept.length <= 900 && kept.isWellFormed()).toBe(true)
        expect(fitIndex(kept)).toBe(kept)
      }),
    ))
})

test('an entity is told apart by project, type and name, and not by how they join', () => {
  const one = entityId({ project: 'a', type: 'b', name: 'c' })
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(entityId({ project: 'a', type: 'b', name: 'c' })).toBe(one)
  expect(entityId({ project: 'a', type: 'bc', name: '' })).not.toBe(one)
  expect(entityId({ project: 'ab', type: '', name: 'c' })).not.toBe(one)
})
