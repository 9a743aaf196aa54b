import { styleText } from 'node:util'
import type { DrainProgress, SessionEvent, Tracker } from '@sessionwire/core'

const WIPE = '\r\u001b[K'
let quarter = -1

/** Set by `--quiet`: only lines that say so are printed. */
export const options = { quiet: false }

/** Prints a line, in place of a line of progress. */
export const say = (text = '', always = false): void => {
  if (options.quiet && !always) return
  process.stdout.write(`${process.stdout.isTTY ? WIPE : ''}${text}\n`)
}

const paint = (format: 'bold' | 'dim' | 'cyan', text: string): string =>
  process.stdout.isTTY ? styleText(format, text) : text

/** Prints a numbered heading. */
export const heading = (number: number, text: string): void => {
  say()
  say(paint('bold', line(`${number}. ${text}`, 0)))
}

const widthOf = (): number => Math.max(60, process.stdout.columns ?? 120)

/** Makes one line no longer than the terminal. The terminal never sees control characters of a recorded text. */
export const line = (text: string, indent = 3): string => {
  const width = widthOf() - indent
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trimEnd()
  const points = Array.from(plain)
  return ' '.repeat(indent) + (points.length <= width ? plain : `${points.slice(0, width - 1).join('')}…`)
}

/** Ends a text with one full stop. */
const sentence = (text: string): string => `${text.replace(/\.+$/, '')}.`

/** Prints the first lines of a longer text with their indentation, cut to the terminal. */
export const block = (text: string, most: number): void => {
  const lines = text.split('\n')
  for (const each of lines.slice(0, most)) say(paint('dim', line(each, 6)))
  if (lines.length > most) say(paint('dim', line(`… ${lines.length - most} more lines in the file`, 6)))
}

/** Shows how far a drain is: one line that changes on a terminal, else a line for each quarter. */
export const showProgress = ({ delivered, open }: DrainProgress): void => {
  if (options.quiet) return
  const all = delivered + open
  const text = line(`${delivered} of ${all} delivered`)
  const reached = Math.floor((4 * delivered) / Math.max(1, all))
  if (process.stdout.isTTY) process.stdout.write(`${WIPE}${paint('cyan', text)}`)
  else if (reached > quarter) say(text)
  quarter = Math.max(quarter, reached)
}

/** Describes an event in one line. */
export const describeEvent = (event: SessionEvent): string => {
  switch (event.type) {
    case 'start':
      return `start      ${event.payload.goal ?? ''} (at ${event.payload.progress} %)`
    case 'update':
      return `update     ${String(event.payload.progress ?? '').padStart(3)} %  ${event.payload.description}`
    case 'decision':
      return `decision   ${event.payload.content}`
    case 'blocker':
      return `blocker    ${event.payload.description}`
    case 'resolve':
      return `resolve    ${event.payload.resolution ?? ''}`
    case 'entity':
      return `entity     ${event.payload.type} ${event.payload.path ?? event.payload.name}`
    case 'close':
      return `close      ${event.payload.summary ?? ''}`
    default:
      return event.type
  }
}

const NOUNS: readonly (readonly [pattern: RegExp, doing: string, done: string])[] = [
  [/^create(Card|Issue|Session)|^postCard/i, 'creating the card', 'the card'],
  [/entry|comment/i, 'adding an entry', 'the entry'],
  [/edit|update/i, 'editing the card', 'the edit'],
  [/^record/i, 'recording it', 'the record'],
  [/status/i, 'setting the status', 'the status'],
  [/label/i, 'setting labels', 'the labels'],
  [/link/i, 'linking a card', 'the link'],
  [/trace/i, 'sending spans', 'the spans'],
  [/log$/i, 'sending a log record', 'the log record'],
  [/event/i, 'sending an event', 'the event'],
]

const nounOf = (action: string): readonly [doing: string, done: string] => {
  const found = NOUNS.find(([pattern]) => pattern.test(action))
  return found === undefined ? [action, action] : [found[1], found[2]]
}

/** At most so many lines for each tool: every tool fails in the same ways, and the result counts them all. */
const TOLD = 4

/** Prints what goes wrong on the way and what the tracker does about it. Returns the function that ends it. */
export const watch = (tracker: Tracker): (() => void) => {
  const told = new Map<string, number>()
  const tell = (mark: string, adapter: string, text: string): void => {
    const times = (told.get(adapter) ?? 0) + 1
    told.set(adapter, times)
    if (times > TOLD) return
    say(line(`${mark} ${adapter.padEnd(8)} ${text}`))
  }
  const offs = [
    tracker.on('delivered', ({ adapter, action, attempts, lookedUp }) => {
      const [, done] = nounOf(action)
      if (lookedUp) tell('✓', adapter, `${done} had arrived. Not sent again`)
      else if (attempts > 1) tell('✓', adapter, `${done} arrived, attempt ${attempts}`)
    }),
    tracker.on('retry', ({ adapter, action, reason }) =>
      tell('↻', adapter, `${nounOf(action)[0]}: ${sentence(reason)} Retrying later`),
    ),
    tracker.on('inDoubt', ({ adapter, action, reason }) =>
      tell('?', adapter, `no clear answer while ${nounOf(action)[0]} (${reason}). Checking before a retry`),
    ),
    tracker.on('dead', ({ adapter, action, reason }) => tell('✗', adapter, `${action} is dead: ${reason}`)),
    tracker.on('paused', ({ pause }) => tell('‖', pause.adapter, `paused: ${pause.reason}`)),
    tracker.on('unpaused', ({ adapter }) => tell('▸', adapter, 'resumed')),
    tracker.on('error', ({ error }) => say(line(`error: ${error.message}`))),
  ]
  return () => {
    for (const off of offs) off()
  }
}

/** Makes the lines of a table: the first column left, the others right. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = rows[0]?.map((_, n) => Math.max(...rows.map(row => (row[n] ?? '').length))) ?? []
  return rows.map((row, n) => {
    const cells = row.map((cell, c) =>
      c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0),
    )
    return n === 0 ? paint('dim', cells.join('  ')) : cells.join('  ')
  })
}

/** Makes a line for each tool: what arrived there, and the cards in other tools that it links to. */
export const formatArrived = (
  all: readonly Readonly<{ tool: string; what: string; links: readonly string[] }>[],
): readonly string[] => {
  const width = Math.max(0, ...all.map(({ what }) => what.length))
  return all.map(
    ({ tool, what, links }) =>
      `${tool.padEnd(8)} ${what.padEnd(width)}  → ${[...links].sort().join(' · ') || 'no links'}`,
  )
}
