import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runsOf } from '../../../test/sample.ts'
import { checkDescriptor } from '../src/descriptor/check.ts'
import type { CustomCall, Descriptor, HttpCall, Lookup } from '../src/descriptor/descriptor.ts'
import { TrackerError } from '../src/session/errors.ts'
import type { Json } from '../src/session/schema.ts'

const call: HttpCall = {
  kind: 'http',
  method: 'POST',
  endpoint: 'https://api.example.com/boards/{board}/items?in={room}',
  auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'TOKEN' },
  limit: 'post:C012',
  query: { thread: { $ref: 'thread' }, tags: ['a', { $ref: 'tag' }] },
  headers: { 'X-Version': '2', 'x-latin': 'é' },
  payload: { text: 'any {text} here', at: { $attempt: 'firstAt', as: 'seconds', backMs: 60_000 } },
  encoding: 'form',
}
const list: Lookup = {
  call: { kind: 'http', method: 'GET', endpoint: 'https://api.example.com/items' },
  list: '/items',
  where: { pointer: '/key', equals: 'e1/tool/0' },
}
const valid: Descriptor = {
  key: 'e1/tool/0',
  action: 'makeItem',
  ...call,
  before: [
    {
      ...list,
      where: { pointer: '/name', contains: 'Done' },
      captures: { state: '/id', labels: { pick: '/labels', otherwise: [] } },
      cacheMs: 60_000,
      offer: '/name',
      gone: true,
    },
    { ...list, captures: { tag: { list: '/tags', where: { pointer: '', equals: { a: [1] } }, pick: '/0' } } },
  ],
  repeat: {
    ...list,
    by: 'mark',
    first: true,
    afterMs: 0,
    next: { cursor: '/cursor', into: '/query/cursor', more: '/more' },
    captures: { id: '/id' },
  },
  captures: { id: '/id' },
  asterisk: 'nobody has seen it',
}
const custom: CustomCall = {
  kind: 'custom',
  target: 'bolt',
  endpoint: 'neo4j+s://db.example.com:7687',
  payload: { statement: 'MERGE (s:Session {id: $id})', parameters: { id: 'e1', of: { $ref: 'project' } } },
  auth: { basic: ['USERNAME', 'PASSWORD'] },
}
const statement: Descriptor = {
  key: 'k',
  action: 'merge',
  ...custom,
  repeat: 'safe',
  coalesce: { name: 'card', everyMs: 5_000 },
}

