import { expect, describe as group, test } from 'vitest'
import { TrackerError } from '../src/session/errors.ts'
import { describe, invalidConfig, invalidInput, message } from '../src/session/message.ts'

group('message', () => {
  test.each([
    [{ problem: 'missing' }, 'missing.'],
    [{ field: 'goal', problem: 'missing' }, 'goal: missing.'],
    [
      { field: 'progress', problem: 'invalid type', expected: 'a number', got: 'null' },
      'progress: invalid type; expected a number, got null.',
    ],
    [
      { field: 'a', problem: 'unknown option', expected: 'one of b, c' },
      'a: unknown option; expected one of b, c.',
    ],
    [
      { problem: 'too long', got: '300 characters', todo: 'Shorten it.' },
      'too long; got 300 characters. Shorten it.',
    ],
  ])('puts the parts of %j together', (parts, text) => {
    expect(message(parts)).toBe(text)
  })

  test.each([
    ['', 'an empty string'],
    ['35', 'the string "35"'],
    ['x'.repeat(41), `the string "${'x'.repeat(40)}"…`],
    [35, 'the number 35'],
    [true, 'the boolean true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 2], 'an array of 2'],
    [{}, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
    [3n, 'the bigint 3'],
  ])('describes %s', (value, text) => {
    expect(describe(value)).toBe(text)
  })

  test('makes errors with code and field', () => {
    expect(invalidInput({ field: 'goal', problem: 'missing' })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'goal',
      message: 'goal: missing.',
    })
    expect(invalidConfig({ problem: 'missing' })).toMatchObject({ code: 'CONFIG', field: undefined })
  })
})

test('an error never shows control or bidirectional characters of what it quotes', () => {
  const { message: shown } = new TrackerError('INVALID_INPUT', 'no session "\x1b]0;t\x07\u202e\x9b"\r\nEnd.')
  expect(shown).toBe('no session "]0;t"\nEnd.')
})
