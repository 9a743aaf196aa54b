import { isThenable } from '../session/at-once.ts'
import { checkSecret, type SecretSource } from './contract.ts'

/** Knows the secrets this process has read, and redacts them in texts. */
export interface Redactor {
  /** The source, wrapped: every value it gives is remembered. */
  readonly secrets: SecretSource
  /**
   * The text with every remembered value replaced by its name in brackets (`[CHAT_TOKEN]`), however it is written: as
   * it is, with JSON escapes, percent-encoded, as HTML, with invisible signs inside, in base64 (alone, in a longer text, and as `user:password`). The
   * beginning of a value is replaced too, from 16 characters after its public part. Give it the whole text: redact first,
   * cut afterwards.
   */
  readonly redact: (text: string) => string
  /** Name of a secret whose whole value the text holds, in any of those spellings; `undefined` where there is none. */
  readonly find: (text: string) => string | undefined
  /** Keeps every value that is read from now on, until the function it returns is called: for one request. */
  readonly retain: () => () => void
}

/** Options of a redactor. */
export type RedactorOptions = Readonly<{
  /** Names of secrets whose values are user names or mail addresses: they are not redacted. Default: none. */
  public?: readonly string[]
}>

/** Shorter values are not redacted: they would be found in ordinary words, and no service issues such credentials. */
const SHORTEST = 8
/** A beginning of a value is redacted from this many characters after its public part. */
const BEGINNING = 16
/** A part of an address shorter than this may be an ordinary word. */
const PART = 10
/** Values remembered of each name in addition to those under way; older ones have been replaced. */
const KEPT = 3

/** The public beginning of a value: scheme and host, a vendor's prefix, the header of a JWT. */
const PUBLIC =
  /^(?:https?:\/\/[^/?#]+\/?|eyJ[\w-]+\.|xox[a-z]-|xapp-\d-|lin_(?:api|oauth)_|AT[A-Z]{3}3xFf[A-Za-z0-9]{4}|gh[a-z]_|github_pat_|glpat-|sk-(?:ant-|proj-)?|(?:sk|rk)_(?:live|test)_|AKIA|AIza)/

const base64 = (text: string) =>
  btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join('')).replace(
    /=+$/,
    '',
  )

const quoteJson = (text: string) => JSON.stringify(text).slice(1, -1)
const percent = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())
const strict = (text: string) =>
  percent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** An address that is a secret, such as a webhook's, may appear without its host: `Cannot POST /services/…`. */
