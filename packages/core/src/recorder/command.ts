import { uuidFrom } from '../descriptor/digest.ts'
import { type Command, isResumable } from '../session/machine.ts'
import { invalidInput } from '../session/message.ts'
import type { Called } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { RecorderContext } from './context.ts'

/** Completes a command with what depends on the session. */
export type CompleteCommand = (input: Command['input'], session: Session | undefined) => Command

let lastMs = Number.NaN
let lastIso = ''

/** A time as text; many calls fall into one millisecond. */
const isoTime = (ms: number): string => {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastIso
}

/** How far ahead of the clock a caller's `at` may be, ms: clocks of two machines differ. */
const AHEAD_MS = 300_000

/** What tells one command from others of its kind. */
type Identity = Readonly<{
  /** The name of the call, for errors. */
  where?: string
  /** The event's id; default a new one. */
  id?: string
  /** When it happened; default now. */
  at?: string | undefined
}>

/** The event id of a key in a session: the same for every process. */
export const eventIdOf = (sessionId: string, key: string): string => uuidFrom(`key/${sessionId}/${key}`)

/**
 * Begins a command: its id and time are those of the call, however often it must be tried. Throws `INVALID_INPUT` for an
 * `at` more than 5 minutes ahead of the clock.
 */
export const createCommand = (
  { newId, now }: RecorderContext,
  type: Called,
  sessionId: string,
  { where = type, at, ...given }: Identity = {},
): CompleteCommand => {
  // The start of a session has its id, so that one can be told from the other.
  const id = given.id ?? (type === 'start' ? sessionId : newId())
  const ms = now()
  const time = isoTime(ms)
  if (at !== undefined && Date.parse(at) > ms + AHEAD_MS)
    throw invalidInput({
      field: `${where}.at`,
      problem: 'in the future',
      expected: `a time at most 5 minutes after ${time}`,
      got: at,
    })
  let resumeId: string | undefined
  return (input, session) => {
    if (session !== undefined && isResumable(session.status)) resumeId ??= newId()
    return { type, sessionId, id, resumeId: resumeId ?? id, time, at: at ?? time, input } as Command
  }
}
