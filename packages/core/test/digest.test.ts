import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { digest, uuidFrom } from '../src/descriptor/digest.ts'
import type { Json } from '../src/session/schema.ts'

const json = fc.jsonValue({ maxDepth: 4 }).map(value => value as Json)
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')

describe('uuidFrom', () => {
  it('is the head of the SHA-256 with the version and variant of a version 4', () => {
    // SHA-256('abc') = ba7816bf 8f01cfea 414140de 5dae2223 …
    expect(uuidFrom('abc')).toBe('ba7816bf-8f01-4fea-8141-40de5dae2223')
  })

  it('has the shape services check, and differs for keys that differ', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), fc.string({ unit: anyCharacter }), (one, other) => {
        expect(uuidFrom(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(uuidFrom(one) === uuidFrom(other)).toBe(one === other)
      }),
    )
  })
})

describe('digest', () => {
  it('is the SHA-256 of the JSON with sorted keys', () => {
    expect(digest({ b: [1, { d: null, c: 'é' }], a: true })).toBe(
      sha256('{"a":true,"b":[1,{"c":"é","d":null}]}'),
    )
  })

  it('is that of any text, at every length around the ends of blocks', () => {
    for (let length = 0; length < 260; length++) {
      const text = 'é'.repeat(length % 7) + 'x'.repeat(length)
      expect(digest(text)).toBe(sha256(JSON.stringify(text)))
    }
    expect(digest('x'.repeat(300_000))).toBe(sha256(`"${'x'.repeat(300_000)}"`))
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), text => {
        expect(digest(text)).toBe(sha256(JSON.stringify(text)))
        const head = sha256(text)
        expect(uuidFrom(text).replaceAll('-', '').slice(0, 12)).toBe(head.slice(0, 12))
      }),
    )
  })

  it('tells a text from a number, and a list from an object', () => {
    const values: readonly Json[] = [
      '1',
      1,
      [1],
      { 0: 1 },
      null,
      'null',
      [],
      {},
      '',
      [[]],
      { a: 1, b: 2 },
      { a: 1 },
    ]
    expect(new Set(values.map(digest)).size).toBe(values.length)
  })

  it('does not count a field that is not there', () => {
    expect(digest({ a: 1, b: undefined } as unknown as Json)).toBe(digest({ a: 1 }))
  })

  it('does not change with the order of keys, nor over the wire', () => {
    const turned = (value: Json): Json =>
      value === null || typeof value !== 'object'
        ? value
        : Array.isArray(value)
          ? value.map(turned)
          : Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
    fc.assert(
      fc.property(json, value => {
        expect(digest(turned(value))).toBe(digest(value))
        expect(digest(JSON.parse(JSON.stringify(value)) as Json)).toBe(digest(value))
      }),
    )
  })
})
