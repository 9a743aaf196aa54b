import { expect, test } from 'vitest'
import { look, nothingFits, type Send } from '../src/delivery/look.ts'
import type { HttpCall, Lookup } from '../src/descriptor/descriptor.ts'
import type { Json } from '../src/session/schema.ts'

const call: HttpCall = {
  kind: 'http',
  method: 'GET',
  endpoint: 'https://example.com/comments',
  query: { size: 2 },
}
const lookup: Lookup = {
  call,
  list: '/items',
  where: { pointer: '/mark', equals: 'ours' },
  captures: { id: '/id' },
  next: { cursor: '/total', into: '/query/from', counted: true },
}

/** A service that counts: pages of two, or shorter ones. */
const service = (marks: readonly string[], size: number, total: Json = marks.length) => {
  const asked: (Json | undefined)[] = []
  const send: Send = async sent => {
    const { from } = (sent as HttpCall).query as Readonly<Record<string, Json>>
    asked.push(from)
    const start = Number(from ?? 0)
    const items = marks.slice(start, start + size).map((mark, place) => ({ mark, id: start + place }))
    const body = { total, items }
    return { reply: { kind: 'answer', status: 200, headers: {}, body }, outcome: { kind: 'delivered' } }
  }
  return { asked, send }
}

test('a list that counts its items is read to its end', async () => {
  const { asked, send } = service(['a', 'b', 'c', 'd', 'ours'], 2)
  expect(await look(lookup, {}, 0, send)).toMatchObject({ kind: 'item', captures: { id: 4 } })
  expect(asked).toEqual([undefined, 2, 4])
})

test('a page shorter than asked for is not its end', async () => {
  const { asked, send } = service(['a', 'b', 'c', 'ours'], 1)
  expect(await look(lookup, {}, 0, send)).toMatchObject({ kind: 'item', captures: { id: 3 } })
  expect(asked).toEqual([undefined, 1, 2, 3])
})

test('nothing is found when as many were read as there are, or when a page is empty', async () => {
  const exact = service(['a', 'b'], 2)
  expect(await look(lookup, {}, 0, exact.send)).toMatchObject({ kind: 'none' })
  expect(exact.asked).toEqual([undefined])
  const hidden = service(['a', 'b'], 2, 9)
  expect(await look(lookup, {}, 0, hidden.send)).toMatchObject({ kind: 'none' })
  expect(hidden.asked).toEqual([undefined, 2])
})

test('a list that a caller wants whole is read to its end, or is no answer', async () => {
  const plain: Lookup = {
    call,
    list: '/items',
    next: { cursor: '/total', into: '/query/from', counted: true },
  }
  const marks = (n: number) => Array.from({ length: n }, (_, place) => `m${place}`)
  const whole = service(marks(200), 2)
  const { read } = await look(plain, {}, 0, whole.send, true)
  expect(read).toHaveLength(200)
  expect(whole.asked).toHaveLength(100)
  for (const lookup of [plain, { ...plain, where: { pointer: '/mark', equals: 'm1' } }] as const)
    expect(await look(lookup, {}, 0, service(marks(201), 2).send, true)).toEqual({
      kind: 'failed',
      outcome: { kind: 'unknown', reason: 'the list has more than 100 pages (200 items read)' },
    })
})

test('more pages than anybody should read are no answer', async () => {
  const endless = service(
    Array.from({ length: 50 }, () => 'a'),
    2,
  )
  expect(await look(lookup, {}, 0, endless.send)).toMatchObject({ kind: 'failed' })
})

test('a name in another case is taken where the whole list has one such, and none to the letter', async () => {
  const where = { pointer: '/mark', equals: 'done', anyCase: true } as const
  const found = async (marks: readonly string[], given: Lookup = { ...lookup, where }) => {
    const looked = await look(given, {}, 0, service(marks, 2).send)
    return looked.kind === 'item' ? looked.captures.id : looked.kind
  }
  expect(await found(['Done', 'b', 'done'])).toBe(2)
  expect(await found(['a', 'DONE', 'c'])).toBe(1)
  expect(await found(['Done', 'b', 'DONE'])).toBe('none')
  expect(await found(['a', 'DONE'], { ...lookup, where: { pointer: '/mark', equals: 'done' } })).toBe('none')
})

test('what was read by its id is named, and offers no choice', () => {
  expect(nothingFits({ call, noun: 'user story #999 in billing' }, [])).toBe('no user story #999 in billing')
  expect(nothingFits(lookup, [])).toBe('no item "ours"; there is: nothing')
})

test('a service that ignores where to go on gives no rows twice', async () => {
  let sent = 0
  const send: Send = async () => {
    sent += 1
    const body = {
      total: 9,
      items: [
        { mark: 'a', id: 0 },
        { mark: 'b', id: 1 },
      ],
    }
    return { reply: { kind: 'answer', status: 200, headers: {}, body }, outcome: { kind: 'delivered' } }
  }
  expect(await look(lookup, {}, 0, send)).toEqual({
    kind: 'failed',
    outcome: { kind: 'unknown', reason: 'the list does not go on: page 2 repeats the one before' },
  })
  expect(sent).toBe(2)
})

test('what an answer lacks is told of the answer, and what an item lacks of the item', async () => {
  const send: Send = async () => ({
    reply: { kind: 'answer', status: 200, headers: {}, body: { items: [{ mark: 'ours' }] } },
    outcome: { kind: 'delivered' },
  })
  const reasonOf = async (asked: Lookup) => {
    const looked = await look(asked, {}, 0, send)
    return looked.kind === 'failed' ? looked.outcome.reason : looked.kind
  }
  expect(await reasonOf({ call, captures: { user: '/displayName' } })).toBe('the answer has no user')
  expect(await reasonOf(lookup)).toBe('the item found has no id')
})
