import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isTrackerError, TrackerError } from '../../session/errors.ts'
import { fileFailure } from './failure.ts'

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** The files SQLite keeps next to a database in WAL mode: https://www.sqlite.org/walformat.html */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const

const config = (message: string): TrackerError =>
  new TrackerError('CONFIG', `sqliteStore: ${message}`, { field: 'path' })

/** The beginning of an address. A single letter is a drive of Windows. */
const ADDRESS = /^(file:|[a-z][\w+.-]+:\/)/i

/** The text of a `URL`, of any realm. */
const addressOf = (value: unknown): string | undefined => {
  const { href } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<{ href?: unknown }>
  return typeof href === 'string' ? href : undefined
}

/** The absolute path of a database; refuses a value that is not the path of a file. */
export const absolute = (path: unknown): string => {
  const address = addressOf(path)
  const text = address ?? (typeof path === 'string' ? path.trim() : '')
  if (address !== undefined || ADDRESS.test(text))
    // No more of it than the scheme: an address may hold a password.
    throw config(
      `${text.split(':', 1)[0]}:… is an address: give a path, such as .sessionwire/sessions.db; fileURLToPath of node:url makes one of a file: URL`,
    )
  if (typeof path !== 'string' || path.trim() === '')
    throw config('path is missing: give the path of a file, such as .sessionwire/sessions.db')
  if (path === ':memory:') throw config('path is :memory: — use memoryStore() to keep nothing')
  if (path.includes('\0')) throw config('path holds a NUL character')
  try {
    return resolve(path)
  } catch (cause) {
    // The only thing it asks the system for is the working directory.
    throw new TrackerError(
      'CONFIG',
      `sqliteStore: ${path} is looked for in the working directory, which was removed: give an absolute path, or start in another directory`,
      { field: 'path', cause },
    )
  }
}

const stat = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/** The obstacle to a plain file there, if there is one. */
const obstacle = (found: Stats): string | undefined => {
  if (found.isSymbolicLink()) return 'a symbolic link: give the path it points to'
  if (found.isDirectory()) return 'a folder: give the path of a file in it'
  return found.isFile() ? undefined : 'no plain file: give the path of one'
}

/** Keeps other users out. Where the file system knows no modes, or the file is another user's, it stays as it is. */
const makePrivate = (path: string): void => {
  try {
    if (((stat(path)?.mode ?? FILE_MODE) & 0o777) !== FILE_MODE) chmodSync(path, FILE_MODE)
  } catch {}
}

/**
 * An empty file that was never readable by others. It is made under another name first: closing a descriptor of a file
 * frees every lock this process has on it, so the database itself is never opened here.
 */
const create = (path: string): void => {
  const made = `${path}.${process.pid}.${performance.now()}.new`
  closeSync(openSync(made, 'wx', FILE_MODE))
  try {
    linkSync(made, path)
  } catch {
    // Another process was faster, or the file system has no links: SQLite makes the file, and it is made private after.
  } finally {
    rmSync(made, { force: true })
  }
}

const toFailure = (path: string, thrown: unknown): unknown =>
  isTrackerError(thrown) ? thrown : fileFailure(path, thrown)

/** Makes what is missing of a folder, one after the other: in some places Node's own way never comes back. */
const makeFolders = (folder: string): void => {
  const missing: string[] = []
  for (let at = folder; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at)
  for (const each of missing)
    try {
      mkdirSync(each, { mode: FOLDER_MODE })
      // The folder holds sessions and locks, which belong in no repository.
      if (basename(each) === '.sessionwire') writeFileSync(join(each, '.gitignore'), '*\n', { flag: 'wx' })
    } catch (thrown) {
      // Another process was faster.
      if ((thrown as { code?: string }).code !== 'EEXIST') throw thrown
    }
}

/** Makes an empty file for this user only; false: there is something already. */
export const makeEmpty = (path: string): boolean => {
  try {
    makeFolders(dirname(path))
    closeSync(openSync(path, 'wx', FILE_MODE))
    return true
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'EEXIST') return false
    throw fileFailure(path, thrown)
  }
}

/** Makes folder and file where they are missing; a folder that exists keeps its mode. True: the file is new or empty. */
export const prepare = (path: string): boolean => {
  try {
    makeFolders(dirname(path))
    for (const each of [path, ...COMPANIONS.map(name => path + name)]) {
      const found = stat(each)
      const why = found === undefined ? undefined : obstacle(found)
      if (why !== undefined) throw config(`${each} is ${why}`)
    }
    if (stat(path) === undefined) create(path)
    return (stat(path)?.size ?? 0) === 0
  } catch (thrown) {
    throw toFailure(path, thrown)
  }
}

/** Keeps other users out of the database and its companion files. */
export const protect = (path: string): void => {
  for (const each of [path, ...COMPANIONS.map(name => path + name)])
    if (stat(each) !== undefined) makePrivate(each)
}

/** Sizes in bytes; 0 for what is not there. */
export const sizeOf = (path: string): number => stat(path)?.size ?? 0

/** Makes a folder of ours, for this user only. */
export const makeFolder = (path: string): void => {
  try {
    const found = stat(path)
    if (found === undefined) mkdirSync(path, { mode: FOLDER_MODE })
    else if (!found.isDirectory())
      throw new TrackerError(
        'STORE',
        `${path} is in the way: the locks of the store's processes go there. Move it away.`,
        { field: 'path' },
      )
  } catch (thrown) {
    // Another process made it in between.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw toFailure(path, thrown)
  }
}
