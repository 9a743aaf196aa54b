import { expect, test } from 'vitest'
import { markdown } from '../src/text.ts'

const inline = (text: string) => markdown.inline(text, 1_000, 'code')

test.each([
  ['redis holds billing:lock:42', 'redis holds `billing:lock:42`'],
  ['mounted at a:key:ro', 'mounted at `a:key:ro`'],
  // The sign outside of the code means nothing without the one on the other side.
  [':+1: or :-1: of :100:', '\\:`+1`: or :`-1`: of :`100`:'],
  ['(:Bug:)', '(:`Bug`:)'],
  ['`:key:` stays', '`` `:key:` `` stays'],
])('the name of an emoji stays a word: %j', (text, shown) => expect(inline(text)).toBe(shown))

test.each(['at 10:30:00', 'key: value', 'a::b', 'x: y: z', 'ratio 3:2:1'])(
  'colons of no emoji stay as they are: %j',
  text => expect(inline(text)).toBe(text),
)
