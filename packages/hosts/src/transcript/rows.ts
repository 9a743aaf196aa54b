import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Payload } from '../hook/host.ts'

/** One row of a transcript; `undefined` for a line that is not a JSON object or longer than any that is read. */
export type Row = Readonly<{
  /** Its line, counted from 0. */
  place: number
  value: Payload | undefined
}>

const CHUNK = 1_048_576
/** Longest line that is held, in bytes: rows with images are longer, and nothing of those is kept anyway. */
const LINE_BYTES = 8_388_608
const LINE_FEED = 0x0a

const parseRow = (text: string): Payload | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Payload)
      : undefined
  } catch {
    return undefined
  }
}

/** Longest transcript that is decompressed, in bytes. */
const WHOLE_BYTES = 1_073_741_824

type Source = Readonly<{ read: (into: Buffer, offset: number) => number; close: () => void }>

/** A file, also one that the host compressed when it was old; `undefined` for one that cannot be decompressed. */
const openSource = (path: string): Source | undefined => {
  if (!path.endsWith('.zst')) {
    const file = openSync(path, 'r')
    return {
      read: (into, offset) => readSync(file, into, 0, into.length, offset),
      close: () => closeSync(file),
    }
  }
  try {
    const { zstdDecompressSync } = process.getBuiltinModule('node:zlib')
    const whole = zstdDecompressSync(readFileSync(path), { maxOutputLength: WHOLE_BYTES })
    return { read: (into, offset) => whole.copy(into, 0, offset), close: () => undefined }
  } catch {
    return undefined
  }
}

/**
 * Rows of a transcript, in order; empty lines are left out, and so is the last line without a line feed, which the
 * host still writes.
 */
export function* readRows(path: string): Generator<Row> {
  const source = openSource(path)
  if (source === undefined) return
  try {
    const chunk = Buffer.allocUnsafe(CHUNK)
    let held: Buffer[] = []
    let [bytes, offset, place] = [0, 0, 0]
    for (;;) {
      const read = source.read(chunk, offset)
      if (read === 0) return
      offset += read
      for (let from = 0; from < read; ) {
        const found = chunk.subarray(0, read).indexOf(LINE_FEED, from)
        const to = found < 0 ? read : found
        bytes += to - from
        if (bytes > LINE_BYTES) held = []
        else held.push(Buffer.from(chunk.subarray(from, to)))
        if (found < 0) break
        from = to + 1
        const text = bytes > LINE_BYTES ? undefined : Buffer.concat(held).toString('utf8')
        held = []
        bytes = 0
        if (text?.trim() !== '') yield { place, value: text === undefined ? undefined : parseRow(text) }
        place++
      }
    }
  } finally {
    source.close()
  }
}
