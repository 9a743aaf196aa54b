import { lstat } from 'node:fs/promises'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** A note that was written so lately may be half saved, ms: editors empty it first, or write it in several parts. */
const YOUNG_MS = 100
/** How long it must stand still then, ms, and how often it is looked at. */
const STILL_MS = 30
const LOOKS = 2

/** How the notes stood after our own last changes: no other program is saving those. */
const ownStates = new Map<string, string>()
const OWN_MOST = 1_000

const stateOf = async (path: string): Promise<string> => {
  const found = await lstat(path).catch(() => undefined)
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
}

/** Waits while another program saves the note. */
export const waitForEditor = async (path: string): Promise<void> => {
  let state = await stateOf(path)
  for (let look = 0; look < LOOKS && state !== '' && state !== ownStates.get(path); look++) {
    const age = Date.now() - Number(state.split(' ')[2])
    if (age < 0 || age > YOUNG_MS) return
    await sleep(STILL_MS)
    const next = await stateOf(path)
    if (next === state) return
    state = next
  }
}

/** Remembers how a note stands after a change of ours. */
export const remember = async (path: string): Promise<void> => {
  const [oldest] = ownStates.size >= OWN_MOST ? ownStates.keys() : []
  if (oldest !== undefined) ownStates.delete(oldest)
  ownStates.set(path, await stateOf(path))
}
