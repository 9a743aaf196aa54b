import { expect, test } from 'vitest'
import { linear } from '../src/index.ts'

const { link } = linear({ teamId: 'BIL' })
const PAGE = 'https://linear.app/acme/issue/BIL-212/stop-double-charging'
const BIL_212 = { name: 'BIL-212', url: PAGE }

test.each([
  ['its own issue', {}, { identifier: 'BIL-212', url: PAGE }, BIL_212],
  [
    'an issue by the address of a comment',
    { issue: 'BIL-212' },
    { url: `${PAGE}#comment-3f9f0d1e` },
    BIL_212,
  ],
  ['an issue that people linked by its address', { issue: `${PAGE}?x=1` }, {}, BIL_212],
  ['an identifier, whose address is not known yet', { issue: 'BIL-212' }, {}, undefined],
  ['an address of elsewhere', {}, { url: 'https://evil.example/acme/issue/BIL-212' }, undefined],
  ['an address that is none', {}, { url: 12 }, undefined],
])('links %s', (_, refs, captured, expected) => {
  expect(link?.({ refs, captured })).toEqual(expected)
})
