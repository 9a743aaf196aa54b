import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { changeAlone } from '@sessionwire/hosts'
import { configuration } from '../failure.ts'
import { BUILT_IN } from './built-in.ts'
import { readImports } from './imports.ts'

/** Digests by path. */
export type Digests = Readonly<Record<string, string>>

/** The files a person trusted: the configuration file with what it imports, the files of `use`, and `.env` without its secrets. */
export type Fingerprint = Readonly<{ files: Digests; uses: Digests; env: string }>

/** Whether the files of a workspace may be used, and why not. */
export type Trust =
  /** The workspace has no configuration file. */
  | 'none'
  /** The person named the file, or trusted it as it is. */
  | 'trusted'
  /** The person has not said anything about it. */
  | 'untrusted'
  /** It changed since the person trusted it. */
  | 'changed'
  /** Another user owns it. */
  | 'foreign'

/** Largest file that is read, in bytes. */
const LARGEST = 1_048_576
const MOST_IMPORTS = 200

/** Advice for a file of another user. */
export const FOREIGN =
  'Copy it, or change its owner. If it is yours all the same, as in a container, name it in the variable SESSIONWIRE_CONFIG.'

/** Text of a regular file of a sensible size. Throws `CONFIG` for anything else. */
export const readSafely = (path: string): string => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) throw configuration(`${path}: not a regular file.`)
  if (found.size > LARGEST)
    throw configuration(`${path}: too large; expected at most ${LARGEST} bytes, got ${found.size}.`)
  return readFileSync(path, 'utf8')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Code that loads what cannot be followed, by the word that does it. Comments and strings are searched too: it is enough to
 * rewrite them. A word under another name (`const load = require`) has its own name somewhere, so the word alone counts.
 */
