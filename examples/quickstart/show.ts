import { styleText } from 'node:util'
import type { DrainProgress, SessionEvent, Tracker } from '@sessionwire/core'

const WIPE = '\r\u001b[K'
let quarter = -1
let isMuted = process.argv.includes('--quiet')

/** Ends the silence of `--quiet`. */
export const unmute = (): void => {
  isMuted = false
}

/** Prints to the terminal, over a line of progress; colours only on a terminal. */
export const say = (text = ''): void => {
  if (isMuted) return
  process.stdout.write(`${process.stdout.isTTY ? WIPE : ''}${text}\n`)
}

const colour = (format: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan', text: string): string =>
  process.stdout.isTTY ? styleText(format, text) : text

/** A heading with its number, so that one can speak of it. */
export const heading = (number: number, text: string): void => {
  say()
  say(colour('bold', `${number}. ${text}`))
}

/** One line, cut to the width of the terminal; control characters of foreign text are not obeyed. */
export const line = (text: string, indent = 3): string => {
  const width = Math.max(60, process.stdout.columns ?? 120) - indent
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  const points = Array.from(plain)
  return ' '.repeat(indent) + (points.length <= width ? plain : `${points.slice(0, width - 1).join('')}…`)
}

/** How far it is, in one line that is written anew; where nobody looks, a line for each quarter. */
export const progress = ({ delivered, open }: DrainProgress): void => {
  const all = delivered + open
  const text = line(`${delivered} of ${all} delivered, ${open} on their way`)
  const reached = Math.floor((4 * delivered) / Math.max(1, all))
  if (isMuted) return
  if (process.stdout.isTTY) process.stdout.write(`${WIPE}${colour('cyan', text)}`)
  else if (reached > quarter) say(text)
  quarter = Math.max(quarter, reached)
}

/** Lines of a longer text, cut in number and in width. */
export const block = (text: string, most: number): void => {
  const lines = text.split('\n')
  for (const each of lines.slice(0, most)) say(colour('dim', line(each.replace(/^/, ' '), 5)))
  if (lines.length > most) say(colour('dim', line(`… ${lines.length - most} more lines in the file`, 5)))
}

/** What an event says, in one line. */
export const told = (event: SessionEvent): string => {
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

/** How often each adapter was tried again, and how often a look-up spared a second sending. */
export type Tally = Map<string, { retried: number; inDoubt: number; lookedUp: number }>

/** Tells what happens on the way, and counts it. */
export const watch = (tracker: Tracker, tally: Tally): (() => void) => {
  const of = (adapter: string) => {
    const found = tally.get(adapter) ?? { retried: 0, inDoubt: 0, lookedUp: 0 }
    tally.set(adapter, found)
    return found
  }
  const tell = (mark: string, adapter: string, text: string): void =>
    say(line(`${mark} ${adapter.padEnd(7)} ${text}`))
  const offs = [
    tracker.on('delivered', ({ adapter, action, attempts, lookedUp }) => {
      if (lookedUp) of(adapter).lookedUp++
      const after = lookedUp
        ? 'found by a look-up: it had been applied, so it is not sent again'
        : `attempt ${attempts}`
      if (lookedUp || attempts > 1) tell('✓', adapter, `${action} delivered, ${after}`)
    }),
    tracker.on('retry', ({ adapter, action, reason }) => {
      of(adapter).retried++
      tell('↻', adapter, `${action} will be tried again: ${reason}`)
    }),
    tracker.on('inDoubt', ({ adapter, action, reason }) => {
      of(adapter).inDoubt++
      tell('?', adapter, `${action} is in doubt, to be looked up: ${reason}`)
    }),
    tracker.on('dead', ({ adapter, action, reason }) =>
      tell('✗', adapter, `${action} was given up: ${reason}`),
    ),
    tracker.on('paused', ({ pause }) =>
      tell('‖', pause.adapter, `rests (${pause.limit ?? 'all of it'}): ${pause.reason}`),
    ),
    tracker.on('unpaused', ({ adapter }) => tell('▸', adapter, 'goes on')),
    tracker.on('error', ({ error }) => say(line(`error: ${error.message}`))),
  ]
  return () => {
    for (const off of offs) off()
  }
}

/** A table with its columns as wide as they need to be. */
export const table = (rows: readonly (readonly string[])[]): void => {
  const widths = rows[0]?.map((_, n) => Math.max(...rows.map(row => (row[n] ?? '').length))) ?? []
  for (const [n, row] of rows.entries()) {
    const text = row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
    say(n === 0 ? colour('dim', `   ${text}`) : `   ${text}`)
  }
}
