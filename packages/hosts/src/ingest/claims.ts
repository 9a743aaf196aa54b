import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isHeld, parseClaims } from '../hook/claim.ts'
import { isStart } from '../hook/event.ts'
import { HOSTS, type HostName, type Line } from '../hook/line.ts'
import { claimFile } from '../hook/places.ts'

/** The hook runs at the same time as the program that claims the session: the first and last lines may be there already, ms. */
const BESIDE_MS = 10_000
/** A claim is of no use when its session has been quiet for so long, ms. */
const OLD_MS = 604_800_000

const NONE = (): boolean => false

/**
 * The lines of a session that a program recorded itself, with the SDK of the host. The start of a session says nothing that the
 * program does not say too, and comes before its first prompt, at which the session is claimed.
 */
export const readClaims = (data: string, host: HostName, session: string): ((line: Line) => boolean) => {
  const path = claimFile(data, host, session)
  if (!existsSync(path)) return NONE
  const claims = parseClaims(readFileSync(path, 'utf8'))
  const isNow = isHeld(claims)
  return ({ t, event }) =>
    claims.some(({ from, until }, place) => {
      const isLast = place === claims.length - 1
      const end = until ?? (isLast && isNow ? Number.POSITIVE_INFINITY : from)
      return isStart(event) ? t <= end + BESIDE_MS : t >= from - BESIDE_MS && t <= end + BESIDE_MS
    })
}

/** Removes the claims of sessions that have been quiet for a week. */
export const removeClaims = (data: string, now: number): void => {
  for (const host of HOSTS) {
    const folder = dirname(claimFile(data, host, 'x'))
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > OLD_MS)
        rmSync(path, { force: true })
    }
  }
}
