import { type CustomCall, type Json, type Renderer, slotOf, type Variables } from '@sessionwire/core/adapter'
import type { Statement } from './config.ts'

/** A comment on one line. Some servers read `\\u000a` as a line end even there, so no backslash may meet a `u`. */
const comment = (text: string): string =>
  `// ${text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/\\(?=u)/g, '\\ ')}`

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u

const escapeSign = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A string literal. JSON's escapes are Cypher's too, but older servers also turn `\u0027` into a quote before they read
 * the text, so no backslash of ours may meet a `u`: there the literal is cut in two.
 */
const writeText = (text: string): string =>
  text
    .split(/(?<=\\)(?=u)/)
    .map(part => JSON.stringify(part).replace(/[\u007f-\u009f\u2028\u2029]/g, escapeSign))
    .join(' + ')

/** A name as it stands, or in backticks; `undefined` where no way of writing it is safe on every version. */
const writeName = (name: string): string | undefined => {
  if (NAME.test(name)) return name
  return name === '' || /[\\\p{Cc}\u2028\u2029\p{Surrogate}]/u.test(name)
    ? undefined
    : `\`${name.replaceAll('`', '``')}\``
}

/** Whole numbers beyond 2^53 could be beyond 2^63 too, which is an error: they are written as floats. No `e+`. */
const number = (value: number) =>
  (Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : JSON.stringify(value)
  ).replace('+', '')

/** A value as a Cypher expression on one line; `undefined` when a key of a map cannot be written. */
const writeValue = (value: Json, names: Variables): string | undefined => {
  const slot = slotOf(value)
  if (slot !== undefined) return writeText(`<${names.of(slot)}>`)
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'number') return number(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const items = Array.isArray(value)
    ? value.map((item: Json) => writeValue(item, names))
    : Object.entries(value).map(([key, inner]) => {
        const [name, text] = [writeName(key), writeValue(inner, names)]
        return name === undefined || text === undefined ? undefined : `${name}: ${text}`
      })
  if (items.includes(undefined)) return undefined
  return Array.isArray(value) ? `[${items.join(', ')}]` : `{${items.join(', ')}}`
}

const parameter = (name: string, value: Json, names: Variables): string => {
  const [left, right] = [writeName(name), writeValue(value, names)]
  return left === undefined || right === undefined
    ? comment(`set the parameter ${JSON.stringify(name)} yourself: it has a name that cannot be written here`)
    : `:param ${left} => ${right}`
}

const statementOf = ({ payload }: CustomCall): Statement => payload as unknown as Statement

/**
 * A statement as cypher-shell and the browser of the database run it: a line for each parameter, then the text. Values
 * never become part of the statement.
 */
const write = (call: CustomCall, names: Variables): string => {
  const { database, statement: text, parameters } = statementOf(call)
  const use = /^[\w.-]+$/.test(database) ? [`:use ${database}`] : []
  const statement = text.trim().replace(/;$/, '')
  // A comment at its end would swallow the semicolon.
  const end = statement.slice(statement.lastIndexOf('\n') + 1).includes('//') ? '\n;' : ';'
  const lines = Object.entries(parameters).map(([name, value]) => parameter(name, value, names))
  return [...use, ...lines, `${statement}${end}`].join('\n')
}

/** Shows statements as Cypher. */
export const cypherRenderer: Renderer = {
  format: 'cypher',
  write,
  comment,
  about: call => {
    const { database, access } = statementOf(call)
    return `Cypher at ${call.endpoint ?? ''}, database ${database}${access === 'read' ? ', which only reads' : ''}`
  },
}
