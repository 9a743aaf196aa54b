import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../src/transport/redact.ts'
import { anyCharacter } from './any-text.ts'

const knowing = async (values: Readonly<Record<string, string>>) => {
  const redactor = createRedactor(name => values[name])
  for (const name of Object.keys(values)) await redactor.secrets(name)
  return redactor
}
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

describe('a redactor', () => {
  it('passes values through, and strikes those that were read out of any text', async () => {
    const values: Record<string, string> = { TOKEN: 'xoxb-12345678', OTHER: 'never-read-1' }
    const { secrets, redact } = createRedactor(async name => values[name])
    expect(redact('xoxb-12345678')).toBe('xoxb-12345678')
    expect([await secrets('TOKEN'), await secrets('NONE')]).toEqual(['xoxb-12345678', undefined])
    expect(redact('401 bad xoxb-12345678, xoxb-12345678! never-read-1')).toBe(
      '401 bad [TOKEN], [TOKEN]! never-read-1',
    )
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
    expect((await knowing({ PIN: 'abcd' })).redact('YWJj is no pin')).toBe('YWJj is no pin')
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

  it('strikes a longer value before the one inside it', async () => {
    const { redact } = await knowing({ SHORT: 'abcdef', LONG: 'abcdef-ghijkl', LONGER: 'x-abcdef-ghijkl' })
    expect(redact('x-abcdef-ghijkl abcdef-ghijkl abcdef')).toBe('[LONGER] [LONG] [SHORT]')
  })

  it('strikes the beginning of a value where a text was cut', async () => {
    const { redact } = await knowing({ TOKEN: 'lin_api_0123456789' })
    expect(redact('invalid key lin_api_0123')).toBe('invalid key [TOKEN]')
    expect(redact('invalid key lin_a')).toBe('invalid key lin_a')
    expect(redact('lin_api_ is how keys begin')).toBe('lin_api_ is how keys begin')
  })

  it('leaves values of fewer than four characters alone', async () => {
    const { redact } = await knowing({ PIN: '123', CODE: '1234', NOTHING: '' })
    expect(redact('123 and 1234')).toBe('123 and [CODE]')
  })

  it('remembers values that were replaced, not for ever', async () => {
    let value = 0
    const { secrets, redact } = createRedactor(() => `value-${value}-end`)
    for (value = 0; value < 5; value++) await secrets('TOKEN')
    expect(redact('value-0-end value-1-end value-2-end value-3-end value-4-end')).toBe(
      'value-0-end value-1-end [TOKEN] [TOKEN] [TOKEN]',
    )
  })

  it('takes every sign of a value for itself', { timeout: 30_000 }, async () => {
    const secret = fc.string({ unit: anyCharacter, minLength: 4, maxLength: 40 })
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
