import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import type { CustomCall, Descriptor, HttpCall } from '../src/descriptor/descriptor.ts'
import { fill } from '../src/descriptor/fill.ts'
import { at } from '../src/descriptor/pointer.ts'
import { needs, placeholders, refsIn } from '../src/descriptor/refs.ts'
import type { Json } from '../src/session/schema.ts'

const json = fc.jsonValue({ maxDepth: 3 }).map(value => value as Json)
const NOON = Date.UTC(2026, 10, 20, 12, 0, 0, 250)

const post: HttpCall = {
  kind: 'http',
  method: 'POST',
  endpoint: 'https://api.example.com/boards/{board}/items?parent={parent}&again={board}',
  auth: { header: 'authorization', prefix: 'Bearer ', secret: 'TOKEN' },
  limit: 'post',
  query: { thread: { $ref: 'thread' }, list: [{ $ref: 'board' }] },
  headers: { 'x-trace': 'abc' },
  payload: { text: 'Braces {here} are text', parent: { $ref: 'thread' }, at: { $attempt: 'firstAt' } },
  encoding: 'form',
}
const moved: Descriptor = {
  key: 'e1/tool/0',
  action: 'moveItem',
  ...post,
  before: [
    {
      call: { kind: 'http', method: 'GET', endpoint: 'https://api.example.com/boards/{board}' },
      captures: { version: '/version' },
    },
    {
      call: { kind: 'http', method: 'GET', endpoint: 'https://api.example.com/states?v={version}' },
      list: '',
      where: { pointer: '/name', equals: 'Done' },
      captures: { thread: '/id' },
    },
  ],
  repeat: {
    by: 'mark',
    call: {
      kind: 'http',
      method: 'GET',
      endpoint: 'https://api.example.com/items',
      query: { in: { $ref: 'room' }, oldest: { $attempt: 'firstAt', as: 'seconds', backMs: 60_000 } },
    },
    list: '/items',
    where: { pointer: '/key', equals: 'e1/tool/0' },
    captures: { item: '/id' },
  },
  captures: { item: '/id' },
}

describe('refsIn', () => {
  it('names what the call itself needs, each once, the address first', () => {
    expect(refsIn(post)).toEqual(['board', 'parent', 'thread'])
    expect(refsIn(moved)).toEqual(['board', 'parent', 'thread'])
  })

  it('takes only the exact shape for a placeholder', () => {
    const payload = {
      a: { $ref: 'x', more: 1 },
      b: { $ref: 7 },
      c: [{ d: { $ref: 'y' } }],
      g: { $ref: 'x', with: 'text' },
      h: { $ref: 'x', with: [], more: 1 },
      e: '$ref',
      f: { ref: 'z' },
    }
    expect(refsIn({ ...post, endpoint: 'https://a.example', query: {}, payload })).toEqual(['y'])
  })

  it('looks into the payload of a custom call', () => {
    const call: CustomCall = {
      kind: 'custom',
      target: 'bolt',
      payload: { statement: 'MATCH (n {id: $id}) RETURN n', parameters: { id: { $ref: 'id' } } },
    }
    expect(refsIn(call)).toEqual(['id'])
  })

  it('has nothing to name in an address that is a secret', () => {
    expect(
      refsIn({ kind: 'http', method: 'POST', endpoint: { $secret: 'WEBHOOK_URL' }, payload: {} }),
    ).toEqual([])
  })
})

describe('needs', () => {
  it('is what the lane must have: look-ups counted, own reads left out once they are read', () => {
    expect(needs(moved)).toEqual(['board', 'parent', 'room'])
  })

  it('counts a read that comes too late', () => {
    expect(needs({ ...moved, before: [...(moved.before ?? [])].reverse() })).toEqual([
      'version',
      'board',
      'parent',
      'room',
    ])
  })
})

describe('placeholders', () => {
  it('lists what will be filled, from where, and where it stands', () => {
    expect(placeholders(moved)).toEqual([
      { name: 'board', from: 'lane', at: ['/before/0/call/endpoint', '/endpoint', '/query/list/0'] },
      { name: 'version', from: 'before', at: ['/before/1/call/endpoint'] },
      { name: 'parent', from: 'lane', at: ['/endpoint'] },
      { name: 'thread', from: 'before', at: ['/query/thread', '/payload/parent'] },
      { name: 'firstAt', from: 'attempt', at: ['/payload/at', '/repeat/call/query/oldest'] },
      { name: 'room', from: 'lane', at: ['/repeat/call/query/in'] },
    ])
  })
})

