import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { places } from '../hook/places.ts'
import { replaceFile } from '../ingest/spool.ts'

/** The file itself, through symbolic links. */
export const realFile = (file: string): string => (existsSync(file) ? realpathSync(file) : file)

/** The text of a file, or that of an empty one. */
export const readText = (file: string, empty: string): string => {
  if (!existsSync(file)) return empty
  const text = readFileSync(file, 'utf8')
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
export const keep = (data: string, file: string, before: Kept[string] | undefined): void => {
  const { [file]: _, ...others } = readKept(data)
  const kept = before === undefined ? others : { ...others, [file]: before }
  replaceFile(places(data).installed, JSON.stringify(kept))
}
