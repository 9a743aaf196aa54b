import * as fs from 'node:fs'
import process from 'node:process'

/** Longest input that is read, in bytes. */
const INPUT_BYTES = 33_554_432
/** Longest time without a byte, ms. A host writes at once; most end a hook after 10 s, so that this leaves time to record. */
const SILENT_MS = 8_000
/** Longest time for the whole input, ms. */
const WHOLE_MS = 60_000
const PIECE_BYTES = 65_536

/** The bytes that came, and the reason if they may be a part of the input. */
export type Input = Readonly<{ bytes: Buffer; problem?: string }>

/**
 * Ends this process with 0 while a read of its own waits. A usual end waits for that read, so another program takes the place
 * of this one.
 */
const leave = (): void => {
  if (process.platform === 'win32') process.exit(0)
  try {
    process.execve?.('/bin/sh', ['sh', '-c', 'exit 0'], {})
  } catch {
    // This Node has no such function, or the machine no shell there.
  }
  process.kill(process.pid, 'SIGKILL')
}

/**
 * Gives the whole of standard input to `take`, once; after a time without its end, what came so far, and ends the process
 * then. `take` must not throw.
 */
export const readInput = (take: (input: Input) => void): void => {
  const pieces: Buffer[] = []
  let length = 0
  const finish = (problem?: string): void => {
    clearTimeout(silent)
    clearTimeout(late)
    take({ bytes: Buffer.concat(pieces), ...(problem === undefined ? {} : { problem }) })
  }
  const giveUp = (ms: number, what: string) => (): void => {
    finish(`${what} for ${ms / 1_000} s: read ${length} bytes`)
    leave()
  }
  const silent = setTimeout(giveUp(SILENT_MS, 'nothing came'), SILENT_MS)
  const late = setTimeout(giveUp(WHOLE_MS, 'it did not end'), WHOLE_MS)
  const next = (): void => {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    fs.read(0, piece, 0, PIECE_BYTES, null, (error, read) => {
      // The host gave a pipe that does not wait.
      if (error?.code === 'EAGAIN') return void setTimeout(next, 5)
      if (error !== null && error.code !== 'EOF') return finish(error.code ?? 'failed')
      if (error !== null || read === 0) return finish()
      length += read
      if (length > INPUT_BYTES) return finish('input too long')
      pieces.push(piece.subarray(0, read))
      silent.refresh()
      next()
    })
  }
  next()
}
