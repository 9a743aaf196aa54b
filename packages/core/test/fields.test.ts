import {
  type Descriptor,
  fieldsOf,
  isFields,
  type Lookup,
  showValue,
  soughtBy,
  writeLine,
} from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'

test('fields are those of an object, and of nothing else', () => {
  expect([{}, { a: 1 }, [], null, 'a', 1, undefined].map(isFields)).toEqual([
    ...[true, true],
    ...[false, false, false, false, false],
  ])
  expect([{ a: 1 }, ['a'], null, 'a', undefined].map(fieldsOf)).toEqual([{ a: 1 }, {}, {}, {}, {}])
})

test('a value is shown by its first line with text, at most 80 characters of it', () => {
  expect(showValue('\n▼ card\n  \nFirst\nSecond')).toBe('First')
  expect(showValue('x'.repeat(80))).toBe('x'.repeat(80))
  expect(showValue('x'.repeat(81))).toBe(`${'x'.repeat(79)}…`)
  expect([7, null, true, undefined, { $ref: 'issue' }].map(showValue)).toEqual([
    ...['7', 'null', 'true', 'undefined'],
    "the session's card",
  ])
})

test('names that a call seeks are those of its look-ups in lists', () => {
  const call = { kind: 'http', method: 'GET', endpoint: 'https://example.com' } as const
  const lookups: readonly Lookup[] = [
    { call, list: '/states', where: { pointer: '/name', equals: 'Done' } },
    { call, where: { pointer: '/right', equals: true } },
    { call, list: '/labels', where: { pointer: '/name', equals: 'bug' } },
    { call, list: '/labels', where: { pointer: '/name', contains: 'x' } },
  ]
  expect(soughtBy({ before: lookups })).toBe('Done, bug')
  expect(soughtBy({})).toBe('')
})

test('a line for people is made of the payload, the address and the request', () => {
  const line = writeLine(({ text }, address, { action }) => `${action} ${showValue(text)} at ${address}`)
  const request = { kind: 'http', method: 'POST', key: 'k', action: 'post', repeat: 'safe' } as const
  const lines = [
    { ...request, endpoint: 'https://example.com/n', payload: { text: 'Hi' } },
    { ...request, endpoint: { $secret: 'HOOK' }, payload: ['Hi'] },
  ].map(each => line(each as Descriptor))
  expect(lines).toEqual(['post Hi at https://example.com/n', 'post undefined at '])
})
