import { lstat } from 'node:fs/promises'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** A note that another program wrote so lately may be half saved, ms: editors empty it first, or write it in several parts. */
const YOUNG_MS = 500

/** How the notes stood after our own last changes: no other program is saving those. */
const ownStates = new Map<string, string>()
const OWN_MOST = 1_000

const stateOf = async (path: string): Promise<string> => {
  const found = await lstat(path).catch(() => undefined)
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
}

/** Waits where another program may be saving the note, until `endsAt` of the monotonic clock. True: it must be read again. */
export const waitForEditor = async (path: string, endsAt: number): Promise<boolean> => {
  const state = await stateOf(path)
  if (state === '' || state === ownStates.get(path)) return false
  const age = Date.now() - Number(state.split(' ')[2])
  const left = Math.min(YOUNG_MS - age, endsAt - performance.now())
  // A time in the future is of another clock and says nothing.
  if (age < 0 || left <= 0) return false
  await sleep(Math.ceil(left))
  return true
}

/** Remembers how a note stands after a change of ours. */
export const remember = async (path: string): Promise<void> => {
  const [oldest] = ownStates.size >= OWN_MOST ? ownStates.keys() : []
  if (oldest !== undefined) ownStates.delete(oldest)
  ownStates.set(path, await stateOf(path))
}
