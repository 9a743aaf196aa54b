import { randomBytes } from 'node:crypto'
import { kill, pid as ownPid, uptime } from 'node:process'

/** A part of names that no other start of a process has, nor another thread of this one. */
export const START = `s${randomBytes(4).toString('hex')}`

/** When this process began, by the clock that dates files. */
const startMs = (): number => Date.now() - uptime() * 1_000

/** No change of a file takes so long, ms: its maker died, and another process may have its number by now. */
const LONGEST_MS = 600_000

/**
 * Whether the process that made a file is gone; where that is unknown, it lives. A restarted container gives the same number
 * again, so a file with the number of this process is a leftover where it is older than the process. A newer one may belong to
 * another thread.
 */
export const isMakerGone = (pid: number, madeAtMs: number): boolean => {
  if (Date.now() - madeAtMs > LONGEST_MS) return true
  if (pid === ownPid) return madeAtMs < startMs()
  try {
    kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
