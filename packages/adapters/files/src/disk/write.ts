import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pid as ownPid } from 'node:process'
import { applyPatch, type Patch, toBinary } from '../patch.ts'
import { isMakerGone, START } from './process.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_WRONLY } = constants

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** The bytes of a file as a binary string; `undefined` where there is none. */
const readBinary = async (path: string): Promise<string | undefined> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW)
    return (await handle.readFile()).toString('latin1')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  } finally {
    await handle?.close()
  }
}

/** Writes all bytes by one call where the system takes them, and makes them durable. */
const writeAll = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, null)
    done += bytesWritten
  }
  await handle.sync()
}

const bytesOf = (binary: string): Uint8Array => Buffer.from(binary, 'latin1')

/** Makes the entry of a folder durable, where the system can. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, O_RDONLY).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

let serial = 0
/** This machine in the names of hidden files: a process of another one that shares the folder is not judged by its number. */
const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** A hidden name in the file's folder, which Obsidian and other programs do not show. */
const tempPathOf = (path: string): string => {
  serial += 1
  return join(dirname(path), `.${basename(path).slice(0, 40)}.${MACHINE}.${ownPid}.${START}.${serial}.sw-tmp`)
}

const HIDDEN = /^\..*\.([0-9a-f]{8})\.(\d+)\.(?:s[0-9a-f]{8}\.)?\d+\.sw-tmp$/

/** Removes what killed processes of this machine left in a folder; the files of those that live stay. */
const sweep = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const [, machine, pid] = HIDDEN.exec(name) ?? []
    if (machine !== MACHINE) continue
    const path = join(folder, name)
    const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (isMakerGone(Number(pid), mtimeMs)) await rm(path, { force: true })
  }
}

const writeHidden = async (path: string, bytes: Uint8Array): Promise<string> => {
  const made = tempPathOf(path)
  const handle = await open(made, O_WRONLY | O_CREAT | O_EXCL, 0o666)
  try {
    await writeAll(handle, bytes)
  } finally {
    await handle.close()
  }
  return made
}

/** Makes a file with its whole content at once. False: one was there before, and stays. */
const createFile = async (path: string, binary: string): Promise<boolean> => {
  await mkdir(dirname(path), { recursive: true })
  const made = await writeHidden(path, bytesOf(binary))
  try {
    // Unlike a rename, a link never replaces a file.
    await link(made, path)
    await syncFolder(dirname(path))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')) throw error
    // A file system without links: what a kill leaves half written is completed by the next attempt's patch.
    const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666).catch(inner => {
      if (codeOf(inner) === 'EEXIST') return undefined
      throw inner
    })
    if (handle === undefined) return false
    try {
      await writeAll(handle, bytesOf(binary))
    } finally {
      await handle.close()
    }
    return true
  } finally {
    await rm(made, { force: true })
  }
}

/** Appends to a file that has not grown since it was read. False: it was changed. */
const appendFile = async (path: string, before: string, more: string): Promise<boolean> => {
  const handle = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW)
  try {
    const { size } = await handle.stat()
    if (size !== before.length) return false
    await writeAll(handle, bytesOf(more))
    return true
  } finally {
    await handle.close()
  }
}

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** Renames over a file; on Windows an open one is refused for a moment. */
const renameOver = async (from: string, to: string): Promise<void> => {
  for (let turn = 0; ; turn++)
    try {
      return await rename(from, to)
    } catch (error) {
      if (turn >= 10 || !['EPERM', 'EBUSY', 'EACCES'].includes(codeOf(error) ?? '')) throw error
      await sleep(50)
    }
}

/**
 * Replaces a file whose content is still `before`. False: it was changed meanwhile. A second link to the old file is kept
 * until it was compared once more: what another program wrote into it at the last moment is merged and not lost.
 */
