import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { originOf } from '../src/descriptor/wire.ts'
import { findOrigin, problemOf, targetIn } from '../src/transport/contract.ts'

const HOSTS = [
  'https://api.example.com',
  'https://h:8443',
  'http://127.0.0.1:80',
  'http://[::1]:9',
  'https://H',
]

/** Paths and queries as they come: plain ones, and those that a parser changes. */
const rest = fc
  .array(
    fc.constantFrom(
      ...[
        '/',
        'a',
        'Z9',
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '%41',
        '?',
        '&x=',
        ';',
        ':',
        '@',
        "'",
        '"',
        '|',
        '^',
        '`',
      ],
      ...['é', '%', '~', '-', '_', '+', '//', '[', ']', '<', '!', '*', '(', ')', ','],
    ),
    { maxLength: 8 },
  )
  .map(parts => `/${parts.join('')}`)

describe('an address', () => {
  it('is sent as a parser of addresses reads it, also where scheme and host were parsed before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HOSTS), rest, (host, more) => {
        const { origin, protocol, host: reached, hostname, port, pathname, search } = new URL(host + more)
        expect(targetIn(host + more)).toMatchObject({
          origin,
          isSecure: protocol === 'https:',
          host: reached,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port,
          path: pathname + search,
        })
      }),
    )
  })

  it.each([
    ['https://h/a', undefined, undefined],
    ['http://127.0.0.1:1/a', undefined, undefined],
    [
      'http://collector/a',
      'it must begin with https:// (http:// is for this machine, or with allowPlaintext for a private network)',
      undefined,
    ],
    [
      'http://example.com/a',
      'it must begin with https:// (http:// is for this machine only)',
      'it must begin with https:// (http:// is for this machine only)',
    ],
    ['https://u:p@h/a', 'it must hold no user and no password', 'it must hold no user and no password'],
    [
      'https://h\\x/a',
      'it must hold no space, control character, backslash, brace or #',
      'it must hold no space, control character, backslash, brace or #',
    ],
    [
      'https://h/a b',
      'it must hold no space, control character, backslash, brace or #',
      'it must hold no space, control character, backslash, brace or #',
    ],
    [
      'ftp://h/a',
      'it must be a whole address that begins with https://',
      'it must be a whole address that begins with https://',
    ],
  ])('%s has the same problem whenever it is asked', (address, without, allowed) => {
    for (let time = 0; time < 2; time++)
      expect([problemOf(address, false), problemOf(address, true)]).toEqual([without, allowed])
  })

  it.each([
    ['https://api.example.com/a?b', 'https://api.example.com'],
    ['https://API.example.com:443/', 'https://api.example.com'],
    ['http://h:81', 'http://h:81'],
    ['bolt://localhost:7687', 'bolt://localhost:7687'],
  ])('%s belongs to %s', (address, origin) => {
    expect([findOrigin(address), originOf(address)]).toEqual([origin, origin])
  })

  it('that cannot be parsed has no origin', () => {
    expect(findOrigin('no address')).toBeUndefined()
    expect(() => originOf('no address')).toThrow(TypeError)
  })
})
