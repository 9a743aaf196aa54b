import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capture, choose, items } from '../src/descriptor/captures.ts'
import type { Json } from '../src/session/schema.ts'

const json = fc.jsonValue({ maxDepth: 4 }).map(value => value as Json)
const reply: Json = {
  ok: true,
  issue: { id: 10_042, key: 'BIL-7', parent: null },
  transitions: [
    { id: '11', name: 'To Do', to: { name: 'Open' } },
    { id: '31', name: 'Done', to: { name: 'Closed' } },
  ],
}

describe('capture', () => {
  it('takes values by pointer, and out of the item of a list that fits', () => {
    const list = '/transitions'
    expect(
      capture(reply, {
        id: '/issue/id',
        all: '/transitions/0',
        done: { list, where: { pointer: '/to/name', equals: 'Closed' }, pick: '/id' },
      }),
    ).toEqual({
      ok: true,
      values: { id: 10_042, all: { id: '11', name: 'To Do', to: { name: 'Open' } }, done: '31' },
    })
  })

  it('names all that is missing: not there, null, no list, no item, no field', () => {
    const where = { pointer: '/name', equals: 'Done' }
    expect(
      capture(reply, {
        key: '/issue/key',
        absent: '/issue/url',
        empty: '/issue/parent',
        listless: { list: '/issue', where, pick: '/id' },
        itemless: { list: '/transitions', where: { ...where, equals: 'Gone' }, pick: '/id' },
        fieldless: { list: '/transitions', where, pick: '/self' },
        inherited: '/constructor',
      }),
    ).toEqual({ ok: false, missing: ['absent', 'empty', 'listless', 'itemless', 'fieldless', 'inherited'] })
  })

  it('takes nothing from a text, and everything from no captures', () => {
    expect(capture('<html>', { id: '/id' })).toEqual({ ok: false, missing: ['id'] })
    expect(capture('<html>', {})).toEqual({ ok: true, values: {} })
  })

  it('takes what stands for a value that is not there, or is null', () => {
    const otherwise = { tags: [] }
    expect(
      capture(reply, {
        absent: { pick: '/issue/fields', otherwise },
        empty: { pick: '/issue/parent', otherwise },
        there: { pick: '/issue/key', otherwise },
        nothing: { pick: '/issue/url', otherwise: null },
      }),
    ).toEqual({ ok: false, missing: ['nothing'] })
    expect(
      capture(reply, {
        absent: { pick: '/issue/fields', otherwise },
        empty: { pick: '/issue/parent', otherwise },
        there: { pick: '/issue/key', otherwise },
      }),
    ).toEqual({ ok: true, values: { absent: otherwise, empty: otherwise, there: 'BIL-7' } })
  })

  it('keeps false, zero and the empty text', () => {
    expect(capture({ a: false, b: 0, c: '' }, { a: '/a', b: '/b', c: '/c' })).toEqual({
      ok: true,
      values: { a: false, b: 0, c: '' },
    })
  })
})

describe('choose', () => {
  it('takes the first without a condition', () => {
    expect(choose([1, 2])).toBe(1)
    expect(choose([])).toBeUndefined()
  })

  it('compares whole JSON values, in any order of keys', () => {
    const list = [{ to: { a: 1 } }, { to: { a: 1, b: [2] } }, { to: { b: [2], a: 1 }, second: true }]
    expect(choose(list, { pointer: '/to', equals: { b: [2], a: 1 } })).toEqual({ to: { a: 1, b: [2] } })
    expect(choose([{ id: '1' }, { id: 1 }], { pointer: '/id', equals: 1 })).toEqual({ id: 1 })
    expect(choose([{ v: [] }, { v: {} }], { pointer: '/v', equals: {} })).toEqual({ v: {} })
    expect(choose([{ v: null }], { pointer: '/w', equals: null })).toBeUndefined()
    const bugs = [{ v: 'Bug' }, { v: 7 }, {}]
    expect(choose(bugs, { pointer: '/v', equals: 'bug' })).toBeUndefined()
    expect(choose(bugs, { pointer: '/v', equals: 'bug', anyCase: true })).toEqual({ v: 'Bug' })
    expect(choose([...bugs, { v: 'BUG' }], { pointer: '/v', equals: 'bug', anyCase: true })).toBeUndefined()
    expect(choose([{ v: 'BUG' }, { v: 'bug' }], { pointer: '/v', equals: 'bug', anyCase: true })).toEqual({
      v: 'bug',
    })
  })

  it('finds names as people type them: to the letter, in any case, by slug', () => {
    const list = [
      { v: 'In Progress', id: 1 },
      { v: 'In Review', id: 2 },
      { v: 'in progress', id: 3 },
    ]
    const named = (equals: string, of = list) => choose(of, { pointer: '/v', equals, anyCase: true })
    expect(named('in progress')).toEqual(list[2])
    expect(named('IN REVIEW')).toEqual(list[1])
    expect(named('in-review')).toEqual(list[1])
    // Two names fit, and neither to the letter.
    expect(named('in_progress')).toBeUndefined()
    // The same name twice is one name.
    expect(
      named('done', [
        { v: 'Done', id: 1 },
        { v: 'Done', id: 2 },
      ]),
    ).toEqual({ v: 'Done', id: 1 })
    expect(named('--')).toBeUndefined()
    expect(named('2.1', [{ v: '21', id: 1 }])).toBeUndefined()
  })

  it('takes the item of the first of several names that there is', () => {
    const list = [{ v: 'In Progress' }, { v: 'In Review' }]
    const oneOf = (...names: readonly string[]) =>
      choose(list, { pointer: '/v', oneOf: names, anyCase: true })
    expect(oneOf('Done', 'in-review', 'In Progress')).toEqual({ v: 'In Review' })
    expect(oneOf('Done')).toBeUndefined()
  })

  it('searches the JSON text of a value, quotes and line ends as people write them', () => {
    const body = { type: 'doc', content: [{ text: 'key: e1/tool/0\nsaid "no"' }] }
    expect(choose([{ body: 'nothing' }, { body }], { pointer: '/body', contains: 'e1/tool/0' })).toEqual({
      body,
    })
    expect(choose([{ body }], { pointer: '/body', contains: 'e1/tool/0\nsaid "no"' })).toEqual({ body })
    expect(choose([{ body }], { pointer: '', contains: '"type":"doc"' })).toEqual({ body })
    expect(choose([{ body }], { pointer: '/body', contains: 'e2/tool/0' })).toBeUndefined()
    expect(choose([{ body }], { pointer: '/title', contains: 'e1' })).toBeUndefined()
  })

  it('finds a value that equals itself, and no other', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(choose([{ v: one }], { pointer: '/v', equals: structuredClone(one) })).toEqual({ v: one })
        const alike = choose([{ v: one }], { pointer: '/v', equals: other }) !== undefined
        expect(alike).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)))
      }),
    )
  })
})

const sorted = (value: Json): Json =>
  value === null || typeof value !== 'object'
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )

describe('items', () => {
  it('is the list, or the reply itself as the one item', () => {
    expect(items(reply, { list: '/transitions' })).toHaveLength(2)
    expect(items([{ id: 1 }], { list: '' })).toEqual([{ id: 1 }])
    expect(items(reply, {})).toEqual([reply])
  })

  it('is no answer where the list is missing or something else', () => {
    expect(items(reply, { list: '/issue' })).toBeUndefined()
    expect(items(reply, { list: '/nodes' })).toBeUndefined()
    expect(items('<html>', { list: '/nodes' })).toBeUndefined()
  })
})
