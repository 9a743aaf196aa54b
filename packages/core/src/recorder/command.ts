import type { Command } from '../session/machine.ts'
import type { Called } from '../session/schema.ts'
import type { Session } from '../session/session.ts'
import type { Parts } from './parts.ts'

/** Completes a command with what depends on the session. */
export type Commanding = (input: Command['input'], session: Session | undefined) => Command

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

/** Begins a command: its id and time are those of the call, however often it must be tried. */
export const commanding = ({ newId, now }: Parts, type: Called, sessionId: string): Commanding => {
  // The start of a session has its id, so that whoever knows the one can name the other.
  const id = type === 'start' ? sessionId : newId()
  const time = isoTime(now())
  let resumeId: string | undefined
  return (input, session) => {
    const ended = session?.status === 'crashed' || session?.status === 'abandoned'
    if (ended) resumeId ??= newId()
    return { type, sessionId, id, resumeId: resumeId ?? id, time, at: time, input } as Command
  }
}