describe('fill', () => {
  it('gives the call alone, its placeholders filled', () => {
    expect(fill(moved, { board: 'a/b ?', parent: 12, thread: '1.5', unused: 'x' }, NOON)).toEqual({
      ok: true,
      call: {
        kind: 'http',
        method: 'POST',
        endpoint: 'https://api.example.com/boards/a%2Fb%20%3F/items?parent=12&again=a%2Fb%20%3F',
        auth: { header: 'authorization', prefix: 'Bearer ', secret: 'TOKEN' },
        limit: 'post',
        query: { thread: '1.5', list: ['a/b ?'] },
        headers: { 'x-trace': 'abc' },
        payload: { text: 'Braces {here} are text', parent: '1.5', at: '2026-11-20T12:00:00.250Z' },
        encoding: 'form',
      },
    })
  })

  it('writes the time of the first attempt as asked', () => {
    const times = (placeholder: Json) => {
      const filling = fill(
        { ...post, endpoint: 'https://a.example', query: {}, payload: placeholder },
        {},
        NOON,
      )
      return filling.ok && filling.call.kind === 'http' ? filling.call.payload : filling
    }
    expect(times({ $attempt: 'firstAt' })).toBe('2026-11-20T12:00:00.250Z')
    expect(times({ $attempt: 'firstAt', as: 'iso', backMs: 250 })).toBe('2026-11-20T12:00:00.000Z')
    expect(times({ $attempt: 'firstAt', as: 'seconds' })).toBe('1795176000.250000')
    expect(times({ $attempt: 'firstAt', as: 'seconds', backMs: 248 })).toBe('1795176000.002000')
    expect(times({ $attempt: 'firstAt', as: 'milliseconds', backMs: 60_000 })).toBe(NOON - 60_000)
    expect(times({ $attempt: 'firstAt', as: 'milliseconds', backMs: NOON * 2 })).toBe(0)
    expect(times({ $attempt: 'firstAt', other: 1 })).toEqual({ $attempt: 'firstAt', other: 1 })
  })

  it('joins more to a list or an object that was read', () => {
    const joined = (placeholder: Json, read: Json) => {
      const call: HttpCall = {
        kind: 'http',
        method: 'PATCH',
        endpoint: 'https://a.example',
        payload: placeholder,
      }
      const filling = fill(call, { read }, NOON)
      return filling.ok && filling.call.kind === 'http' ? filling.call.payload : filling
    }
    const tags = { $ref: 'read', with: ['new', ['old', null]] }
    expect(joined({ tags }, [['old', null], 'x'])).toEqual({ tags: [['old', null], 'x', 'new'] })
    expect(joined(tags, [])).toEqual(['new', ['old', null]])
    const values = { $ref: 'read', with: { 3: 'three', 4: null } }
    expect(joined(values, { 1: 'one', 3: 'old' })).toEqual({ 1: 'one', 3: 'three', 4: null })
    const refused = (kind: string) => ({
      ok: false,
      missing: [],
      reason: `"read" is not ${kind} and cannot be joined`,
    })
    expect(joined(tags, { 0: 'x' })).toEqual(refused('an array'))
    const inner = fill(
      {
        ...post,
        payload: { $ref: 'all', with: { ids: { $ref: 'ids', with: [{ $ref: 'thread' }] }, name: 'b' } },
      },
      { board: 'b', parent: 'p', thread: 't', all: { ids: ['old'], name: 'a', other: 1 }, ids: ['old'] },
      NOON,
    )
    expect(inner).toMatchObject({
      ok: true,
      call: { payload: { ids: ['old', 't'], name: 'b', other: 1 } },
    })
    expect(
      refsIn({ ...post, payload: { $ref: 'all', with: { ids: { $ref: 'ids', with: [{ $ref: 'id' }] } } } }),
    ).toEqual(expect.arrayContaining(['all', 'ids', 'id']))
    expect(joined(values, ['x'])).toEqual(refused('an object'))
    expect(joined(values, 'x')).toEqual(refused('an object'))
  })

  it('replaces a block of ours and keeps what people wrote around it', () => {
    const put = (value: Json, replacement: string | readonly Json[]) => {
      const body = { $ref: 'body', between: ['[a]', '[z]'], put: replacement }
      const found = fill(
        { ...post, payload: body as Json },
        { board: 'b', parent: 'p', thread: 't', body: value },
        NOON,
      )
      return found.ok ? (found.call as HttpCall).payload : found
    }
    expect(put('Hello\n[a] old [z]\nThanks', '[a] new [z]')).toBe('Hello\n[a] new [z]\nThanks')
    expect(put('[a] old [z]', '[a] $& [z]')).toBe('[a] $& [z]')
    // A block that was copied inside itself leaves nothing behind.
    expect(put('[a] old [a] copy [z] [z]!', '[a][z]')).toBe('[a][z]!')
    // One that was copied beside it is a text of people, and so is what stands between the two.
    expect(put('[a] old [z] mine [a] copy [z]', '[a][z]')).toBe('[a][z] mine [a] copy [z]')
    expect(put('[a] cut off, mine [a] old [z]', '[a][z]')).toBe('[a] cut off, mine [a][z]')
    expect(put('below: [z]\n[a] old [z]', '[a][z]')).toBe('below: [z]\n[a][z]')
    for (const [open, close] of [
      ['```', '```'],
      ['~~~~ md', '~~~~'],
      ['  ````', '`````  '],
      ['{code:title=x}', '{code}'],
      ['{noformat}', '{noformat}'],
    ] as const) {
      const quoted = `${open}\n[a] copy [z]\n${close}`
      expect(put(`${quoted}\n[a] old [z]\n${quoted}`, '[a][z]')).toBe(`${quoted}\n[a][z]\n${quoted}`)
      expect(put(quoted, '[a][z]')).toMatchObject({ ok: false, needless: true })
    }
    // Without an end it is no block of code; a line in one that is no end of it does not end it.
    expect(put('```\n[a] old [z]', '[a][z]')).toBe('```\n[a][z]')
    const longer = '````\n```\n[a] copy [z]\n```\n````\n'
    expect(put(`${longer}[a] old [z]`, '[a][z]')).toBe(`${longer}[a][z]`)
    const code = { type: 'code', text: '[a]\ncopy\n[z]' }
    expect(put([code, '[a]', 'old', '[z]', code], ['[a][z]'])).toEqual([code, '[a][z]', code])
    expect(put(['[a] old [z]', 'mine', '[a] copy', '[z]'], ['[a][z]'])).toEqual([
      ...['[a][z]', 'mine', '[a] copy', '[z]'],
    ])
    const items = [
      { text: 'Hello' },
      { text: 'old', mark: '[a]' },
      { text: 'middle' },
      { text: '[z]' },
      'Thanks',
    ]
    expect(put(items, [{ text: '[a] new [z]' }])).toEqual([
      { text: 'Hello' },
      { text: '[a] new [z]' },
      'Thanks',
    ])
    expect([put(' \n', '[a] new [z]'), put([], ['[a][z]'])]).toEqual(['[a] new [z]', ['[a][z]']])
    // A placeholder that people wrote stays text.
    expect(put([{ $ref: 'thread' }, '[a][z]'], ['[a][z]'])).toEqual([{ $ref: 'thread' }, '[a][z]'])
    for (const [value, replacement] of [
      ['Only theirs', '[a][z]'],
      ['[z] in the wrong order [a]', '[a][z]'],
    ] as const)
      expect(put(value as Json, replacement)).toMatchObject({ ok: false, needless: true })
    expect(put(['[a][z]'], '[a][z]')).toEqual({ ok: false, missing: [], reason: '"body" is not a string' })
    expect(put('[a][z]', ['[a][z]'])).toEqual({ ok: false, missing: [], reason: '"body" is not an array' })
  })

  it('names all that is missing', () => {
    expect(fill(post, { parent: 'p' }, NOON)).toEqual({
      ok: false,
      missing: ['board', 'thread'],
      reason: 'nothing was captured yet as board, thread',
    })
  })

  it('sees own values only', () => {
    const call: HttpCall = {
      ...post,
      endpoint: 'https://a.example/',
      query: { $ref: 'constructor' },
      payload: { $ref: '__proto__' },
    }
    expect(fill(call, {}, NOON)).toMatchObject({ ok: false, missing: ['constructor', '__proto__'] })
    const filling = fill(
      call,
      JSON.parse('{"constructor":1,"__proto__":{"a":2}}') as Record<string, Json>,
      NOON,
    )
    expect(filling).toMatchObject({ ok: true, call: { query: 1, payload: { a: 2 } } })
  })

  it('keeps an own property called __proto__ a property', () => {
    const payload = JSON.parse('{"__proto__":{"polluted":{"$ref":"thread"}}}') as Json
    const filling = fill(
      { ...post, endpoint: 'https://a.example', query: {}, payload },
      { thread: 't' },
      NOON,
    )
    expect(filling.ok && JSON.stringify((filling.call as HttpCall).payload)).toBe(
      '{"__proto__":{"polluted":"t"}}',
    )
  })

  it('does not fill what was captured: a value that looks like a placeholder stays data', () => {
    const thread = { $ref: 'parent', text: ['{board}', { $ref: 'board' }] }
    const filling = fill(post, { board: '{parent}', parent: 'p', thread }, NOON)
    expect(filling).toMatchObject({
      ok: true,
      call: {
        endpoint: 'https://api.example.com/boards/%7Bparent%7D/items?parent=p&again=%7Bparent%7D',
        query: { thread },
        payload: { parent: thread },
      },
    })
  })

  it.each<[Json, string]>([
    ['', '""'],
    ['.', '"."'],
    ['..', '".."'],
    [1.5, '1.5'],
    [true, 'true'],
    [['a'], '["a"]'],
    [{ id: 1 }, '{"id":1}'],
    [2 ** 60, '1152921504606847000'],
    ['\ud800', '"\\ud800"'],
  ])('refuses %j in an address', (board, shown) => {
    expect(fill(post, { board, parent: 1, thread: 1 }, NOON)).toEqual({
      ok: false,
      missing: [],
      reason: `{board} of the address cannot be ${shown}: it takes a string other than "", "." and "..", or a whole number`,
    })
  })

  it.each([
    'https://{host}/path',
    'https://api.{host}/path',
    '{scheme}://api.example.com/',
    'https://api.example.com:{port}/',
    'https://api.example.com{suffix}/',
  ])('refuses a place in scheme or host: %s', endpoint => {
    const filling = fill(
      { ...post, endpoint },
      { host: 'h', port: 1, scheme: 's', suffix: 'x', board: 1, thread: 1 },
      NOON,
    )
    expect(filling).toMatchObject({ ok: false, missing: [] })
    expect(!filling.ok && filling.reason).toContain('never in the scheme or host')
  })

  it('keeps origin, number of path segments and query names, whatever fills the address', () => {
    const value = fc.oneof(
      fc.string({ unit: anyCharacter, minLength: 1 }),
      fc.constantFrom(
        '@evil.example',
        '//evil.example',
        '\\evil',
        '%2e%2e',
        '../..',
        '...',
        '?a=b',
        '#x',
        'a&parent=c',
        '\r\nx: y',
      ),
      fc.maxSafeInteger(),
    )
    fc.assert(
      fc.property(value, value, (board, parent) => {
        fc.pre(board !== '.' && board !== '..' && parent !== '.' && parent !== '..')
        const filling = fill(post, { board, parent, thread: 't' }, NOON)
        const url = new URL((filling.ok && (filling.call as HttpCall).endpoint) as string)
        expect([url.origin, url.username, url.hash]).toEqual(['https://api.example.com', '', ''])
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'boards',
          String(board),
          'items',
        ])
        expect([...url.searchParams]).toEqual([
          ['parent', String(parent)],
          ['again', String(board)],
        ])
      }),
    )
  })

  it('fills every placeholder with its value and changes nothing else', () => {
    const withPlaceholders: fc.Arbitrary<Json> = fc.letrec<{ tree: Json }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<Json>('a', 1, null, { $ref: 'one' }, { $ref: 'two' }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', '__proto__', 'b/c', 'constructor'), tie('tree'), { maxKeys: 3 }),
      ),
    })).tree
    fc.assert(
      fc.property(withPlaceholders, json, json, (payload, one, two) => {
        const before = JSON.stringify(payload)
        const descriptor: Descriptor = {
          key: 'k',
          action: 'a',
          kind: 'http',
          method: 'POST',
          endpoint: 'https://a.example',
          payload,
          repeat: 'unsafe',
        }
        const filling = fill(descriptor, { one, two }, NOON)
        if (!filling.ok) throw new Error(filling.reason)
        for (const placeholder of placeholders(descriptor))
          for (const pointer of placeholder.at)
            expect(at(filling.call, pointer)).toEqual({
              found: true,
              value: placeholder.name === 'one' ? one : two,
            })
        if (placeholders(descriptor).length === 0) expect((filling.call as HttpCall).payload).toEqual(payload)
        expect(JSON.stringify(payload)).toBe(before)
      }),
    )
  })
})
