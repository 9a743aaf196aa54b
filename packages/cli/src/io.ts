import { readSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { styleText } from 'node:util'
import { EXIT, usage } from './failure.ts'

/** The process's surroundings as the commands see them. */
export type Io = Readonly<{
  env: Readonly<Record<string, string | undefined>>
  /** The working directory; empty where it was removed. */
  cwd: string
  /** Path of this program, for children of its own. */
  program: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Reads all of standard input. */
  readInput: () => string
  /** A person sees the output and can answer. */
  isTerminal: boolean
  /** One of the standard streams is a terminal: a person began this command, or a program that has one. */
  isAttended: boolean
  /** Standard output shows colours. */
  hasColours: boolean
  columns: number
}>

type Style = Parameters<typeof styleText>[0]

/** Colours by the rules of the platform, and none where the environment or the stream does not want them. */
export const paint = (io: Io, style: Style, text: string): string =>
  io.hasColours ? styleText(style, text, { validateStream: false }) : text

/** Longest text that is read from standard input, in bytes. */
const INPUT_BYTES = 1_048_576

const hasColours = (env: Io['env'], isTerminal: boolean): boolean => {
  if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return false
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0'
  return isTerminal && (env.CI ?? '') === ''
}

/** Sleeps, ms. */
const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** All of standard input. Throws for one that cannot be read, or is longer than a text may be: it may never end. */
const readInput = (): string => {
  const pieces: Buffer[] = []
  let length = 0
  for (;;) {
    const piece = Buffer.allocUnsafe(65_536)
    let read = 0
    try {
      read = readSync(0, piece, 0, piece.length, null)
    } catch (thrown) {
      const { code } = thrown as { code?: string }
      if (code === 'EAGAIN') {
        // A program gave a pipe that does not wait.
        pause(5)
        continue
      }
      if (code !== 'EOF') throw usage(`standard input: cannot be read (${code ?? 'failed'}).`)
    }
    if (read === 0) return Buffer.concat(pieces).toString('utf8')
    length += read
    if (length > INPUT_BYTES) throw usage(`standard input: too long; expected at most ${INPUT_BYTES} bytes.`)
    pieces.push(piece.subarray(0, read))
  }
}

/** The working directory; empty where it was removed. */
const workingFolder = (): string => {
  try {
    return process.cwd()
  } catch {
    return ''
  }
}

/** The folder of a command; `undefined` where the working directory was removed and no other one is named. */
export const findFolder = ({ cwd }: Io, given: string | undefined): string | undefined => {
  if (cwd !== '') return given === undefined ? cwd : resolve(cwd, given)
  return given !== undefined && isAbsolute(given) ? given : undefined
}

/** A reader that went away ends the program without a complaint; a full disk is one. */
export const guardStreams = (): void => {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', error => {
    const { code } = error as { code?: string }
    if (code !== 'EPIPE') process.stderr.write(`standard output: cannot be written (${code ?? 'failed'}).\n`)
    process.exit(code === 'EPIPE' ? EXIT.done : EXIT.ours)
  })
}

/** The surroundings of this process. */
export const processIo = (program: string): Io => {
  const { env, stdout, stderr, stdin } = process
  const isTerminal = stdout.isTTY === true && stdin.isTTY === true && (env.CI ?? '') === ''
  return {
    env,
    cwd: workingFolder(),
    program,
    write: text => void stdout.write(text),
    writeError: text => void stderr.write(text),
    readInput,
    isTerminal,
    isAttended: [stdin, stdout, stderr].some(({ isTTY }) => isTTY === true),
    hasColours: hasColours(env, stdout.isTTY === true),
    columns: stdout.columns ?? 100,
  }
}

/** Characters that steer a terminal or turn the direction of a text, and invisible tags. Line feeds and tabs stay. */
const STEERING = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/gu

/** A number of things: `1 session`, `2 sessions`. */
export const count = (many: number, one: string): string => `${many} ${one}${many === 1 ? '' : 's'}`

/** A text as it may be shown on a terminal. Escape sequences of our own styles are added after it. */
export const show = (text: string): string => text.replace(STEERING, '')

// biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with it
const STYLES = /(\u001b\[\d{1,3}(?:;\d{1,3})*m)/

/** A whole output as it is printed: of escape sequences only our styles are left, and only where colours are shown. */
export const showOutput = (io: Pick<Io, 'hasColours'>, text: string): string =>
  io.hasColours
    ? text
        .split(STYLES)
        .map((part, place) => (place % 2 === 1 ? part : show(part)))
        .join('')
    : show(text)

/** On one line, and not longer than so many characters. */
export const showLine = (text: string, most = 120): string => {
  const line = show(text).replace(/\s+/g, ' ').trim()
  const points = Array.from(line)
  return points.length <= most ? line : `${points.slice(0, most - 1).join('')}…`
}

/** JSON in which every character that steers a terminal, and every invisible tag, is escaped. */
export const showJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/gu,
    found =>
      found
        .split('')
        .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
  )
