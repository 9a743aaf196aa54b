import type { Json } from '@sessionwire/core/adapter'
import fc from 'fast-check'
import neo4j from 'neo4j-driver'
import { describe, expect, test } from 'vitest'
import { parameter, plain } from '../src/plain.ts'

const { DateTime, Date: Day, Duration, Node, Path, PathSegment, Point, Relationship } = neo4j.types

const node = (id: string) => new Node(1n, ['Session'], { id, progress: 5n }, `4:${id}`)
const relation = new Relationship(1n, 1n, 2n, 'FOLLOWS', { at: 1.5 }, '5:1', '4:a', '4:b')
const asNode = (id: string) => ({
  elementId: `4:${id}`,
  labels: ['Session'],
  properties: { id, progress: 5 },
})
const asRelation = {
  elementId: '5:1',
  startNodeElementId: '4:a',
  endNodeElementId: '4:b',
  type: 'FOLLOWS',
  properties: { at: 1.5 },
}

// biome-ignore format: a table is read one line at a time
const values = [
  ['null', null, null],
  ['what is not there', undefined, null],
  ['a whole number', 5n, 5],
  ['the largest JavaScript keeps', 9_007_199_254_740_991n, 9_007_199_254_740_991],
  ['a larger one', 9_007_199_254_740_993n, '9007199254740993'],
  ['a float', 2.5, 2.5],
  ['no number', Number.NaN, 'NaN'],
  ['infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['bytes', new Int8Array([1, -1]), 'Af8='],
  ['lists and maps', [{ a: [1n, { b: null }] }], [{ a: [1, { b: null }] }]],
  ['a map without prototype', Object.assign(Object.create(null) as object, { a: 1n }), { a: 1 }],
  ['a moment', new DateTime(2026, 1, 31, 10, 0, 0, 123_000_000, 0), '2026-01-31T10:00:00.123Z'],
  ['a day', new Day(2026, 1, 31), '2026-01-31'],
  ['a moment of a named zone', new DateTime(2026, 7, 1, 10, 0, 0, 0, 7_200, 'Europe/Berlin'), '2026-07-01T10:00:00+02:00'],
  ['months', new Duration(14, 0, 0, 0), 'P1Y2M'],
  ['half a second', new Duration(0, 0, 0, 500_000_000), 'PT0.5S'],
  ['a duration', new Duration(0, 1, 7_200, 0), 'P1DT2H'],
  ['a place', new Point(7203, 1, 2), 'SRID=7203;POINT (1.0 2.0)'],
  ['a place in space', new Point(9157, 1, 2.5, 3), 'SRID=9157;POINT Z (1.0 2.5 3.0)'],
  ['a node', node('a'), asNode('a')],
  ['a relation', relation, asRelation],
  ['a path', new Path(node('a'), node('b'), [new PathSegment(node('a'), relation, node('b'))]), [asNode('a'), asRelation, asNode('b')]],
] as const satisfies readonly (readonly [string, unknown, Json])[]

test.for(values)('%s', ([, value, json]) => expect(plain(value)).toEqual(json))

describe('parameters', () => {
  test('whole numbers go as integers, as they do in JSON', () =>
    expect(parameter({ a: 5, b: [2.5, -0, null], c: { d: 2 ** 60 } })).toEqual({
      a: 5n,
      b: [2.5, 0n, null],
      c: { d: 2 ** 60 },
    }))
  test('what goes in comes out', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(JSON.stringify(plain(parameter(value as Json)))).toBe(JSON.stringify(value))
      }),
    ))
})