const UNFOLLOWED: readonly (readonly [word: string, found: RegExp])[] = [
  ['createRequire', /\bcreateRequire\b/],
  ['register', /\bregister(?:Hooks)?\b/],
  ['getBuiltinModule', /\b(?:getBuiltinModule|mainModule|dlopen|binding)\b/],
  ['eval', /\beval\b/],
  ['Function', /\bFunction\b|\.\s*constructor\b|(['"`])constructor\1/],
  ['WebAssembly', /\bWebAssembly\b/],
  // These modules load code that no import names.
  [
    'a module that loads code',
    /(['"`])(?:node:)?(?:module|vm|worker_threads|child_process|cluster|repl|inspector(?:\/promises)?)\1/,
  ],
  ['an address of a file', /(['"`])file:/],
  ['a computed property of a global', /\b(?:globalThis|global|process|module|Reflect)\b\s*(?:\?\.\s*)?\[/],
]

/** Escapes of names and strings, as the engine reads them. */
const readEscapes = (text: string): string =>
  text.replace(
    /\\(?:u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2}))/gi,
    (whole, ...codes: readonly unknown[]) => {
      const code = Number.parseInt(String(codes.slice(0, 3).find(each => each !== undefined)), 16)
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
    },
  )

/** The first thing in a text that loads what cannot be followed. */
const findUnfollowed = (text: string): string | undefined => {
  const read = readEscapes(text)
  return (
    readImports(text).computed ??
    readImports(read).computed ??
    UNFOLLOWED.find(([, found]) => found.test(text) || found.test(read))?.[0]
  )
}
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js']

const STATIC = 'Use static relative imports only.'

/** A file of code and all files that it imports by relative paths. */
const withImports = (path: string, seen: Map<string, string>): void => {
  if (seen.has(path)) return
  if (seen.size >= MOST_IMPORTS)
    throw configuration(`${path}: more than ${MOST_IMPORTS} files are imported.`, STATIC)
  const text = readSafely(path)
  seen.set(path, sha256(text))
  if (path.endsWith('.json')) return
  const unfollowed = findUnfollowed(text)
  if (unfollowed !== undefined)
    throw configuration(`${path}: loads code that cannot be followed (${unfollowed}).`, STATIC)
  for (const target of readImports(text).addresses) {
    // An escape may stand for anything, and no package has one in its name.
    if (!/^\.{0,2}[/#]|\\/.test(target)) continue
    if (!target.startsWith('.') || /[\\%?#$]/.test(target))
      throw configuration(`${path}: an import cannot be followed.`, STATIC)
    const found = ENDINGS.map(ending => resolve(dirname(path), target + ending)).find(
      each => statSync(each, { throwIfNoEntry: false })?.isFile() === true,
    )
    if (found !== undefined) withImports(found, seen)
  }
}

/** Digests of a file and of what it imports. */
export const digestFile = (path: string): Digests => {
  const seen = new Map<string, string>()
  withImports(path, seen)
  return Object.fromEntries(seen)
}

const SECRETS: ReadonlySet<string> = new Set(Object.values(BUILT_IN).flatMap(({ secrets }) => secrets))

/** Secrets of our adapters may be replaced without new trust, unless they are addresses. All other values steer what is done. */
const isReplaceable = (name: string, value: string): boolean => SECRETS.has(name) && !value.includes('://')

/** Digest of a `.env` file: of all names, and of the values that may not change without new trust. Empty where there is none. */
export const digestEnv = (root: string): string => {
  const path = join(root, '.env')
  if (!existsSync(path)) return ''
  const values = Object.entries(parseEnv(readSafely(path)) as Record<string, string>)
  return sha256(
    JSON.stringify(
      values
        .map(([name, value]) => (isReplaceable(name, value) ? [name] : [name, value]))
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    ),
  )
}

/** The values of `.env`. They never become part of `process.env`. */
export const readEnv = (root: string): Readonly<Record<string, string>> => {
  const path = join(root, '.env')
  return existsSync(path) ? (parseEnv(readSafely(path)) as Record<string, string>) : {}
}

/** `since`: when an adapter came into the configuration, by name. */
type Trusted = Fingerprint & Readonly<{ at: string; since?: Readonly<Record<string, string>> }>
type Kept = Readonly<{ v: 1; workspaces: Readonly<Record<string, Trusted>> }>

const trustFile = (data: string): string => join(data, 'trust.json')
const NONE: Kept = { v: 1, workspaces: {} }

const isMine = (uid: number): boolean => process.getuid === undefined || uid === process.getuid()

const readKept = (data: string): Kept => {
  try {
    const path = trustFile(data)
    const found = lstatSync(path)
    // Another user could write the list of trusted files.
    if (!found.isFile() || !isMine(found.uid) || (process.platform !== 'win32' && (found.mode & 0o022) !== 0))
      return NONE
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept
    return kept.v === 1 && typeof kept.workspaces === 'object' && kept.workspaces !== null ? kept : NONE
  } catch {
    return NONE
  }
}

/** The fingerprint that was trusted for a configuration file. */
const findTrusted = (data: string, file: string): Trusted | undefined => {
  const { workspaces } = readKept(data)
  return Object.hasOwn(workspaces, file) ? workspaces[file] : undefined
}

/** When each adapter of a trusted configuration file came into it, epoch ms. */
export const findSetUpTimes = (data: string, file: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(findTrusted(data, file)?.since ?? {}).map(([name, at]) => [name, Date.parse(at)]),
  )

/** Writes what the person trusts, with the names of its adapters; `undefined` forgets it. */
export const keepTrust = (
  data: string,
  file: string,
  fingerprint: Fingerprint | undefined,
  now: Date,
  adapters: readonly string[] = [],
): void =>
  changeAlone(data, () => {
    const { [file]: before, ...others } = readKept(data).workspaces
    const at = now.toISOString()
    // One that was taken out and comes back is new: nothing of the time in between was meant for it.
    const since = Object.fromEntries(adapters.map(name => [name, before?.since?.[name] ?? at]))
    const workspaces =
      fingerprint === undefined ? others : { ...others, [file]: { ...fingerprint, at, since } }
    mkdirSync(data, { recursive: true, mode: 0o700 })
    const temporary = `${trustFile(data)}.${process.pid}.tmp`
    writeFileSync(temporary, JSON.stringify({ v: 1, workspaces }, undefined, 2), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, trustFile(data))
  })

const isSame = (a: Digests, b: Digests): boolean => {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every(name => Object.hasOwn(b, name) && a[name] === b[name])
  )
}

/** Whether a configuration file is as the person trusted it, whatever became of `.env` since. */
export const isFileTrusted = (data: string, file: string): boolean => {
  const trusted = findTrusted(data, file)
  return trusted !== undefined && isSame(digestFile(file), trusted.files)
}

/** Whether a configuration file may be read as more than data: before it is loaded. */
export const judgeFile = (data: string, root: string, file: string): Trust => {
  const { uid } = statSync(file)
  if (!isMine(uid) && uid !== 0) return 'foreign'
  const trusted = findTrusted(data, file)
  if (trusted === undefined) return 'untrusted'
  const isUnchanged = isSame(digestFile(file), trusted.files) && digestEnv(root) === trusted.env
  return isUnchanged ? 'trusted' : 'changed'
}

/** Whether the files of `use` are those that were trusted. */
export const areUsesTrusted = (data: string, file: string, uses: Digests): boolean => {
  const trusted = findTrusted(data, file)
  return trusted !== undefined && isSame(uses, trusted.uses)
}
