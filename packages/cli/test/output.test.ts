import { expect, test } from 'vitest'
import { showOutput } from '../src/io.ts'

const text = 'a\u202eb\u001b]0;title\u0007\n\u001b[1mbold\u001b[22m\u001b[2J\tc'

test('output keeps our styles and no other escape sequence', () =>
  expect(showOutput({ hasColours: true }, text)).toBe('ab]0;title\n\u001b[1mbold\u001b[22m[2J\tc'))

test('output without colours keeps no escape sequence', () =>
  expect(showOutput({ hasColours: false }, text)).toBe('ab]0;title\n[1mbold[22m[2J\tc'))
