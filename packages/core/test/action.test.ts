import { expect, test } from 'vitest'
import * as z from 'zod'
import { type At, action, omitUndefined } from '../src/adapter.ts'

type Here = At<Readonly<{ board: string }>>

const at: Here = { key: 'event/board/0', config: { board: 'b1' } }
const note = action(
  'addNote',
  z.strictObject({ text: z.string().transform(text => text.replaceAll('*', '\\*')) }),
  ({ text }, { config }: Here) => ({
    kind: 'http',
    method: 'PUT',
    endpoint: `https://example.com/${config.board}`,
    payload: { text },
    repeat: 'safe',
  }),
  { about: 'Adds a note.', example: { text: 'Tests are green' } },
)
const noted = (text: string) => ({
  key: 'event/board/0',
  action: 'addNote',
  kind: 'http',
  method: 'PUT',
  endpoint: 'https://example.com/b1',
  payload: { text },
  repeat: 'safe',
})

test('an action checks its input and makes of it what its schema says', () => {
  expect(note({ text: 'a *b*' })(at)).toEqual(noted('a \\*b\\*'))
  expect(() => note({ text: 1 } as never)).toThrow('addNote.text: ')
})

test('the step of a value takes it as it is: what the schema made once is not made again', () => {
  expect(note.step({ text: 'a \\*b\\*' })(at)).toEqual(noted('a \\*b\\*'))
})

test.each([
  [{}, {}],
  [
    { a: null, b: 0, c: '' },
    { a: null, b: 0, c: '' },
  ],
  [
    { a: 1, b: undefined, c: [undefined] },
    { a: 1, c: [undefined] },
  ],
  [{ a: undefined }, {}],
  [JSON.parse('{"__proto__":{"x":1}}'), JSON.parse('{"__proto__":{"x":1}}')],
  [{ ...JSON.parse('{"__proto__":{"x":1}}'), a: undefined }, JSON.parse('{"__proto__":{"x":1}}')],
])('%j has only what is defined', (fields, expected) => {
  const found = omitUndefined<unknown>(fields)
  expect(found).toStrictEqual(expected)
  expect(Object.keys(found)).toEqual(Object.keys(expected))
})
