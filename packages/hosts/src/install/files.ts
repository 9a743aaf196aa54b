import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { invalidConfig } from '@sessionwire/core/adapter'
import { places } from '../hook/places.ts'
import { changeAlone } from '../ingest/lock.ts'
import { replaceFile } from '../ingest/spool.ts'

/** Most symbolic links that lead to a file. */
const LINKS = 40
/** Largest file of a host that is read, in bytes. */
const LARGEST = 4_194_304

/** The file itself, through symbolic links, also where it is not there yet. Throws `CONFIG` for links that lead nowhere. */
export const realFile = (file: string): string => {
  if (existsSync(file)) return realpathSync(file)
  let at = file
  for (let links = 0; links < LINKS; links++) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at
    at = resolve(dirname(at), readlinkSync(at))
  }
  throw invalidConfig({
    field: file,
    problem: 'symbolic links in a circle',
    todo: 'Fix the link; nothing was changed.',
  })
}

/** Throws for bytes that are not UTF-8, and keeps the byte order mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of another encoding would be written back as other ones. */
const decode = (file: string, bytes: Uint8Array): string => {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw invalidConfig({
      field: file,
      problem: 'wrong encoding',
      expected: 'UTF-8',
      todo: 'Save it as UTF-8; nothing was changed.',
    })
  }
}

/** The text of a file, or that of an empty one. Throws `CONFIG` for anything else, and for a file that is too large. */
export const readText = (file: string, empty: string): string => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return empty
  // A folder of another person may hold a pipe or a device in its place.
  if (!found.isFile() || found.size > LARGEST)
    throw invalidConfig({
      field: file,
      problem: found.isFile() ? 'too large' : 'not a regular file',
      expected: found.isFile() ? `at most ${LARGEST} bytes` : 'a file',
      ...(found.isFile() ? { got: `${found.size}` } : {}),
      todo: 'Fix it; nothing was changed.',
    })
  const text = decode(file, readFileSync(file))
  return text.trim() === '' ? empty : text
}

/** Whole or not at all, with the mode it had. */
export const replaceText = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode })
  chmodSync(temporary, mode)
  renameSync(temporary, file)
}

/** The files as they were before: whether we made the file, and its places that were empty. */
export type Kept = Readonly<{ [file: string]: Readonly<{ made: boolean; empty: readonly string[] }> }>

/** The memory of the files that were changed. */
export const readKept = (data: string): Kept => {
  try {
    return JSON.parse(readFileSync(places(data).installed, 'utf8')) as Kept
  } catch {
    return {}
  }
}

const BOM = '\uFEFF'
/** A text without its byte order mark, behind that mark. */
export const split = (text: string): readonly [bom: string, text: string] =>
  text.startsWith(BOM) ? [BOM, text.slice(1)] : ['', text]

/** Remembers a file as it was before the first change, or forgets it. */
export const keep = (data: string, file: string, before: Kept[string] | undefined): void =>
  changeAlone(data, () => {
    const { [file]: _, ...others } = readKept(data)
    const kept = before === undefined ? others : { ...others, [file]: before }
    replaceFile(places(data).installed, JSON.stringify(kept))
  })
