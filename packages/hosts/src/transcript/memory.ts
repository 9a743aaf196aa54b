import { readFileSync } from 'node:fs'
import { replaceFile } from '../ingest/spool.ts'

/** How far a session was imported. */
type Known = Readonly<{
  /** Bytes of its transcript then. */
  bytes: number
  /** The time of its last line, epoch ms. */
  until: number
}>

/** Sessions that were imported into one store, by host and id: they are known also when they were pruned from it. */
export type Memory = Readonly<{ [session: string]: Known }>

const isKnown = (value: unknown): value is Known => {
  const { bytes, until } = (value ?? {}) as Partial<Known>
  return typeof bytes === 'number' && typeof until === 'number'
}

/** The memory that a file keeps; it is empty where it cannot be read. */
export const readMemory = (path: string): Memory => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return Object.fromEntries(
      Object.entries(value ?? {}).flatMap(([session, known]) => (isKnown(known) ? [[session, known]] : [])),
    )
  } catch {
    return {}
  }
}

/** Remembers one session more. */
export const remember = (path: string, session: string, known: Known): void =>
  replaceFile(path, JSON.stringify({ ...readMemory(path), [session]: known }))
