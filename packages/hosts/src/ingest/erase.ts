import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { places } from '../hook/places.ts'
import type { State } from '../mapping/state.ts'
import { takeLock } from './lock.ts'
import { listSpool, readPosition, writePosition } from './spool.ts'

/** Bytes that are written at once. */
const CHUNK = 1_048_576

/** Writes empty lines over the beginning of a file. Nothing reads what is recorded, and hooks append behind it. */
const blank = (path: string, bytes: number): void => {
  const file = openSync(path, 'r+')
  try {
    const piece = Buffer.alloc(Math.min(CHUNK, bytes), '\n')
    for (let at = 0; at < bytes; ) at += writeSync(file, piece, 0, Math.min(piece.length, bytes - at), at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A later to-do list or file counts as the first one of its session. */
const withoutTexts = ({ planned: _, asked, ...state }: State): State => ({
  ...state,
  files: [],
  todos: {},
  asked: Object.fromEntries(
    Object.entries(asked).map(([agent, each]) => [agent, { ...each, description: '[erased]' }]),
  ),
})

/**
 * Erases what the spool of a host still holds of a session of the store: lines that are recorded, and the texts that the ingest
 * keeps with them. False: another ingest is at work and keeps its texts; call it again later.
 */
export const eraseSpool = (data: string, sessionId: string): boolean => {
  if (!existsSync(places(data).spool)) return true
  const release = takeLock(places(data).lock)
  try {
    for (const { path } of listSpool(data)) {
      const position = readPosition(path)
      if (!Object.values(position.ids).includes(sessionId)) continue
      blank(path, position.offset)
      const { state } = position
      if (release !== undefined && state !== undefined)
        writePosition(path, { ...position, state: withoutTexts(state) })
    }
  } finally {
    release?.()
  }
  return release !== undefined
}
