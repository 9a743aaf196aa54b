import { parseArgs } from 'node:util'
import { TrackerError } from '@sessionwire/core'
import { readToolChoice, type ToolChoice } from '../tools/words.ts'

/** Options of the command line. */
export type ServeWords = ToolChoice &
  Readonly<{
    /** The port; 0 chooses a free one. Default 8787. */
    port: number
    /** The address to listen on. Default 127.0.0.1. */
    host: string
  }>

const PORT = 8787

const wrong = (field: string, problem: string): TrackerError =>
  new TrackerError('CONFIG', `${field}: ${problem}.`, { field })

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  toolset: { type: 'string', multiple: true },
  'allow-destructive': { type: 'boolean' },
  'tool-names': { type: 'string' },
} as const

const parseOptions = (words: readonly string[]) => {
  try {
    return parseArgs({ args: [...words], strict: true, options: OPTIONS }).values
  } catch (thrown) {
    // The parser names the option, and quotes nothing else.
    throw wrong('words', (thrown as Error).message.replace(/\.?\s*(?:\n[\s\S]*)?$/, ''))
  }
}

/** Reads the words of `sessionwire serve`. Throws `CONFIG` naming the option. */
export const parseWords = (words: readonly string[]): ServeWords => {
  const values = parseOptions(words)
  const { port = String(PORT), host = '127.0.0.1' } = values
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw wrong('--port', `invalid value; expected a number from 0 to 65535, got ${JSON.stringify(port)}`)
  if (host === '') throw wrong('--host', 'missing; expected an address of this machine, such as 127.0.0.1')
  return { port: Number(port), host, ...readToolChoice(words) }
}
