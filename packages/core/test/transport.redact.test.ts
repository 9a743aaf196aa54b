import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { createRedactor } from '../src/transport/redact.ts'

const knowing = async (values: Readonly<Record<string, string>>) => {
  const redactor = createRedactor(name => values[name])
  for (const name of Object.keys(values)) await redactor.secrets(name)
  return redactor
}
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

describe('a redactor', () => {
  it('passes values through, and redacts those that were read in any text', async () => {
    const values: Record<string, string> = { TOKEN: 'xoxb-12345678', OTHER: 'never-read-1' }
    const { secrets, redact } = createRedactor(async name => values[name])
    expect(redact('xoxb-12345678')).toBe('xoxb-12345678')
    expect([await secrets('TOKEN'), await secrets('NONE')]).toEqual(['xoxb-12345678', undefined])
    expect(redact('401 bad xoxb-12345678, xoxb-12345678! never-read-1')).toBe(
      '401 bad [TOKEN], [TOKEN]! never-read-1',
    )
  })

  it('knows a value in numeric entities of HTML, and with invisible signs inside', async () => {
    const { redact, find } = await knowing({ TOKEN: 'aK/9+z=Q' })
    for (const spelling of [
      '&#97;&#75;&#47;&#57;&#43;&#122;&#61;&#81;',
      '&#x61;&#x4b;&#x2f;&#x39;&#x2b;&#x7a;&#x3d;&#x51;',
      'aK&#47;9&#43;z&#61;Q',
      'aK&#x2F;9&#x2B;z&#x3D;Q',
      'aK/9\u200b+z=Q',
      '\u200da\u00adK/9+\u2060z=\ufeffQ',
    ]) {
      expect(redact(`bad ${spelling}!`)).toBe('bad [TOKEN]!')
      expect(find(`bad ${spelling}!`)).toBe('TOKEN')
    }
    expect(redact('a\u200bb')).toBe('a\u200bb')
  })

  it('knows a value within what base64 made of a longer text', async () => {
    const value = 'lin_api_0123456789abcdef'
    const { redact } = await knowing({ TOKEN: value })
    for (const before of ['', 'a', 'ab', 'abc', 'Bearer ', 'token='])
      for (const after of ['', 'z', 'zy', 'zyx', '","a":1}']) {
        const told = redact(`bad: ${base64(before + value + after)}`)
        expect(told).toContain('[TOKEN]')
        expect(Buffer.from(told.replace('[TOKEN]', ''), 'base64').toString('latin1')).not.toMatch(/0123|abcd/)
      }
    // A short one makes a part that ordinary words hold.
    expect((await knowing({ PIN: 'abcdefgh' })).redact('YWJj is not a pin')).toBe('YWJj is not a pin')
  })

  it('knows how a value looks elsewhere', async () => {
    const value = 'p"ä/ss+w&rd é\\n'
    const { redact } = await knowing({ WORD: value })
    const looks = [
      value,
      JSON.stringify({ a: value }),
      JSON.stringify(JSON.stringify({ a: value })),
      JSON.stringify(value).replaceAll('/', '\\/'),
      encodeURIComponent(value),
      encodeURIComponent(value).toLowerCase(),
      new URLSearchParams({ value }).toString(),
      base64(value),
      base64(value).replaceAll('=', ''),
      base64(value).replaceAll('+', '-').replaceAll('/', '_'),
      encodeURIComponent(base64(value)),
    ]
    for (const look of looks) {
      const text = redact(`before ${look} after`)
      expect(text).toContain('[WORD]')
      expect(text).toMatch(/^before .*after$/s)
      expect(text).not.toMatch(/ss|w&rd|w%26rd/)
    }
  })

  it('knows an address that is a secret without its host', async () => {
    const hook = 'https://hooks.example.com/services/T012AB3CD/B012AB3CD/Ax7kQ9zLm2'
    const { redact } = await knowing({ HOOK: hook, SITE: 'https://example.com/' })
    expect(redact(`404: Cannot POST ${new URL(hook).pathname}`)).toBe('404: Cannot POST /[HOOK]')
    expect(redact('no service Ax7kQ9zLm2 at https://hooks.example.com/ now')).toBe(
      'no service [HOOK] at https://hooks.example.com/ now',
    )
    expect(redact('https://example.com/ is down, example.com too')).toBe('[SITE] is down, example.com too')
  })

  it('knows a basic credential of two of them', async () => {
    const { redact } = await knowing({ EMAIL: 'me@example.com', KEY: 'k3y-value-1' })
    expect(redact(`Authorization: Basic ${base64('me@example.com:k3y-value-1')}`)).toMatch(
      /^Authorization: Basic \[KEY\]=*$/,
    )
  })

  it('redacts a longer value before the one inside it', async () => {
    const { redact } = await knowing({
      SHORT: 'abcdefgh',
      LONG: 'abcdefgh-ghijkl',
      LONGER: 'x-abcdefgh-ghijkl',
    })
    expect(redact('x-abcdefgh-ghijkl abcdefgh-ghijkl abcdefgh')).toBe('[LONGER] [LONG] [SHORT]')
  })

  it.each<[string, string, string]>([
    ['a plain value', 'q7Rm2Zx9Lp4Vt8Wk3Bn6', 'q7Rm2Zx9Lp4Vt8Wk'],
    ['a token with a vendor’s prefix', 'lin_api_q7Rm2Zx9Lp4Vt8Wk3Bn6', 'lin_api_q7Rm2Zx9Lp4Vt8Wk'],
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.q7Rm2Zx9Lp4Vt8Wk3Bn6.sig', 'eyJhbGciOiJIUzI1NiJ9.q7Rm2Zx9Lp4Vt8Wk'],
    ['an address', 'https://h.example.com/s/q7Rm2Zx9Lp4Vt8Wk3Bn6', 'https://h.example.com/s/q7Rm2Zx9Lp4Vt8'],
  ])(
    'redacts the beginning of %s from 16 characters after its public part, anywhere',
    async (_, value, part) => {
      const { redact } = await knowing({ TOKEN: value })
      expect(redact(`bad key ${part}… is cut`)).toBe('bad key [TOKEN]… is cut')
      const shorter = part.slice(0, -1)
      expect(redact(`bad key ${shorter}… is cut`)).toBe(`bad key ${shorter}… is cut`)
    },
  )

  it('redacts a basic credential that was cut in the middle of its base64', async () => {
    const token = 'ATATT3xFfGF0q7Rm2Zx9Lp4Vt8Wk3Bn6Ys5Hd1Gc0Jf'
    const values: Record<string, string> = { EMAIL: 'ada@example.com', TOKEN: token }
    const { secrets, redact } = createRedactor(name => values[name], { public: ['EMAIL'] })
    for (const name of Object.keys(values)) await secrets(name)
    const whole = base64(`ada@example.com:${token}`).replace(/=+$/, '')
    for (let length = whole.length; length > 60; length--) {
      const text = redact(`authorization=Basic ${whole.slice(0, length)}… accept=*/*`)
      expect(text).toMatch(/^authorization=Basic [\w+/]*\[TOKEN\][\w+/]?… accept=\*\/\*$/)
      const [, left = ''] = /Basic ([\w+/]*)\[/.exec(text) ?? []
      expect(`ada@example.com:ATATT3xFfGF0q7R`).toContain(
        Buffer.from(left, 'base64').toString('latin1').slice(0, -1),
      )
    }
  })

  it('knows how other writers escape JSON, and HTML', async () => {
    const value = "a<b>&c='d'/é+f"
    const { redact } = await knowing({ WORD: value })
    for (const look of [
      "a\\u003cb\\u003e\\u0026c='d'/é+f",
      'a\\u003cb\\u003e\\u0026c\\u003d\\u0027d\\u0027/é\\u002bf',
      "a<b>&c='d'/\\u00e9+f",
      "a<b>&c='d'/\\u00E9+f",
      'a&lt;b&gt;&amp;c=&#39;d&#39;/é+f',
    ])
      expect(redact(`[${look}]`)).toBe('[[WORD]]')
  })

  it('leaves values of fewer than eight characters alone', async () => {
    const { redact } = await knowing({ PIN: '1234567', CODE: '12345678', NOTHING: '' })
    expect(redact('1234567 and 12345678')).toBe('1234567 and [CODE]')
  })

  it('leaves names and addresses that are public, but not the credential made with them', async () => {
    const values: Record<string, string> = { EMAIL: 'ada@example.com', KEY: 'k3y-value-1' }
    const { secrets, redact } = createRedactor(name => values[name], { public: ['EMAIL'] })
    await secrets('EMAIL')
    await secrets('KEY')
    expect(redact('ada@example.com k3y-value-1')).toBe('ada@example.com [KEY]')
    expect(redact(`Basic ${base64('ada@example.com:k3y-value-1')}`)).toMatch(/^Basic \[KEY\]=*$/)
  })

  it('remembers the newest values of a name, and every value of a request under way', async () => {
    let value = 0
    const { secrets, redact, retain: hold } = createRedactor(() => `value-${value}-end`)
    const release = hold()
    for (value = 0; value < 5; value++) await secrets('TOKEN')
    const text = 'value-0-end value-1-end value-2-end value-3-end value-4-end'
    expect(redact(text)).toBe('[TOKEN] [TOKEN] [TOKEN] [TOKEN] [TOKEN]')
    release()
    value = 5
    await secrets('TOKEN')
    expect(redact(text)).toBe('value-0-end value-1-end value-2-end [TOKEN] [TOKEN]')
  })

  it('finds a whole value in any spelling, and no part of one', async () => {
    const { find } = await knowing({ TOKEN: 'q7Rm2Zx9Lp4Vt8Wk3Bn6' })
    expect(find('{"a":"q7Rm2Zx9Lp4Vt8Wk3Bn6"}')).toBe('TOKEN')
    expect(find(base64('q7Rm2Zx9Lp4Vt8Wk3Bn6'))).toBe('TOKEN')
    expect(find('q7Rm2Zx9Lp4Vt8Wk3Bn')).toBeUndefined()
  })

  it('takes time in proportion to the text', async () => {
    const value = 'ab'.repeat(20)
    const { redact } = await knowing({ TOKEN: value })
    const steps = (length: number) => redact('ab'.repeat(length / 2)).match(/\[TOKEN\]/g)?.length ?? 0
    expect([steps(65_536), steps(131_072)]).toEqual([1639, 3277])
  })

  it('takes every sign of a value for itself', async () => {
    const secret = fc.string({ unit: anyCharacter, minLength: 8, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(secret, fc.string(), fc.string(), async (value, before, after) => {
        const { redact } = await knowing({ S: value })
        expect(
          redact(`${before}|${value}|${after}`).includes(value) && !`${before}|[S]|${after}`.includes(value),
        ).toBe(false)
        expect(redact(JSON.stringify([value]))).not.toContain(JSON.stringify(value).slice(1, -1))
      }),
    )
  })
})
