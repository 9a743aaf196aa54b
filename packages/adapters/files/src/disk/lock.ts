import { createHash } from 'node:crypto'
import { link, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pid as ownPid } from 'node:process'
import { isMakerGone, START } from './process.ts'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

let serial = 0
/** Turns of this process, by path: a lock of one's own process would be waited for by polling. */
const turns = new Map<string, Promise<unknown>>()

const LEFT = /^sessionwire-[0-9a-f]{32}\.lock\.(\d+)\./

/** Removes files that killed processes left with their locks. */
const sweepLeft = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const pid = LEFT.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(tmpdir(), name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (isMakerGone(Number(pid), mtimeMs)) await rm(path, { force: true }).catch(() => undefined)
  }
}
/** Once for each process: the folder may hold much that is not ours. */
let swept: Promise<void> | undefined

/** A lock could not be taken in time: another process of ours writes the file. */
export class LockedError extends Error {}

/**
 * Takes a lock of a file for as long as `run` takes: one process of this machine at a time. The lock lies in the folder for
 * temporary files and never in the vault, which may be carried to other machines. One whose process is gone is taken over.
 */
const withLock = async <T>(path: string, timeoutMs: number, run: () => Promise<T>): Promise<T> => {
  swept ??= sweepLeft().catch(() => undefined)
  await swept
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32)
  const lock = join(tmpdir(), `sessionwire-${name}.lock`)
  serial += 1
  const own = `${lock}.${ownPid}.${START}.${serial}`
  const content = `${ownPid} ${own}`
  await writeFile(own, content)
  try {
    const endsAt = performance.now() + timeoutMs
    for (;;) {
      try {
        // A link is made at once with its content, or not at all: a lock never stands without its owner.
        await link(own, lock)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const held = await readFile(lock, 'utf8').catch(() => '')
      const pid = Number(held.split(' ')[0])
      const madeAt = await stat(lock).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      )
      const isStale = held !== '' && (!Number.isSafeInteger(pid) || pid <= 0 || isMakerGone(pid, madeAt))
      const isRemoved =
        isStale &&
        (await readFile(lock, 'utf8').catch(() => '')) === held &&
        (await unlink(lock).then(
          () => true,
          () => false,
        ))
      if (isRemoved) continue
      // A stale lock that another user owns cannot be removed, and counts as held.
      if (performance.now() > endsAt) throw new LockedError(`${path} is being written by process ${pid}`)
      else await sleep(10)
    }
    try {
      return await run()
    } finally {
      if ((await readFile(lock, 'utf8').catch(() => '')) === content)
        await unlink(lock).catch(() => undefined)
    }
  } finally {
    await rm(own, { force: true })
  }
}

/** One change of a file at a time, over all processes of this machine. Throws `LockedError`. */
export const inTurn = async <T>(path: string, timeoutMs: number, run: () => Promise<T>): Promise<T> => {
  const before = turns.get(path) ?? Promise.resolve()
  const mine = before.then(
    () => withLock(path, timeoutMs, run),
    () => withLock(path, timeoutMs, run),
  )
  const settled = mine.catch(() => undefined)
  turns.set(path, settled)
  try {
    return await mine
  } finally {
    if (turns.get(path) === settled) turns.delete(path)
  }
}
