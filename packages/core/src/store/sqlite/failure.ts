import { alreadyClosed, TrackerError } from '../../session/errors.ts'

type SqliteError = Readonly<{ errcode: number; message: string }>

/** Primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const FULL = 13
const NOT_A_DATABASE = 26
/** Extended: the value of a UNIQUE column is there already. */
const UNIQUE = 2067
/** Extended: read-only, but a WAL must be recovered, or a journal rolled back. */
const UNFINISHED: readonly number[] = [264, 776]

const isSqliteError = (thrown: unknown): thrown is SqliteError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  typeof (thrown as Partial<SqliteError>).errcode === 'number'

const codeOf = (thrown: unknown): number | undefined =>
  isSqliteError(thrown) ? thrown.errcode & 0xff : undefined

/** Another connection holds a lock that this one needs for a moment. */
export const isBusy = (thrown: unknown): boolean => {
  const code = codeOf(thrown)
  return code === BUSY || code === LOCKED
}

/** A read-only connection met what only a writing one can finish: the end of a process in the middle of writing. */
export const isUnfinished = (thrown: unknown): boolean =>
  isSqliteError(thrown) && UNFINISHED.includes(thrown.errcode)

/** There is no room on the disk, or none that this database may have. */
export const isFull = (thrown: unknown): boolean => codeOf(thrown) === FULL

/** A row with this unique value exists. */
export const isDuplicate = (thrown: unknown): boolean => isSqliteError(thrown) && thrown.errcode === UNIQUE

/** By primary result code: what happened, and what to do. */
const WORDS: Readonly<Record<number, string>> = {
  3: 'access was denied: give this user the right to read and write it and its folder',
  8: 'it is read-only: give this user the right to write it and its folder',
  10: 'the disk or the file system failed: check its space, its health and its limits',
  [FULL]: 'the disk is full: free space and call again',
  14: 'it could not be opened: check that its folder exists and that this user may write there',
  22: 'it is too large for this file system',
  23: 'access was denied: give this user the right to read and write it and its folder',
}

/** The error to throw for what SQLite, the file system or a caller's function threw. Nothing of the call was written. */
export const failure = (path: string, thrown: unknown): unknown => {
  const code = codeOf(thrown)
  if (code === CORRUPT || code === NOT_A_DATABASE) return corrupt(path, (thrown as Error).message, thrown)
  if (code !== undefined) {
    const what = WORDS[code] ?? (thrown as Error).message
    return new TrackerError('STORE', `${path}: ${what}. Nothing of this call was stored.`, {
      field: 'path',
      cause: thrown,
    })
  }
  const { code: word, syscall } = (thrown ?? {}) as Readonly<{ code?: unknown; syscall?: unknown }>
  if (word === 'ERR_INVALID_STATE') return alreadyClosed(path)
  return typeof syscall === 'string' ? fileFailure(path, thrown) : thrown
}

/** By error code of the file system: what happened, and what to do. */
const FILE_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there: give it the right, or choose another path',
  EPERM: 'this user may not write there: give it the right, or choose another path',
  EROFS: 'the file system is read-only: choose another path',
  ENOSPC: 'the disk is full: free space and call again',
  ENOTDIR: 'a part of the path is a file, not a folder: choose another path',
  ENAMETOOLONG: 'the path is too long: choose a shorter one',
  ENOENT:
    'a folder of the path is not there, or is a link that leads nowhere: make it, or choose another path',
  EEXIST: 'something else stands at a part of the path: move it away, or choose another path',
  ELOOP: 'links of the path lead in a circle: choose another path',
  EDQUOT: 'the disk space of this user is used up: free space and call again',
  EMFILE: 'this process has too many files open: close some, or raise its limit',
  ENFILE: 'this machine has too many files open: close some, or raise its limit',
  EIO: 'the disk or the file system failed: check its health',
  // https://nodejs.org/api/permissions.html
  ERR_ACCESS_DENIED:
    "Node's permission model forbids it: start Node with --allow-fs-read and --allow-fs-write for its folder, or choose another path",
}

/** The error to throw for what the file system said. Its own message may name a file that is ours for a moment only. */
export const fileFailure = (path: string, thrown: unknown): TrackerError => {
  const { code = 'an error' } = thrown as NodeJS.ErrnoException
  const what = FILE_WORDS[code] ?? `the file system answered ${code}: choose another path`
  return new TrackerError('STORE', `${path}: ${what}.`, { field: 'path', cause: thrown })
}

/** The file is not what it should be; it was not changed. */
export const corrupt = (path: string, why: string, cause?: unknown): TrackerError =>
  new TrackerError(
    'STORE_CORRUPT',
    `${path} is damaged or no database of ours (${why}). It was left as it is: move it away, or restore a copy.`,
    { field: 'path', cause },
  )

/** The database or its `-wal` was removed or replaced: what this process writes would reach no other. */
export const failReplaced = (path: string): TrackerError =>
  new TrackerError(
    'STORE',
    `${path} or its -wal was removed or replaced while it was in use, and nothing of this call was stored: ` +
      'leave both where they are while processes use them, and make a new store.',
    { field: 'path' },
  )

/** The lock did not come free in time. */
export const failLocked = (path: string, busyMs: number): TrackerError =>
  new TrackerError(
    'STORE',
    `${path} was locked by another program for ${busyMs} ms, so nothing of this call was stored: ` +
      'end what holds it (a backup, a database browser), or raise busyMs.',
    { field: 'path' },
  )
