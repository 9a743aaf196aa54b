import type { SecretSource } from './contract.ts'

/** Knows the secrets this process has read, and strikes them out of texts. */
export interface Redactor {
  /** The source, wrapped: every value it gives is remembered. */
  readonly secrets: SecretSource
  /**
   * The text with every remembered value replaced by its name in brackets (`[CHAT_TOKEN]`), however it is written: as
   * it is, in JSON, percent-encoded, in base64 (alone, in a longer text, and as `user:password`), and cut off at the end of the text.
   */
  readonly redact: (text: string) => string
}

/** Shorter values are not struck out: they would be found in ordinary words, and no service issues such credentials. */
const SHORTEST = 4
/** A part of an address shorter than this may be an ordinary word. */
const PART = 10
/** A beginning of a value this long is struck out at the end of a text, where a reason was cut. */
const CUT = 6
/** Values remembered of each name; older ones have been replaced. */
const KEPT = 3

const base64 = (text: string) =>
  btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join('')).replace(
    /=+$/,
    '',
  )

const quoted = (text: string) => JSON.stringify(text).slice(1, -1)
const percent = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())
const strict = (text: string) =>
  percent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** An address that is a secret, such as a webhook's, is told without its host too: `Cannot POST /services/…`. */
const withoutHost = (value: string): readonly string[] => {
  const [, path = ''] = /^https?:\/\/[^/?#]+\/?([^#]*)/i.exec(value) ?? []
  const last = path.split(/[/?]/).at(-1) ?? ''
  return [path, last].filter(part => part.length >= PART)
}

/**
 * What base64 makes of a value wherever in a text it stands, such as after `Bearer `: three beginnings, by where in three
 * bytes it starts, without the signs that hold bits of its neighbours.
 */
const withinBase64 = (value: string): readonly string[] =>
  [0, 1, 2].map(before => {
    const bytes = before + new TextEncoder().encode(value).length
    return base64('\0'.repeat(before) + value).slice(Math.ceil((before * 8) / 6), Math.floor((bytes * 8) / 6))
  })

/** Every way a value may be written in what a service or a library says. */
const forms = (value: string): readonly string[] => {
  const encoded = [value, base64(value), ...(value.length < PART ? [] : withinBase64(value))]
  const form = new URLSearchParams({ v: value }).toString().slice(2)
  return [
    ...encoded,
    ...encoded.map(each => each.replaceAll('+', '-').replaceAll('/', '_')),
    quoted(value),
    quoted(quoted(value)),
    quoted(value).replaceAll('/', '\\/'),
    value.replace(/\s+/g, ' ').trim(),
    ...[percent(value), strict(value), form].flatMap(each => [each, lower(each)]),
    ...encoded.flatMap(each => [percent(each), lower(percent(each))]),
  ]
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Wraps a source of secrets; see `Redactor`. Values of fewer than four characters are left alone. */
export const createRedactor = (source: SecretSource): Redactor => {
  const values = new Map<string, readonly string[]>()
  let names = new Map<string, string>()
  let pattern: RegExp | undefined

  const pairs = (): readonly (readonly [string, string])[] => {
    const all = [...values].flatMap(([name, each]) => each.map(value => [name, value] as const))
    return all.flatMap(([user, a]) =>
      all.flatMap(([password, b]) => (user === password ? [] : [[base64(`${a}:${b}`), password] as const])),
    )
  }
  const remember = (name: string, value: string) => {
    const known = values.get(name) ?? []
    if (value.length < SHORTEST || known.includes(value)) return
    values.set(name, [...known, value].slice(-KEPT))
    const single = [...values].flatMap(([of, each]) =>
      each
        .flatMap(value => [value, ...withoutHost(value)])
        .flatMap(forms)
        .map(form => [form, of] as const),
    )
    names = new Map([...pairs(), ...single].filter(([form]) => form.length >= SHORTEST))
    // The longest first, so that a value inside another leaves nothing of it behind.
    const sorted = [...names.keys()].sort((a, b) => b.length - a.length)
    pattern = new RegExp(sorted.map(escaped).join('|'), 'g')
  }
  /** Where a text ends in the beginning of a value, without that beginning. */
  const uncut = (text: string): string => {
    for (const [form, name] of names)
      for (let length = Math.min(form.length - 1, text.length); length >= CUT; length--)
        if (text.endsWith(form.slice(0, length))) return `${text.slice(0, -length)}[${name}]`
    return text
  }
  return {
    secrets: async name => {
      const value = await source(name)
      if (value !== undefined) remember(name, value)
      return value
    },
    redact: text =>
      pattern === undefined ? text : uncut(text.replace(pattern, form => `[${names.get(form) ?? 'secret'}]`)),
  }
}
