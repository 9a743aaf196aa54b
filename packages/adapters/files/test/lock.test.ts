import { createHash } from 'node:crypto'
import { mkdtempSync, promises, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { inTurn, LockedError } from '../src/disk/lock.ts'
import { patchFile } from '../src/disk/write.ts'

const { unlink } = promises
const setUnlink = (to: typeof unlink): void => {
  promises.unlink = to
  syncBuiltinESMExports()
}

let root: string
const lockOf = (path: string): string =>
  join(tmpdir(), `sessionwire-${createHash('sha256').update(path).digest('hex').slice(0, 32)}.lock`)
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-lock-'))
})
afterEach(() => {
  setUnlink(unlink)
  rmSync(lockOf(join(root, 'a.md')), { force: true })
  rmSync(root, { recursive: true, force: true })
})

/** No process has this number: it is above the highest one of all systems. */
const DEAD = 2_147_483_646

test('a lock of a process that is gone is taken over', async () => {
  const path = join(root, 'a.md')
  writeFileSync(lockOf(path), `${DEAD} other`)
  expect(await inTurn(path, 1_000, async () => 'done')).toBe('done')
})

test('a lock older than any change is taken over, also where another process has its number now', async () => {
  const path = join(root, 'a.md')
  writeFileSync(lockOf(path), `${process.ppid} other`)
  await expect(inTurn(path, 20, async () => 'done')).rejects.toThrow(LockedError)
  const hourAgo = Date.now() / 1_000 - 3_600
  utimesSync(lockOf(path), hourAgo, hourAgo)
  expect(await inTurn(path, 1_000, async () => 'done')).toBe('done')
})

test('a stale lock that cannot be removed ends with an error after the time-out', async () => {
  const path = join(root, 'a.md')
  writeFileSync(lockOf(path), `${DEAD} other`)
  // A folder for temporary files lets only its owner remove a file.
  setUnlink(() => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' })))
  await expect(inTurn(path, 30, async () => 'done')).rejects.toThrow(LockedError)
})

/** A file as a process with our number left it, before a restart of the container. */
const leave = (path: string, text: string): void => {
  writeFileSync(path, text)
  utimesSync(path, 1_000_000_000, 1_000_000_000)
}

test('a lock with our number that is older than this process is taken over', async () => {
  const path = join(root, 'a.md')
  leave(lockOf(path), `${process.pid} ${lockOf(path)}.${process.pid}.1`)
  expect(await inTurn(path, 1_000, async () => 'done')).toBe('done')
})

test('a lock with our number that is newer belongs to another thread, and is held', async () => {
  const path = join(root, 'a.md')
  writeFileSync(lockOf(path), `${process.pid} other`)
  await expect(inTurn(path, 30, async () => 'done')).rejects.toThrow(LockedError)
  expect(readFileSync(lockOf(path), 'utf8')).toBe(`${process.pid} other`)
})

test('temporary files with our number are removed where they are leftovers, and block no write', async () => {
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
  const nameOf = (number: number | string) => `.a.md.${machine}.${process.pid}.${number}.sw-tmp`
  for (let serial = 1; serial < 60; serial++) leave(join(root, nameOf(serial)), 'half')
  leave(join(root, nameOf('s0123abcd.1')), 'half')
  writeFileSync(join(root, nameOf('s0123abcd.2')), 'of another thread')
  expect(await patchFile(join(root, 'a.md'), { create: 'whole' })).toBe('created')
  expect(readdirSync(root).sort()).toEqual([nameOf('s0123abcd.2'), 'a.md'])
  expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('whole')
})
