import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, type FileHandle, link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pid as ownPid } from 'node:process'
import { applyPatch, type Patch } from '../patch.ts'
import { isMakerGone, START } from './process.ts'
import { remember, waitForEditor } from './still.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** The most that is read of one file: notes of people are smaller, and a pattern over more would hold up everything else. */
const MOST_BYTES = 16_777_216

/** Something that is not a note, or a note that this program must not change. */
export class NoteError extends Error {}

/** The bytes of a note as a binary string; `undefined` where there is none. Pipes and devices are not waited for. */
export const readBinary = async (
  path: string,
  most = Number.POSITIVE_INFINITY,
): Promise<string | undefined> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const found = await handle.stat()
    if (!found.isFile()) throw new NoteError(`${basename(path)} is not a file`)
    if (found.size > most) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, 0)
      return buffer.subarray(0, bytesRead).toString('latin1')
    }
    if (found.size > MOST_BYTES)
      throw new NoteError(`${basename(path)} is too long; expected at most 16 MiB, got ${found.size} bytes`)
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
export const sweep = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const [, machine, pid] = HIDDEN.exec(name) ?? []
    if (machine !== MACHINE) continue
    const path = join(folder, name)
    const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (isMakerGone(Number(pid), mtimeMs)) await rm(path, { force: true })
  }
}

/** Writes a hidden file. A full disk must not get fuller by it: what could not be written whole is removed. */
const writeHidden = async (path: string, bytes: Uint8Array, mode: number): Promise<string> => {
  const made = tempPathOf(path)
  const handle = await open(made, O_WRONLY | O_CREAT | O_EXCL, mode)
  try {
    await writeAll(handle, bytes)
  } catch (error) {
    await rm(made, { force: true }).catch(() => undefined)
    throw error
  } finally {
    await handle.close()
  }
  return made
}

/** Makes a file with its whole content at once. False: one was there before, and stays. */
export const createFile = async (path: string, binary: string): Promise<boolean> => {
  await mkdir(dirname(path), { recursive: true })
  const made = await writeHidden(path, bytesOf(binary), 0o666)
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

/** Gives a file the owner and the mode of the one that it replaces. No other user may read it before. */
const likeBefore = async (made: string, { uid, gid, mode }: Stats): Promise<void> => {
  const handle = await open(made, O_RDONLY)
  try {
    const own = await handle.stat()
    const isOurs = own.uid === uid && own.gid === gid
    const isGiven =
      isOurs ||
      (await handle.chown(uid, gid).then(
        () => true,
        () => false,
      ))
    const isShared =
      isGiven ||
      (mode & 0o002) !== 0 ||
      ((mode & 0o020) !== 0 &&
        (await handle.chown(own.uid, gid).then(
          () => true,
          () => false,
        )))
    if (!isShared)
      throw new NoteError(
        'the note belongs to another user, who could not write it any more; run as that user',
      )
    await handle.chmod(mode & 0o7777).catch(() => undefined)
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a file whose content is still `before`. False: it was changed meanwhile. A second link to the old file is kept
 * until it was compared once more: what another program wrote into it at the last moment is merged and not lost.
 */
const replaceFile = async (path: string, before: string, after: string, patch: Patch): Promise<boolean> => {
  const found = await lstat(path)
  // A rename asks the folder alone: a note that its owner made read-only stays as it is.
  await access(path, constants.W_OK)
  const made = await writeHidden(path, bytesOf(after), 0o600)
  const kept = tempPathOf(path)
  try {
    await likeBefore(made, found)
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

/** Refuses a note whose bytes are not text of one byte a letter or UTF-8: ours would be letters of another alphabet in it. */
const refuseWide = (path: string, text: string): void => {
  if (/^(\xff\xfe|\xfe\xff)/.test(text) || text.includes('\0'))
    throw new NoteError(`${basename(path)} is not UTF-8 text; save it as UTF-8`)
}

/** Changes one file. Its other content stays, and repeating the change changes nothing. */
export const patchFile = async (path: string, patch: Patch): Promise<Written> => {
  const written = await patchOnce(path, patch)
  if (written !== 'missing' && written !== 'unchanged') await remember(path)
  return written
}

/** The longest wait for a program that writes the note again and again, ms: then it is changed as it is, and merged. */
const EDITOR_MS = 1_500

const patchOnce = async (path: string, patch: Patch): Promise<Written> => {
  await sweep(dirname(path)).catch(() => undefined)
  const endsAt = performance.now() + EDITOR_MS
  for (let turn = 0; turn < TURNS; turn++) {
    const before = await readBinary(path)
    if (before !== undefined) refuseWide(path, before)
    const after = applyPatch(before, patch)
    if (after === undefined) return 'missing'
    if (before !== undefined && (await waitForEditor(path, endsAt))) continue
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
