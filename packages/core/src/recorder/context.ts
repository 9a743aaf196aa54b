import { uuidFrom } from '../descriptor/digest.ts'
import { type Command, isResumable } from '../session/machine.ts'
import { invalidInput } from '../session/message.ts'
import type { Called, Inputs } from '../session/schema.ts'
import { openBlockers, type Session } from '../session/session.ts'
import type { Store } from '../store/contract.ts'
import type { Adapters, Filter } from './calls.ts'
import type { Emitter, RecorderEvents } from './emitter.ts'
import type { Cache } from './live-session.ts'

/** Values that the parts of a recorder share. */
export type RecorderContext = Readonly<{
  store: Store
  adapters: Adapters
  project: string
  user: string | undefined
  now: () => number
  newId: () => string
  filter: Filter | undefined
  /** Redacts secrets in a text before it is stored. */
  redact: ((text: string) => string) | undefined
  machine: string | undefined
  emitter: Emitter<RecorderEvents>
  /** Says that something may be sent now. */
  wake: () => void
  cache: Cache
  queue: Queue
}>

/** Runs the calls of one name one after the other, and those of different names side by side. */
export interface Queue {
  run<T>(name: string, call: () => Promise<T>): Promise<T>
}

/** Makes a queue by name. A call that fails does not stop those behind it. */
export const createQueue = (): Queue => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run: (name, call) => {
      const before = tails.get(name)
      const result = before === undefined ? call() : before.then(call, call)
      const tail = result
        .catch(() => undefined)
        .then(() => {
          if (tails.get(name) === tail) tails.delete(name)
        })
      tails.set(name, tail)
      return result
    },
  }
}

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

/** Fields that tell one command from others of its kind. */
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
  // The start of a session has its id, so that each identifies the other.
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

/** Longest part of a description that an error repeats, in characters. */
const SHOWN = 80

/**
 * Replaces words by the id of the one open blocker whose description has them, in any case. An id stays as it is. Throws
 * `INVALID_INPUT` where several have them, naming each.
 */
export const resolveId = (input: Inputs['resolve'], session: Session | undefined): Inputs['resolve'] => {
  const { blockerId: given } = input
  if (session === undefined || session.blockers.some(({ blockerId }) => blockerId === given)) return input
  const words = given.toLowerCase().trim()
  const found = openBlockers(session).filter(({ description }) => description.toLowerCase().includes(words))
  const [first, ...others] = found
  if (first === undefined) return input
  if (others.length === 0) return { ...input, blockerId: first.blockerId }
  throw invalidInput({
    field: 'resolve.blockerId',
    problem: `${found.length} open blockers contain ${JSON.stringify(given)}`,
    expected: `one of ${found.map(each => `${each.blockerId} (${each.description.slice(0, SHOWN)})`).join(', ')}`,
  })
}
