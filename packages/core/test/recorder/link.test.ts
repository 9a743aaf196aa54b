import { expect, test } from 'vitest'
import type { AnyAdapter } from '../../src/adapter/contract.ts'
import { linkOf } from '../../src/recorder/link.ts'

const session = { refs: {} }
const captured = (value: string) => [
  { adapter: 'chat', lane: 's', key: 's/chat/0', name: 'permalink', value },
]
/** What is shown of an address that a service answered, without and with an adapter that says where its card is. */
const shown = (value: string): readonly (string | undefined)[] => {
  const saying = { name: 'chat', link: () => ({ name: 'card', url: value }) } as unknown as AnyAdapter
  const given = captured(value)
  return [linkOf('chat', undefined, session, given)?.url, linkOf('chat', saying, session, given)?.url]
}

test.for<[address: string, url: string | undefined]>([
  [
    'https://a.example/archives/C01/p1?thread_ts=1.2&cid=C01',
    'https://a.example/archives/C01/p1?thread_ts=1.2&cid=C01',
  ],
  ['https://evil.example/\n\n@org/team #1', undefined],
  ['https://evil.example/\\', 'https://evil.example//'],
  ['https://evil.example/a>b"c<d', 'https://evil.example/a%3Eb%22c%3Cd'],
  ['https://evil.example/\u202egnp.exe', 'https://evil.example/%E2%80%AEgnp.exe'],
  ['https://evil.example/a|b]c[d{e}`f^', 'https://evil.example/a%7Cb%5Dc%5Bd%7Be%7D%60f%5E'],
  ['https://evil.example/?a=|b]#|c]', 'https://evil.example/?a=%7Cb%5D#%7Cc%5D'],
  ['https://a\u0441\u0441ount.example/', 'https://xn--aount-1yea.example/'],
  ['https://[::1]/a', 'https://[::1]/a'],
  ['https://evil.example/a"b', 'https://evil.example/a%22b'],
  ['https://u:p@evil.example/', undefined],
  ['https://u@evil.example/', undefined],
  ['javascript:alert(1)', undefined],
  ['https://', undefined],
  ['https:///', undefined],
  ['/a', undefined],
  ['', undefined],
  [`https://a.example/${'a'.repeat(2_048)}`, undefined],
])('an address that a service answered, %j, is shown as %j', ([address, url]) => {
  expect(shown(address)).toEqual([url, url])
})

test('an address without encryption is shown where a service answered it, and not where an adapter made it', () => {
  expect(shown('http://tracker.internal:8080/a')).toEqual(['http://tracker.internal:8080/a', undefined])
})
