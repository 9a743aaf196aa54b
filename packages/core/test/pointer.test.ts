import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, isPointer, pointerTo, put } from '../src/descriptor/pointer.ts'
import { TrackerError } from '../src/session/errors.ts'
import type { Json } from '../src/session/schema.ts'

const json = fc.jsonValue({ maxDepth: 4 }).map(value => value as Json)
const found = (value: Json) => ({ found: true, value })
const nowhere = { found: false }

/** The example of RFC 6901, section 5. */
const document: Json = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
}

describe('at', () => {
  it.each<[string, Json]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds what RFC 6901 says at "%s"', (pointer, value) => {
    expect(at(document, pointer)).toEqual(found(value))
  })

  it.each([
    'foo',
    '/foo/01',
    '/foo/-',
    '/foo/2',
    '/foo/length',
    '/foo/0/0',
    '/m~n',
    '/~2',
    '/nothing',
    '/a/b',
  ])('finds nothing at "%s"', pointer => {
    expect(at(document, pointer)).toEqual(nowhere)
  })

  it('finds a null, and tells it from nothing', () => {
    expect(at({ a: null }, '/a')).toEqual(found(null))
    expect(at({ a: null }, '/a/b')).toEqual(nowhere)
  })

  it.each([
    '/__proto__',
    '/constructor',
    '/constructor/name',
    '/toString',
    '/__proto__/toString',
    '/list/length',
    '/list/map',
  ])('walks no prototype: "%s"', pointer => {
    expect(at({ list: [1] }, pointer)).toEqual(nowhere)
  })

  it('finds an own property, whatever its name', () => {
    expect(at(JSON.parse('{"__proto__":{"constructor":1}}'), '/__proto__/constructor')).toEqual(found(1))
  })

  it('finds every value by the pointer to it', () => {
    const visit = (whole: Json, value: Json, steps: readonly string[]) => {
      expect(at(whole, pointerTo(steps))).toEqual(found(value))
      if (value !== null && typeof value === 'object')
        for (const [key, inner] of Object.entries(value)) visit(whole, inner as Json, [...steps, key])
    }
    fc.assert(fc.property(json, value => visit(value, value, [])))
  })
})

describe('put', () => {
  it('copies, and leaves the original as it was', () => {
    const call = { query: { limit: 100 }, payload: { pages: [{ n: 1 }] } }
    expect(put(call, '/query/cursor', 'abc')).toEqual({
      query: { limit: 100, cursor: 'abc' },
      payload: { pages: [{ n: 1 }] },
    })
    expect(put(call, '/payload/pages/0/n', 2)).toEqual({
      query: { limit: 100 },
      payload: { pages: [{ n: 2 }] },
    })
    expect(put(call, '/payload/pages/-', 'new')).toEqual({
      query: { limit: 100 },
      payload: { pages: [{ n: 1 }, 'new'] },
    })
    expect(call).toEqual({ query: { limit: 100 }, payload: { pages: [{ n: 1 }] } })
  })

  it('makes the objects that are missing on the way', () => {
    expect(put({ kind: 'http' }, '/query/page/after', 'x')).toEqual({
      kind: 'http',
      query: { page: { after: 'x' } },
    })
    expect(put({}, '', 7)).toBe(7)
  })

  it('makes own properties only', () => {
    const made = put({}, '/__proto__/polluted', true)
    expect(JSON.stringify(made)).toBe('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })

  it.each<[Json, string, string]>([
    ['text', '/a', 'nothing can be put at "/a": "a" would be inside a string.'],
    [{ a: null }, '/a/b', 'nothing can be put at "/a/b": "b" would be inside null.'],
    [[1], '/3', 'nothing can be put at "/3": a list of 1 has no place "3".'],
    [[1], '/x', 'nothing can be put at "/x": a list of 1 has no place "x".'],
    [{}, 'a', 'nothing can be put at "a": it is not a JSON Pointer.'],
  ])('refuses a place that cannot be', (value, pointer, message) => {
    const attempt = () => put(value, pointer, 1)
    expect(attempt).toThrow(TrackerError)
    expect(attempt).toThrow(message)
  })

  it('is read back by at', () => {
    fc.assert(
      fc.property(json, fc.array(fc.string(), { maxLength: 3 }), (value, steps) => {
        expect(at(put({}, pointerTo(steps), value), pointerTo(steps))).toEqual(found(value))
      }),
    )
  })
})

it('knows a pointer from a text', () => {
  expect(['', '/', '/a~0b~1c', '/0'].map(isPointer)).toEqual([true, true, true, true])
  expect(['a', 'a/b', '/~', '/~2', '#/a'].map(isPointer)).toEqual([false, false, false, false, false])
})
