import { invalidConfig } from '@sessionwire/core/adapter'
import { quoteWord } from './shell.ts'

const TABLE = 'mcp_servers'

/**
 * Codex gives a server ten variables of its own environment and those that are named here; hooks get all of them. Without these
 * the two could keep their sessions in different places.
 */
const PASSED = [
  ...['SESSIONWIRE_DATA_DIR', 'SESSIONWIRE_STORE', 'SESSIONWIRE_CONFIG', 'SESSIONWIRE_PROJECT'],
  ...['SESSIONWIRE_USER', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'MSP_STATE_DIR', 'MSP_CONFIG_PATH'],
]

/** A line that begins a table, or an array of tables. */
const HEADER = /^[ \t]*\[/
const isHeaderOf = (line: string, name: string): boolean =>
  new RegExp(`^[ \\t]*\\[[ \\t]*${TABLE}[ \\t]*\\.[ \\t]*(?:"${name}"|'${name}'|${name})[ \\t]*[.\\]]`).test(
    line,
  )

const lineEnd = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

/** Basic strings of TOML are those of JSON, but for the delete character. */
const quote = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

/** Lines of the tables of a server, from its header to the next one of another table. */
const linesOfServer = (lines: readonly string[], name: string): readonly number[] => {
  const found: number[] = []
  let inside = false
  for (const [place, line] of lines.entries()) {
    if (HEADER.test(line)) inside = isHeaderOf(line, name)
    if (inside) found.push(place)
  }
  return found
}

/** A string and its end; one without an end goes to that of the line, in which nothing is looked for again. */
const QUOTED = /"(?:[^"\\]|\\[\s\S]?)*("|$)|'[^']*('|$)/g

/** Words of a server's command, from the lines of its own table; `undefined` where there is none. */
export const findTomlServer = (text: string, name: string): readonly string[] | undefined => {
  const lines = text.split(/\r?\n/)
  const own = linesOfServer(lines, name).map(place => lines[place] ?? '')
  if (own.length === 0) return undefined
  const words = own.flatMap(line => (/^[ \t]*(?:command|args)[ \t]*=/.test(line) ? [line] : []))
  return words.flatMap(line =>
    [...line.matchAll(QUOTED)].flatMap(([quoted, double, single]) => {
      if (!(double || single)) return []
      if (single) return quoted.slice(1, -1)
      try {
        return JSON.parse(quoted) as string
      } catch {
        return quoted.slice(1, -1)
      }
    }),
  )
}

/** Appends a server's table: behind all that is there, a table never changes what stands before it. */
export const addTomlServer = (text: string, file: string, name: string, words: readonly string[]): string => {
  if (new RegExp(`^[ \\t]*${TABLE}[ \\t]*(?:=|\\.)`, 'm').test(text))
    throw invalidConfig({
      field: file,
      problem: `${TABLE} is not written as tables`,
      todo: `Add the server by hand, and install with --no-mcp: codex mcp add ${name} -- ${words.map(quoteWord).join(' ')}`,
    })
  const eol = lineEnd(text)
  const [command = '', ...args] = words
  const table = [
    `[${TABLE}.${name}]`,
    `command = ${quote(command)}`,
    `args = [${args.map(quote).join(', ')}]`,
    `env_vars = [${PASSED.map(quote).join(', ')}]`,
    // It may have to load the package first.
    ...(command === 'npx' ? ['startup_timeout_sec = 60'] : []),
    '',
  ].join(eol)
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol
  return text + gap + table
}

/** A line of space or of a comment alone. */
const ASIDE = /^[ \t]*(?:#.*)?$/

/** Removes the tables of a server and the empty line before them; `hadLineEnd` says how the text ended before. */
export const removeTomlServer = (text: string, name: string, hadLineEnd: boolean): string => {
  // Each with its own end: others may have written theirs with another one.
  const lines = text.split(/(?<=\n)/)
  const gone = new Set(linesOfServer(lines, name))
  const [first] = gone
  if (first === undefined) return text
  // Behind the last value stands what was written for the next table.
  for (const place of [...gone].filter(each => !gone.has(each + 1))) {
    let from = place + 1
    while (ASIDE.test(lines[from - 1]?.trimEnd() ?? '[')) from--
    const aside = lines.slice(from, place + 1)
    if (aside.some(line => line.trim() !== '')) for (const each of aside.keys()) gone.delete(from + each)
  }
  const isLast = lines.slice(Math.max(...gone) + 1).every(line => line.trim() === '')
  if (first > 0 && lines[first - 1]?.trim() === '') gone.add(first - 1)
  const left = lines.filter((_, place) => !gone.has(place)).join('')
  return isLast && !hadLineEnd ? left.replace(/\r?\n$/, '') : left
}
