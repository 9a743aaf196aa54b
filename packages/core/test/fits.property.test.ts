import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runsOf, sample } from '../../../test/sample.ts'
import { shape } from '../src/descriptor/shape.ts'
import { fitsShape } from '../src/descriptor/wire.ts'
import type { Json } from '../src/session/schema.ts'

type Fields = Record<string, Json>
const read: Fields = {
  call: { kind: 'http', method: 'GET', endpoint: { $secret: 'ADDRESS' }, query: { page: '1' } },
  list: '/items',
  where: { pointer: '/name', equals: null, anyCase: true },
  captures: {
    id: '/id',
    labels: { pick: '/labels', otherwise: [] },
    tag: { list: '/tags', where: { pointer: '', oneOf: ['a', 'b'] }, pick: '/0' },
  },
  next: { cursor: '/cursor', into: '/query/page', more: '/more', counted: true },
  noun: 'item',
  offer: '/name',
}
const whole: Fields = {
  ...{ key: 'k', action: 'makeItem', kind: 'http', method: 'POST', endpoint: 'https://api.example.com/{id}' },
  ...{ limit: 'write', auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'TOKEN' } },
  ...{ query: { a: 1 }, headers: { 'x-version': '2' }, payload: { text: 'a' }, encoding: 'form' },
  before: [
    { ...read, cacheMs: 60_000, gone: true, otherwise: { id: null } },
    { ...read, next: { link: 'next' }, where: { pointer: '/a', contains: 'b' } },
  ],
  repeat: {
    ...read,
    by: 'mark',
    afterMs: 0,
    againMs: 1.5,
    first: true,
    next: { page: '/p', first: 0, size: 1, last: '/l' },
  },
  instead: {
    find: read,
    edit: { kind: 'custom', target: 'bolt', payload: null, auth: { basic: ['USER', 'PASSWORD'] } },
    create: { ...(read.call as Fields), auth: { login: 'session' } },
  },
  ...{ asterisk: 'a note', holds: true, onDoubt: 'repeat', captures: { id: '/id' } },
  coalesce: { name: 'card', everyMs: 5_000, place: 'after', keep: true },
}
const custom: Fields = {
  ...{ key: 'k', action: 'merge', kind: 'custom', target: 'bolt', endpoint: 'neo4j+s://db.example.com:7687' },
  auth: { sign: 'hmac', secret: 'KEY', also: { a: 'B' }, with: { region: 'x' } },
  ...{ payload: { statement: 'RETURN 1' }, repeat: 'safe' },
}

const isObject = (value: Json | undefined): value is Fields => value !== null && typeof value === 'object'
const pathsOf = (value: Json, path: readonly string[] = []): readonly (readonly string[])[] => [
  path,
  ...(isObject(value) ? Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key])) : []),
]
const descriptors = [whole, custom]
const places = descriptors.flatMap(from => pathsOf(from).map(path => ({ from, path })))
const fragments = places.map(({ from, path }) =>
  path.reduce<Json>((value, key) => (value as Fields)[key] as Json, from),
)
const scalars: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    2 ** 53,
    '',
    ' ',
    'x',
    '/a',
    '/~',
    'a b',
    'safe',
    'unsafe',
    'http',
    'custom',
    'id',
  ],
  ...['GET', 'HEAD', 'after', 'é', 'line\nend', '€', 'bolt://u@h', 'bolt://h/p', 'raw', 'ndjson', 'repeat'],
  ...[
    [],
    {},
    [''],
    ['a'],
    ['a', 'b', 'c'],
    [[]],
    { '': '' },
    { 'a b': 'x' },
    { a: '' },
    { a: null },
    { constructor: 'x' },
  ],
]
const names = [
  ...new Set([...places.flatMap(({ path }) => path), 'oneOf', 'contains', 'unknown', '', 'a b', '$secret']),
]

// The schema skips this one name in a record, whatever its value; the quick check leaves such a record to the schema.
const anyJson = fc
  .jsonValue()
  .filter(value => !JSON.stringify(value).includes('__proto__')) as fc.Arbitrary<Json>

type Change = Readonly<{ place: number; name: string; value: Json; how: 'put' | 'add' | 'remove' }>
const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat({ max: places.length * 2 }),
  name: fc.constantFrom(...names),
  value: fc.oneof(fc.constantFrom(...scalars), fc.constantFrom(...fragments), anyJson),
  how: fc.constantFrom('put', 'add', 'remove'),
})

/** Puts, adds or removes one value somewhere in a descriptor. */
const apply = (value: Json, { place, name, value: given, how }: Change): Json => {
  const paths = pathsOf(value)
  const path = paths[place % paths.length] as readonly string[]
  const copy = structuredClone(value)
  const last = path.at(-1)
  const owner = path.slice(0, -1).reduce<Json>((inner, key) => (inner as Fields)[key] as Json, copy)
  const target = last === undefined ? copy : ((owner as Fields)[last] as Json)
  if (how === 'add') {
    if (!isObject(target)) return copy
    if (Array.isArray(target)) target.push(given)
    else (target as Fields)[name] = structuredClone(given)
  } else if (last === undefined) return how === 'put' ? given : copy
  else if (how === 'put') (owner as Fields)[last] = structuredClone(given)
  else if (Array.isArray(owner)) owner.splice(Number(last), 1)
  else delete (owner as Fields)[last]
  return copy
}

const bySchema = (value: Json): boolean => shape.safeParse(value).success

describe('the quick check of the shape', () => {
  it('passes whole descriptors of both kinds', () => {
    expect(descriptors.map(fitsShape)).toEqual([true, true])
    expect(descriptors.map(bySchema)).toEqual([true, true])
  })

  it('says what the schema says, whatever is put, added or removed', () => {
    const verdicts = new Set<boolean>()
    fc.assert(
      fc.property(
        fc.constantFrom(...descriptors),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (from, changes) => {
          const value = changes.reduce<Json>(apply, from)
          const verdict = bySchema(value)
          verdicts.add(verdict)
          expect({ value, verdict: fitsShape(value) }).toEqual({ value, verdict })
        },
      ),
      { numRuns: runsOf(3_000) },
    )
    expect(verdicts.size).toBe(2)
  })

  it('says what the schema says of each value in each place', () => {
    // In a sample each place meets a quarter of the values, and each value a quarter of the places.
    for (const from of descriptors)
      for (const place of pathsOf(from).keys())
        for (const value of sample(scalars, 4, place)) {
          const changed = apply(from, { place, name: '', value, how: 'put' })
          expect({ changed, verdict: fitsShape(changed) }).toEqual({ changed, verdict: bySchema(changed) })
        }
  })

  it('leaves what the schema refuses for its prototype or symbols to the schema', () => {
    class Bare {}
    Object.setPrototypeOf(Bare.prototype, null)
    const odd = [Object.assign(new Bare(), { a: '1' }), { [Symbol('a')]: '1' }]
    expect(odd.map(query => fitsShape({ ...whole, query }))).toEqual([false, false])
  })
})
