import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const disk = vi.hoisted(() => ({ isSticky: false }))
vi.mock('node:fs/promises', async original => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    // A folder for temporary files lets only its owner remove a file.
    unlink: (path: string) =>
      disk.isSticky
        ? Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }))
        : real.unlink(path),
  }
})

const { inTurn, LockedError } = await import('../src/disk/lock.ts')

let root: string
const lockOf = (path: string): string =>
  join(tmpdir(), `sessionwire-${createHash('sha256').update(path).digest('hex').slice(0, 32)}.lock`)
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-lock-'))
  disk.isSticky = false
})
afterEach(() => {
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

test('a stale lock that cannot be removed ends with an error after the time-out', async () => {
  const path = join(root, 'a.md')
  writeFileSync(lockOf(path), `${DEAD} other`)
  disk.isSticky = true
  await expect(inTurn(path, 30, async () => 'done')).rejects.toThrow(LockedError)
})
