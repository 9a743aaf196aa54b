import { checkInput, lineInput, markdownInput } from '@sessionwire/core/adapter'
import { expect, test } from 'vitest'
import * as z from 'zod'

const note = z.strictObject({ title: lineInput(8), body: z.optional(markdownInput) })
const check = (given: unknown) => checkInput('addNote', note, given)

test('a line is one line, cleaned and cut', () => {
  expect(check({ title: ' a\n b\u202e ' })).toEqual({ title: 'a b' })
  expect(check({ title: 'one two three' })).toEqual({ title: 'one two…' })
})

test('a body is a string as it is, or Markdown that is trusted and cleaned', () => {
  expect(check({ title: 'x', body: ' *a*\n' })).toEqual({ title: 'x', body: ' *a*\n' })
  expect(check({ title: 'x', body: { markdown: '**a**\u202e' } })).toEqual({
    title: 'x',
    body: { markdown: '**a**' },
  })
})

// biome-ignore format: a table is read one line at a time
test.each([
  [{ title: 7 }, 'addNote.title: invalid type; expected a string of which something is visible, got the number 7.'],
  [{ title: ' \u200b\n' }, 'addNote.title: invalid value; expected a string of which something is visible, got the string " \u200b\\n".'],
  [{ title: 'x', body: '' }, 'addNote.body: invalid value; expected a string of which something is visible, got an empty string.'],
  [{ title: 'x', body: 7 }, 'addNote.body: invalid value; expected a string of which something is visible, or { markdown } for text that you trust, got the number 7.'],
  [{ title: 'x', body: { markdown: ' ' } }, 'addNote.body.markdown: invalid value; expected a string of which something is visible, got the string " ".'],
  [{ title: 'x', body: { html: 'x' } }, 'addNote.body.markdown: missing; expected a string of which something is visible.'],
])('%j is refused', (given, message) => {
  expect(() => check(given)).toThrow(message)
})
