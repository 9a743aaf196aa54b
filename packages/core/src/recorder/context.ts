import type { AnyAdapter } from '../adapter/contract.ts'
import { uuidFrom } from '../descriptor/digest.ts'
import { type Command, isResumable } from '../session/machine.ts'
import { describe, invalidInput } from '../session/message.ts'
import { isObject } from '../session/options.ts'
import type { Called, Inputs } from '../session/schema.ts'
import { openBlockers, type Session } from '../session/session.ts'
import { unknownName } from '../session/words.ts'
import type { Store } from '../store/contract.ts'
import type { Adapters, Filter } from './calls.ts'
import type { Emitter, Logger, RecorderEvents } from './emitter.ts'
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

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Checks the id of a session; names `session.id` when a session object was passed. */
export const idOf = (id: unknown): string => {
  if (isText(id)) return id
  throw invalidInput({
    field: 'sessionId',
    problem: 'invalid type',
    expected: 'a session id',
    got: describe(id),
    ...(isObject(id) && isText(id.id) ? { todo: 'Pass session.id.' } : {}),
  })
}

/** Gives keys as an array, whether one was given or several. */
export const keysOf = (keys: string | readonly string[], where: string): readonly string[] => {
  const list = typeof keys === 'string' ? [keys] : keys
  if (Array.isArray(list) && list.every(isText)) return list
  const [first] = (Array.isArray(list) ? list : [list]) as readonly unknown[]
  throw invalidInput({
    field: `${where}.keys`,
    problem: 'invalid keys',
    expected: 'a key or an array of keys',
    got: describe(keys),
    ...(isObject(first) && isText(first.key) ? { todo: 'Pass preview.map(each => each.key).' } : {}),
  })
}

/** The adapter of a name. Throws `INVALID_INPUT` naming those there are. */
export const adapterOf = (
  { adapters }: Pick<RecorderContext, 'adapters'>,
  name: string,
  where: string,
): AnyAdapter => {
  const found = adapters.get(name)
  if (found !== undefined) return found
  throw invalidInput({ field: `${where}.adapter`, ...unknownName('adapter', String(name), adapters.keys()) })
}

const EXAMPLES = {
  update: '{ progress: 35 }',
  decide: '{ rationale: "why" }',
  block: '{ severity: "high" }',
  message: '{ turnId: "7" }',
  resolve: '{ key: "k1" }',
  resume: '{ key: "k1" }',
} as const

/** Merges caller options with our own fields; ours win, but unknown keys stay visible to validation. */
export const mergeInput = (
  hook: keyof typeof EXAMPLES,
  options: unknown,
  own: Readonly<Record<string, unknown>>,
) => {
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options)))
    throw invalidInput({
      field: hook,
      problem: 'invalid options',
      expected: `an object such as ${EXAMPLES[hook]}`,
      got: describe(options),
    })
  return { ...own, ...(options as object | undefined), ...own }
}

/**
 * Makes what passes input through, and tells a logger once of a progress between 0 and 1: it may be meant, and more
 * likely is a share of one.
 */
export const createPercentHint = (logger: Logger | undefined) => {
  let isReported = logger === undefined
  return (where: string, raw: unknown): unknown => {
    const progress = (raw as Readonly<{ progress?: unknown }> | null | undefined)?.progress
    if (isReported || typeof progress !== 'number' || !(progress > 0 && progress < 1)) return raw
    isReported = true
    const meant = Number((progress * 100).toPrecision(3))
    logger?.warn(`${where}.progress: ${progress} means ${progress} %; for ${meant} % give ${meant}`)
    return raw
  }
}