/** The error a descriptor gets once `change` is laid over a valid one. */
const refusal = (change: Readonly<Record<string, unknown>>, of: Descriptor = valid) => {
  try {
    checkDescriptor({ ...of, ...change } as Descriptor)
  } catch (error) {
    if (error instanceof TrackerError) return { code: error.code, field: error.field, message: error.message }
    throw error
  }
  return 'accepted'
}
const refused = (field: string, wrong: string, of: Descriptor = valid) => ({
  code: 'ADAPTER',
  field,
  message: expect.stringMatching(
    new RegExp(
      `^${of.action} \\(${of.key}\\): ${(field || 'the whole').replace(/[$.[\]]/g, '\\$&')}: .*${wrong.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
    ),
  ),
})
const http = (change: Readonly<Record<string, unknown>>) => ({ ...list.call, ...change })

describe('checkDescriptor', () => {
  it.each([
    valid,
    statement,
    { ...valid, endpoint: { $secret: 'WEBHOOK_URL' } },
    { ...valid, endpoint: 'http://localhost:8080/{board}' },
    { ...valid, endpoint: 'http://127.0.0.1/' },
    { ...valid, endpoint: 'http://[::1]:1/' },
    { ...statement, endpoint: 'bolt://localhost:7687' },
    { ...statement, endpoint: 'neo4j://[::1]:7687' },
    {
      key: 'k',
      action: 'a',
      kind: 'http',
      method: 'DELETE',
      endpoint: 'https://a.example',
      repeat: 'unsafe',
    },
  ] as readonly Descriptor[])('accepts %#', descriptor => {
    expect(() => checkDescriptor(descriptor)).not.toThrow()
  })

  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    ['an empty key', { key: '' }, '/key', 'empty'],
    ['an empty action', { action: '' }, '/action', 'empty'],
    ['no repeat', { repeat: undefined }, '/repeat', 'undefined is not JSON'],
    ['another word for repeat', { repeat: 'sometimes' }, '/repeat', ''],
    ['a field too many', { captured: {} }, '/captured', ''],
    ['a field too many in a look-up', { before: [{ ...list, wher: 1 }] }, '/before/0/wher', ''],
    ['a field too many in its call', { before: [{ call: http({ body: 1 }) }] }, '/before/0/call/body', ''],
    ['an unknown method', { method: 'TRACE' }, '/method', ''],
    ['an unknown kind', { kind: 'smtp' }, '/kind', ''],
  ])('refuses %s', (_, change, field, wrong) => {
    const of = {
      ...valid,
      key: String(change.key ?? valid.key),
      action: String(change.action ?? valid.action),
    }
    expect(refusal(change)).toEqual(refused(field, wrong, of))
  })

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined is not JSON'],
    ['a function', () => 1, 'function is not JSON'],
    ['a bigint', 1n, 'bigint is not JSON'],
    ['a symbol', Symbol('s'), 'symbol is not JSON'],
    ['NaN', Number.NaN, 'NaN is not JSON'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity is not JSON'],
    ['a date', new Date(0), 'a plain object'],
    ['a map', new Map(), 'a plain object'],
  ])('refuses %s in a payload', (_, value, wrong) => {
    expect(refusal({ payload: { a: [{ b: value }] } })).toEqual(refused('/payload/a/0/b', wrong))
  })

  it('refuses gaps in a list, and what is too deep or holds itself', () => {
    expect(refusal({ payload: { a: Object.assign([1, 2, 3], { length: 4 }) } })).toEqual(
      refused('/payload/a/3', 'undefined is not JSON'),
    )
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(refusal({ payload: circle })).toMatchObject({
      code: 'ADAPTER',
      message: expect.stringContaining('nested deeper than 64'),
    })
    const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)])
    expect(refusal({ payload: { a: nested(50) } })).toBe('accepted')
    expect(refusal({ payload: { a: nested(100_000 / 100) } })).toMatchObject({
      message: expect.stringContaining('nested deeper'),
    })
  })

  it.each<[string, string]>([
    ['/relative/path', 'whole address'],
    ['api.example.com/path', 'whole address'],
    ['ftp://a.example/', 'whole address'],
    ['javascript:alert(1)', 'whole address'],
    ['http://api.example.com/', 'https://'],
    ['http://127.0.0.1.evil.example/', 'https://'],
    ['http://localhost.evil.example/', 'https://'],
    ['http://8.8.8.8/', 'https://'],
    ['https://user:password@a.example/', 'no user'],
    ['https://user@a.example/', 'no user'],
    ['https://@a.example/', 'no user'],
    ['https://a.example/#part', '#'],
    ['https://a.example\\@evil.example/', 'no user'],
    ['https://a.example\\evil', 'backslash'],
    ['https://a.example/a b', 'space'],
    ['https://a.example/\n', 'space'],
    ['https://a.example/{}', 'brace'],
    ['https://a.example/{a', 'brace'],
    ['https://a.example/a}', 'brace'],
    ['https://a.example/{a b}', 'space'],
    ['https://{host}/', 'never in the scheme or host'],
    ['https://a.example:{port}/', 'never in the scheme or host'],
    ['{scheme}://a.example/', 'never in the scheme or host'],
    ['{base}/path', 'never in the scheme or host'],
    ['https://', 'whole address'],
    ['', 'whole address'],
  ])('refuses the address "%s"', (endpoint, wrong) => {
    expect(refusal({ endpoint })).toEqual(refused('/endpoint', wrong))
    expect(
      refusal({ repeat: { ...list, by: 'mark', call: http({ endpoint }), captures: { id: '/id' } } }),
    ).toEqual(refused('/repeat/call/endpoint', wrong))
  })

  it.each<[string, string, string]>([
    ['Authorization', 'Bearer abc', 'credentials are named'],
    ['AUTHORIZATION', 'x', 'credentials are named'],
    ['cookie', 'a=b', 'credentials are named'],
    ['Host', 'evil.example', 'credentials are named'],
    ['content-length', '1', 'credentials are named'],
    ['x-a', 'b\r\nx-c: d', 'no line end'],
    ['x-a', 'b\nc', 'no line end'],
    ['x-a', 'b\0', 'no line end'],
    ['x-a', 'smile ☺', 'Latin-1'],
  ])('refuses the header %s: %j', (name, value, wrong) => {
    expect(refusal({ headers: { [name]: value } })).toEqual(refused(`/headers/${name}`, wrong))
  })

  it('refuses a header that its credential sets, and what is no name of a header', () => {
    const auth = { header: 'X-API-Key', secret: 'KEY' }
    expect(refusal({ auth, headers: { 'x-api-key': 'abc' } })).toEqual(
      refused('/headers/x-api-key', 'credentials'),
    )
    expect(refusal({ headers: { 'a b': 'c' } })).toMatchObject({ code: 'ADAPTER', field: '/headers/a b' })
    expect(refusal({ auth: { header: 'a:b', secret: 'KEY' } })).toEqual(
      refused('/auth/header', 'name of a header'),
    )
    expect(refusal({ auth: { ...auth, prefix: 'a\r\n' } })).toEqual(refused('/auth/prefix', 'no line end'))
    expect(refusal({ auth: { ...auth, value: 'abc' } })).toMatchObject({
      code: 'ADAPTER',
      field: '/auth/value',
    })
  })

  it.each<[string, unknown, string]>([
    ['/payload/a/$ref', { a: { $ref: 'x', more: 1 } }, 'a placeholder must be exactly'],
    ['/payload/a/$ref', { a: { $ref: 1 } }, 'a placeholder must be exactly'],
    ['/payload/a/$ref', { a: { $ref: 'x', with: 'text' } }, 'a placeholder must be exactly'],
    ['/payload/a/with/0/$ref', { a: { $ref: 'x', with: [{ $ref: 7 }] } }, 'a placeholder must be exactly'],
    ['/payload/a/with/b', { a: { $ref: 'x', with: { b: { $ref: '' } } } }, 'is not a valid name'],
    ['/payload/a', { a: { $ref: 'a b' } }, 'is not a valid name'],
    ['/payload/a', { a: { $ref: '__proto__' } }, 'is not a valid name'],
    ['/payload/a/$attempt', { a: { $attempt: 'now' } }, 'a placeholder must be exactly'],
    ['/payload/a', { a: { $attempt: 'firstAt', as: 'days' } }, '`as`'],
    ['/payload/a', { a: { $attempt: 'firstAt', backMs: -1 } }, '`backMs`'],
    ['/payload/a', { a: { $attempt: 'firstAt', backMs: '1' } }, '`backMs`'],
    ['/payload/a/$secret', { a: { $secret: 'TOKEN', more: 1 } }, 'a placeholder must be exactly'],
    ['/payload/a/$secret', { a: { $secret: 7 } }, 'a placeholder must be exactly'],
    ['/payload/a', { a: { $secret: '' } }, 'is empty'],
  ])('refuses a placeholder that nothing fills, at %s', (field, payload, wrong) => {
    expect(refusal({ payload })).toEqual(refused(field, wrong))
    expect(refusal({ payload }, statement)).toEqual(refused(field, wrong, statement))
  })

  it('refuses captures beside coalesce', () => {
    expect(refusal({ coalesce: { name: 'card' } })).toEqual(
      refused('/coalesce', 'choose `coalesce` or `captures`'),
    )
    expect(refusal({ captures: {}, repeat: 'safe' })).toEqual(refused('/captures', 'name something'))
    expect(refusal({ coalesce: { name: '' } }, statement)).toEqual(
      refused('/coalesce/name', 'empty', statement),
    )
    expect(refusal({ coalesce: { name: 'card', everyMs: -1 } }, statement)).toEqual(
      refused('/coalesce/everyMs', '', statement),
    )
  })

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ captures: { id: '/id', link: '/link' } }, 'they name id, and the draft captures id, link'],
    [{ repeat: { ...list, by: 'mark' } }, 'they name nothing, and the draft captures id'],
    [
      { repeat: { ...list, by: 'id', captures: { key: '/key' } } },
      'they name key, and the draft captures id',
    ],
  ])('refuses a look-up that captures other names than its draft', (change, wrong) => {
    expect(refusal(change)).toEqual(refused('/repeat/captures', wrong))
  })

  it('wants names and pointers', () => {
    expect(refusal({ captures: { id: 'id' } })).toEqual(refused('/captures/id', 'JSON Pointer'))
    expect(refusal({ before: [{ ...list, list: 'items' }] })).toEqual(
      refused('/before/0/list', 'JSON Pointer'),
    )
    expect(refusal({ before: [{ ...list, captures: { 'a b': '/a' } }] })).toMatchObject({
      field: '/before/0/captures/a b',
    })
    const captures = JSON.parse('{"__proto__":"/a"}') as object
    expect(refusal({ before: [{ ...list, captures }] })).toMatchObject({ code: 'ADAPTER' })
  })

  it.each<[unknown, string, string]>([
    [{ ...list, call: http({ method: 'DELETE' }) }, '/before/0/call/method', 'changes nothing'],
    [{ ...list, call: http({ payload: {} }) }, '/before/0/call/payload', 'a GET has none'],
    [
      { ...list, where: { pointer: '/id', equals: { $ref: 'id' } } },
      '/before/0/where/equals',
      'in calls only',
    ],
    [{ ...list, where: { pointer: '/id', contains: '' } }, '/before/0/where/contains', 'empty'],
    [{ ...list, where: { pointer: '/id' } }, '/before/0/where', ''],
    [{ ...list, next: { cursor: '/c', into: '/endpoint' } }, '/before/0/next/into', 'must point into'],
    [
      { ...list, call: http({ query: { a: 'x' } }), next: { cursor: '/c', into: '/query/a/b' } },
      '/before/0/next/into',
      'must point into',
    ],
    [{ ...list, cacheMs: -1 }, '/before/0/cacheMs', ''],
  ])('refuses a look-up that cannot work', (lookup, field, wrong) => {
    const found = refusal({ before: [lookup] })
    expect(found).toMatchObject({ code: 'ADAPTER', field: expect.stringContaining(field) })
    expect(found).toMatchObject({ message: expect.stringContaining(wrong) })
  })

  it('refuses two reads of one name, a form that is no object, and a cached reconcile', () => {
    const before = [
      { ...list, captures: { a: '/a' } },
      { ...list, captures: { a: '/b' } },
    ]
    expect(refusal({ before })).toEqual(refused('/before', 'two reads capture "a"'))
    expect(refusal({ payload: ['a'] })).toEqual(refused('/payload', 'a form must be an object'))
    expect(refusal({ repeat: { ...(valid.repeat as object), cacheMs: 1 } })).toEqual(
      refused('/repeat/cacheMs', ''),
    )
    expect(refusal({ query: { $ref: 'all' } })).toEqual(refused('/query', 'not the whole'))
  })

  it.each([
    'localhost:7687',
    'bolt://user:pass@localhost',
    'bolt://{host}',
    'bolt://localhost/?a=b',
    'bolt://a b',
  ])('refuses the endpoint "%s" of a custom call', endpoint => {
    expect(refusal({ endpoint }, statement)).toEqual(refused('/endpoint', 'without user', statement))
  })

  it.each([null, undefined, 'text', 7, []])('refuses %j altogether', value => {
    expect(() => checkDescriptor(value as unknown as Descriptor)).toThrow(TrackerError)
  })

  it('accepts any JSON as payload that holds no `$`, and never throws anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), payload => {
        const free = JSON.parse(JSON.stringify(payload).replaceAll('$', '_')) as unknown
        expect(refusal({ payload: free, encoding: 'json' })).toBe('accepted')
      }),
    )
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
        value => {
          expect(['accepted', 'ADAPTER']).toContain(
            (r => (typeof r === 'string' ? r : r.code))(refusal({ payload: value, before: value })),
          )
        },
      ),
    )
  })
})

describe('placeholders', () => {
  const { node } = fc.letrec<{ node: Json }>(tie => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>('a', 1, null),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom('$ref', '$secret', '$attempt', '$other', 'with', 'between', 'put', 'as', 'a'),
        fc.oneof(fc.constantFrom<Json>('name', 'firstAt', '', 'a b', ['<', '>']), tie('node')),
        { maxKeys: 3 },
      ),
    ),
  }))

  it('are judged alike whether all of the call is walked or only what has one of their names', () => {
    const verdicts = new Set<string>()
    fc.assert(
      fc.property(node, payload => {
        const verdict = refusal({ payload, encoding: 'json' })
        // A read's own values may be anything; here they make the check walk the whole.
        const before = [{ ...list, otherwise: { id: { $ref: 0 } } }]
        const walked = refusal({ payload, encoding: 'json', before })
        verdicts.add(typeof walked === 'string' ? walked : (walked.field ?? ''))
        expect({ payload, verdict }).toEqual({ payload, verdict: walked })
      }),
      { numRuns: runsOf(2_000) },
    )
    expect(verdicts.size).toBeGreaterThan(4)
  })
})

describe('bounds of a descriptor', () => {
  it('count values that are shared each time they occur, before they are walked', () => {
    let shared: Json = { a: 1 }
    for (let level = 0; level < 50; level++) shared = { left: shared, right: shared }
    const payload = shared
    expect(() => checkDescriptor({ ...statement, payload } as Descriptor)).toThrow(
      'it has more than 100000 values.',
    )
  })

  it('count characters of keys and strings', () => {
    const long = 'x'.repeat(1_000_000)
    const payload = { text: Array.from({ length: 20 }, () => long) }
    expect(() => checkDescriptor({ ...statement, payload } as Descriptor)).toThrow(
      'it has more than 16777216 characters.',
    )
    const keys = Object.fromEntries(Array.from({ length: 20 }, (_, place) => [`${place}${long}`, 1]))
    expect(() => checkDescriptor({ ...statement, payload: keys } as Descriptor)).toThrow(
      'it has more than 16777216 characters.',
    )
  })

  it('stop at the first gap of a sparse array, and at what holds itself', () => {
    const gaps = { text: new Array(1_000_000_000) } as unknown as Json
    expect(() => checkDescriptor({ ...statement, payload: gaps } as Descriptor)).toThrow('/payload/text/0: ')
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(() => checkDescriptor({ ...statement, payload: circle } as unknown as Descriptor)).toThrow(
      'it is nested deeper than 64, or holds itself.',
    )
  })

  it('hold a hundred thousand values', () => {
    const payload = { list: Array.from({ length: 99_900 }, (_, place) => place) }
    expect(() => checkDescriptor({ ...statement, payload } as Descriptor)).not.toThrow()
  })
})
