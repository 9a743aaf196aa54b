import { writeFileSync } from 'node:fs'
import { startSide } from '../../bench/side.ts'

let calls = 0

/** Says how often it was called in this process. */
export const countCalls = async (given: readonly bigint[]) => ({ pid: process.pid, calls: ++calls, given })

export const fail = async (): Promise<never> => {
  throw Object.assign(new Error('not drained', { cause: new RangeError('one is left') }), {
    lanes: [{ key: { of: { the: { first: 'a/1' } } } }],
  })
}

export const endProcess = async (code: number): Promise<never> => process.exit(code)

/** Writes a file when its process ends. */
export const writeAtEnd = async (path: string): Promise<void> => {
  process.once('exit', () => writeFileSync(path, 'ended'))
}

/** Starts a side of its own, and leaves it to end by itself. */
export const startAnother = async (path: string): Promise<void> => {
  await startSide<typeof writeAtEnd>(new URL(import.meta.url), 'writeAtEnd', path).round()
}
