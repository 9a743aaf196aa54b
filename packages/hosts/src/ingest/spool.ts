import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { HOSTS, type HostName } from '../hook/line.ts'
import { places } from '../hook/places.ts'
import type { State } from '../mapping/state.ts'

/** The spool of one session of a host. */
export type SpoolFile = Readonly<{
  /** The host that wrote it. */
  host: HostName
  /** The host's id of the session. */
  session: string
  /** Path of the file. */
  path: string
  /** When it was written last, epoch ms. */
  writtenAt: number
}>

/** How far a spool is recorded. It can be lost: then its lines are read again, and each is known by its key. */
export type Position = Readonly<{
  v: 1
  /** Bytes that are recorded. */
  offset: number
  /** Absent before the first event that means something. */
  state?: State
  /** When the session is idle, epoch ms. */
  idleAt?: number
  /** Ids of sessions in the store, by `root` or the host's id of a sub-agent. */
  ids: Readonly<{ [local: string]: string }>
  /** The workspace where its lines are recorded, also when the folder of the session is gone. */
  root?: string
}>

/** Bytes that are read at once. */
const CHUNK = 4_194_304
/** Longest log of what could not be recorded. */
const LOG_BYTES = 262_144

/** Spools of all hosts, the one written last first. */
export const listSpool = (data: string): readonly SpoolFile[] => {
  const { spool } = places(data)
  return HOSTS.flatMap(host => {
    const folder = join(spool, host)
    if (!existsSync(folder)) return []
    return readdirSync(folder).flatMap(name => {
      if (!name.endsWith('.jsonl')) return []
      const path = join(folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      return found?.isFile() === true
        ? [{ host, session: basename(name, '.jsonl'), path, writtenAt: found.mtimeMs }]
        : []
    })
  }).sort((a, b) => b.writtenAt - a.writtenAt)
}

const positionFile = (path: string): string => path.replace(/\.jsonl$/, '.pos')
/** A spool of which nothing is recorded. */
export const BEGIN: Position = { v: 1, offset: 0, ids: {} }

/** Where the ingest of a spool stands; the beginning where that cannot be read. */
export const readPosition = (path: string): Position => {
  try {
    const found = JSON.parse(readFileSync(positionFile(path), 'utf8')) as Position
    const size = statSync(path).size
    const isWhole = found.v === 1 && Number.isSafeInteger(found.offset) && typeof found.ids === 'object'
    return isWhole && found.offset <= size ? found : BEGIN
  } catch {
    return BEGIN
  }
}

/** The folder of a session, or where that is gone, as a work tree that was removed, the root of its workspace. */
export const folderOf = (workspace: string, { root }: Position): string =>
  existsSync(workspace) ? workspace : (root ?? workspace)

/** Writes a file for this user only, whole or not at all. */
export const replaceFile = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode: 0o600 })
  renameSync(temporary, path)
}

/** Keeps how far a spool is recorded. */
export const writePosition = (path: string, position: Position): void =>
  replaceFile(positionFile(path), JSON.stringify(position))

/** Lets the next ingest read the spools of some workspaces from their begin: into a store that is new, or that missed a part. */
export const replaySpool = (data: string, isAsked: (workspace: string) => boolean): void => {
  if (!existsSync(places(data).spool)) return
  for (const { path } of listSpool(data)) {
    const position = readPosition(path)
    const { state } = position
    if (state !== undefined && isAsked(folderOf(state.workspace, position)))
      rmSync(positionFile(path), { force: true })
  }
}

/** A line, and the offset of the byte behind it. */
export type SpoolLine = Readonly<{ text: string; end: number }>

const split = (piece: Buffer, offset: number): readonly SpoolLine[] => {
  const lines: SpoolLine[] = []
  for (let from = 0, to = piece.indexOf(0x0a); to >= 0; from = to + 1, to = piece.indexOf(0x0a, from))
    lines.push({ text: piece.toString('utf8', from, to), end: offset + to + 1 })
  return lines
}

/** Whole lines behind an offset, some at a time; a line that is not whole yet is left for later. */
export const readLines = (path: string, offset: number): readonly SpoolLine[] => {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    let bytes = Math.min(CHUNK, size - offset)
    for (;;) {
      const piece = Buffer.alloc(Math.max(0, bytes))
      const read = readSync(file, piece, 0, piece.length, offset)
      const lines = split(piece.subarray(0, read), offset)
      if (lines.length > 0 || offset + bytes >= size) return lines
      bytes = Math.min(bytes * 2, size - offset)
    }
  } finally {
    closeSync(file)
  }
}

/** Longest list of sessions whose spool is gone; at this length it begins again, and the one before is kept. */
const RECORDED_BYTES = 1_048_576

const recordFile = (data: string): string => join(places(data).spool, 'recorded')

/** Sessions that were captured and whose spool is gone, as `host/session`: an import must not make them again. */
export const listRecorded = (data: string): readonly string[] =>
  [recordFile(data), `${recordFile(data)}.1`].flatMap(path =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter(each => each !== '')
      : [],
  )

const keepRecorded = (data: string, name: string): void => {
  const path = recordFile(data)
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > RECORDED_BYTES) renameSync(path, `${path}.1`)
  appendFileSync(path, `${name}\n`, { mode: 0o600 })
}

/** Removes the spool of a session that is recorded whole, unless a hook wrote to it meanwhile. */
export const removeSpool = (data: string, { path, host, session }: SpoolFile, recorded: number): boolean => {
  keepRecorded(data, `${host}/${session}`)
  const aside = `${path}.done`
  renameSync(path, aside)
  if (statSync(aside).size !== recorded && !existsSync(path)) {
    renameSync(aside, path)
    return false
  }
  rmSync(aside)
  rmSync(positionFile(path), { force: true })
  return true
}

/** Says in the log what could not be recorded, without its content. */
export const logProblem = (data: string, text: string): void => {
  const path = places(data).errors
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_BYTES) renameSync(path, `${path}.1`)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  appendFileSync(path, `${new Date().toISOString()} ${text.slice(0, 500)}\n`, { mode: 0o600 })
}