const withoutHost = (value: string): readonly string[] => {
  const [, path = ''] = /^https?:\/\/[^/?#]+\/?([^#]*)/i.exec(value) ?? []
  const last = path.split(/[/?]/).at(-1) ?? ''
  return [path, last].filter(part => part.length >= PART)
}

/**
 * The base64 forms of a value wherever in a text it stands, such as after `Bearer `: three beginnings, by where in three
 * bytes it starts, without the signs that hold bits of its neighbours.
 */
const withinBase64 = (value: string): readonly string[] =>
  [0, 1, 2].map(before => {
    const bytes = before + new TextEncoder().encode(value).length
    return base64('\0'.repeat(before) + value).slice(Math.ceil((before * 8) / 6), Math.floor((bytes * 8) / 6))
  })

const unicode = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const decimal = (sign: string) => `&#${sign.codePointAt(0)};`
const hex = (sign: string) => `&#x${sign.codePointAt(0)?.toString(16)};`

/** JSON as other writers escape it (signs of HTML, or everything beyond ASCII), and HTML. */
const escapes = (value: string): readonly string[] => {
  const html = quoteJson(value).replace(/[<>&'=+]/g, unicode)
  const ascii = quoteJson(value).replace(/[^\x20-\x7e]/g, unicode)
  const both = html.replace(/[^\x20-\x7e]/g, unicode)
  const upper = (text: string) => text.replace(/\\u[0-9a-f]{4}/g, code => `\\u${code.slice(2).toUpperCase()}`)
  return [
    ...[html, ascii, both].flatMap(each => [each, upper(each), each.replaceAll('/', '\\/')]),
    quoteJson(value).replace(/[<>&]/g, unicode),
    value.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? sign),
    value.replace(/[&<>"]/g, sign => ENTITIES[sign] ?? sign),
    ...[/./gsu, /[^A-Za-z0-9]/gu, /[^\w.-]/gu].flatMap(signs => [
      value.replace(signs, decimal),
      value.replace(signs, hex),
      value.replace(signs, sign => hex(sign).toUpperCase().replace('X', 'x')),
    ]),
  ]
}

/** Every way a service or a library may write a value. */
const spellings = (value: string): readonly string[] => {
  const encoded = [value, base64(value), ...(value.length < PART ? [] : withinBase64(value))]
  const form = new URLSearchParams({ v: value }).toString().slice(2)
  return [
    ...encoded,
    ...encoded.map(each => each.replaceAll('+', '-').replaceAll('/', '_')),
    quoteJson(value),
    quoteJson(quoteJson(value)),
    quoteJson(value).replaceAll('/', '\\/'),
    ...escapes(value),
    value.replace(/\s+/g, ' ').trim(),
    ...[percent(value), strict(value), form].flatMap(each => [each, lower(each)]),
    ...encoded.flatMap(each => [percent(each), lower(percent(each))]),
  ]
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** A spelling of a secret: the first `skip` of its characters are public. */
type Form = Readonly<{ name: string; text: string; skip: number }>

/** How many characters of a spelling show only the public part. */
const publicOf = (form: string, value: string): number => {
  const length = PUBLIC.exec(value)?.[0].length ?? 0
  if (length === 0) return 0
  if (form.startsWith(value.slice(0, length))) return length
  const asBase64 = base64(value.slice(0, length))
  return form.startsWith(asBase64.slice(0, -2))
    ? asBase64.length
    : Math.ceil(length * (form.length / value.length))
}

const seedOf = ({ text, skip }: Form): string =>
  text.length >= skip + BEGINNING ? text.slice(skip, skip + BEGINNING) : text

type Index = Readonly<{ pattern: RegExp; forms: ReadonlyMap<string, readonly Form[]> }>

const indexOf = (forms: readonly Form[]): Index | undefined => {
  const bySeed = new Map<string, Form[]>()
  for (const form of forms) {
    const seed = seedOf(form)
    const known = bySeed.get(seed)
    if (known === undefined) bySeed.set(seed, [form])
    else if (known.every(({ text }) => text !== form.text)) known.push(form)
  }
  if (bySeed.size === 0) return undefined
  // The longest first, so that a value inside another leaves nothing of it behind.
  const sorted = [...bySeed.keys()].sort((a, b) => b.length - a.length)
  return { pattern: new RegExp(sorted.map(escapePattern).join('|'), 'g'), forms: bySeed }
}

/** Where a spelling stands around its seed at `at`: from its first character that is there to the last. */
const spanOf = (text: string, at: number, form: Form): readonly [from: number, to: number] => {
  const start = form.text.length >= form.skip + BEGINNING ? form.skip : 0
  // The public part is redacted only where all of it is there.
  const from = start > 0 && text.startsWith(form.text.slice(0, start), at - start) ? at - start : at
  let [to, right] = [at, start]
  while (right < form.text.length && to < text.length && text[to] === form.text[right]) {
    to++
    right++
  }
  return [from, to]
}

/** Signs that show nothing: a service that wraps long words puts them in. */
const HIDDEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/g

/** Wraps a source of secrets; see `Redactor`. Values of fewer than eight characters are left alone. */
export const createRedactor = (source: SecretSource, options: RedactorOptions = {}): Redactor => {
  const open = new Set(options.public)
  /** Values by name, each with the number of its last reading. */
  const values = new Map<string, Map<string, number>>()
  const held = new Set<Readonly<{ since: number }>>()
  let readings = 0
  let index: Index | undefined
  let isFresh = true

  /** Older values are forgotten, but for those that a request under way may have read. */
  const forget = (known: Map<string, number>): void => {
    const oldest = Math.min(...[...held].map(({ since }) => since), Number.POSITIVE_INFINITY)
    const sorted = [...known].sort(([, a], [, b]) => b - a)
    for (const [value, reading] of sorted.slice(KEPT)) if (reading < oldest) known.delete(value)
  }
  const remember = (name: string, value: string): void => {
    const known = values.get(name) ?? new Map<string, number>()
    if (!known.has(value)) isFresh = false
    known.set(value, ++readings)
    values.set(name, known)
    if (known.size > KEPT) forget(known)
  }
  const pairs = (): readonly Form[] => {
    const all = [...values].flatMap(([name, each]) => [...each.keys()].map(value => ({ name, value })))
    const users = all.filter(({ value }) => !value.includes(':') && value.length <= 320)
    return users.flatMap(user =>
      all.flatMap(({ name, value }): readonly Form[] => {
        if (name === user.name || open.has(name)) return []
        const text = base64(`${user.value}:${value}`)
        // Of a pair, everything before the password's own secret part is public.
        const shown = `${user.value}:${PUBLIC.exec(value)?.[0] ?? ''}`
        return [{ name, text, skip: base64(shown).length }]
      }),
    )
  }
  const refresh = (): Index | undefined => {
    if (isFresh) return index
    const single = [...values].flatMap(([name, each]) =>
      open.has(name)
        ? []
        : [...each.keys()]
            .filter(value => value.length >= SHORTEST)
            .flatMap(value =>
              [value, ...withoutHost(value)].flatMap(part =>
                spellings(part).map(text => ({ name, text, skip: publicOf(text, part) })),
              ),
            ),
    )
    index = indexOf([...single, ...pairs()].filter(({ text }) => text.length >= SHORTEST))
    isFresh = true
    return index
  }

  const find = (text: string): string | undefined => {
    for (const each of refresh()?.forms.values() ?? []) {
      const whole = each.find(form => text.includes(form.text))
      if (whole !== undefined) return whole.name
    }
    return undefined
  }
  /** Without hidden signs where a secret appears by that. */
  const bare = (text: string): string => {
    const without = text.replace(HIDDEN, '')
    return without !== text && find(without) !== undefined ? without : text
  }

  return {
    secrets: name => {
      const keep = (given: unknown): string | undefined => {
        const value = checkSecret(name, given)
        if (value !== undefined && value !== '') remember(name, value)
        return value
      }
      // A source that answers at once still does: an attempt whose secrets are there waits for nothing.
      const given = source(name)
      // The `then` of a foreign promise may give another one, or nothing.
      return isThenable(given) ? Promise.resolve(given).then(keep) : keep(given)
    },
    redact: whole => {
      const found = refresh()
      if (found === undefined) return whole
      const text = bare(whole)
      let [result, done] = ['', 0]
      const { pattern, forms } = found
      pattern.lastIndex = 0
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        const spans = (forms.get(match[0]) ?? []).map(
          form => [...spanOf(text, match?.index ?? 0, form), form.name] as const,
        )
        const [from, to, name] = spans.reduce((best, each) => (each[1] > best[1] ? each : best))
        result += `${text.slice(done, Math.max(done, from))}[${name}]`
        done = to
        pattern.lastIndex = Math.max(to, match.index + 1)
      }
      return result + text.slice(done)
    },
    find: text => find(bare(text)),
    retain: () => {
      const mine = { since: readings + 1 }
      held.add(mine)
      return () => void held.delete(mine)
    },
  }
}