const replaceFile = async (path: string, before: string, after: string, patch: Patch): Promise<boolean> => {
  const { mode } = await lstat(path)
  const made = await writeHidden(path, bytesOf(after))
  const kept = tempPathOf(path)
  try {
    const handle = await open(made, O_RDONLY)
    await handle.chmod(mode & 0o7777).catch(() => undefined)
    await handle.close()
    const hasLink = await link(path, kept).then(
      () => true,
      () => false,
    )
    const last = await readBinary(hasLink ? kept : path)
    if (last !== before) return false
    await renameOver(made, path)
    await syncFolder(dirname(path))
    const late = hasLink ? await readBinary(kept) : before
    if (late === undefined || late === before) return true
    // Another program wrote into the old file after it was compared: its text goes on, with the change applied to it.
    const merged = applyPatch(late, patch)
    return merged === undefined ? true : replaceFile(path, after, merged, patch)
  } finally {
    await rm(made, { force: true })
    await rm(kept, { force: true })
  }
}

/** How often a change begins again because another program writes the file. */
const TURNS = 20

/** The effect of a change. `missing`: the note is not there. `busy`: others write it all the time. `linked`: it has other names. */
export type Written = 'created' | 'appended' | 'replaced' | 'unchanged' | 'missing' | 'busy' | 'linked'

/**
 * Whether a file has a name besides this one and the hidden ones of ours: a hard link. A line that is appended would also
 * stand in a file elsewhere, and a replaced file would part the two without a word.
 */
const hasOtherName = async (path: string): Promise<boolean> => {
  const { nlink, dev, ino } = await lstat(path)
  if (nlink < 2) return false
  let ours = 1
  for (const name of await readdir(dirname(path))) {
    if (!HIDDEN.test(name)) continue
    const found = await lstat(join(dirname(path), name)).catch(() => undefined)
    if (found?.dev === dev && found.ino === ino) ours += 1
  }
  // A program of ours may have removed its hidden name meanwhile.
  return nlink > ours && (await lstat(path)).nlink > ours
}

/** Changes one file. Its other content stays, and repeating the change changes nothing. */
export const patchFile = async (path: string, patch: Patch): Promise<Written> => {
  await sweep(dirname(path)).catch(() => undefined)
  for (let turn = 0; turn < TURNS; turn++) {
    const before = await readBinary(path)
    const after = applyPatch(before, patch)
    if (after === undefined) return 'missing'
    if (before === undefined) {
      if (await createFile(path, after)) return 'created'
    } else if (before === after) return 'unchanged'
    else if (await hasOtherName(path)) return 'linked'
    else if (after.startsWith(before)) {
      if (await appendFile(path, before, after.slice(before.length))) return 'appended'
    } else if (await replaceFile(path, before, after, patch)) return 'replaced'
    await sleep(5 + turn * 5)
  }
  return 'busy'
}

/** Numbers of decision records: four digits, with room for more. */
const NUMBERED = /^(\d{4,6})-[a-z0-9-]+\.md$/

/** Writes a record with the next number of its folder; one that has the mark already stays the only one. Gives its name. */
export const numberFile = async (
  folder: string,
  slug: string,
  mark: string,
  content: string,
): Promise<string> => {
  await mkdir(folder, { recursive: true })
  await sweep(folder)
  for (let turn = 0; turn < 200; turn++) {
    const names = (await readdir(folder)).filter(name => NUMBERED.test(name))
    for (const name of names) {
      const text = await readFile(join(folder, name), 'latin1').catch(() => '')
      if (text.includes(toBinary(mark))) return name
    }
    const highest = names.reduce((most, name) => Math.max(most, Number(NUMBERED.exec(name)?.[1])), 0)
    const name = `${String(highest + 1).padStart(4, '0')}-${slug}.md`
    // The number, and not the name alone, must be free: another process may give it to another title.
    if (await createFile(join(folder, name), toBinary(content))) return name
  }
  throw new Error('the folder of decision records changes all the time')
}
