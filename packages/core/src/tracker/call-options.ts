import * as z from 'zod/mini'
import type { State } from '../delivery/model.ts'
import type { Drained } from '../delivery/worker.ts'
import { pointInTime, word } from '../session/fields.ts'
import {
  call,
  count,
  custom,
  duration,
  filled,
  flag,
  isObject,
  optional,
  optionsOf,
  patience,
} from '../session/options.ts'
import { ENDS } from '../session/schema.ts'
import { expecting } from '../session/words.ts'
import type { TrackerEvents } from './contract.ts'

/** How far a drain is. `left` is what is not delivered, by state, as `drain` gives it in the end. */
export type DrainProgress = Drained &
  Readonly<{
    /** Delivered since this drain began, by whatever process. */
    delivered: number
    /** On their way: waiting, or being sent. */
    open: number
  }>

/** Options of `drain`. */
export type DrainOptions = Readonly<{
  /** How long it may take, ms. Default 10,000. */
  timeoutMs?: number | undefined
  /** Ends the call when it is aborted. Default: none, it ends by its time-out. */
  signal?: AbortSignal | undefined
  /** Receives the progress: at the start, at most twice a second while something changes, and at the end. Default: none. */
  onProgress?: ((progress: DrainProgress) => unknown) | undefined
}>

/** Options of `forget`. */
export type ForgetOptions = Readonly<{
  /** How long to wait for deliveries under way, ms. Default 30,000. */
  timeoutMs?: number | undefined
}>

const STATES = [
  ...(['planned', 'waiting', 'claimed', 'begun', 'delivered', 'replaced', 'dead', 'dropped'] as const),
] satisfies readonly State[]

const state = word(STATES)
const signal = custom<AbortSignal>(
  value => isObject(value) && typeof value.addEventListener === 'function',
  'an AbortSignal',
)

/** Options of the tracker's calls, by the call's name. */
const OPTIONS = {
  sessions: optional({
    project: filled,
    user: filled,
    status: word(['active', ...ENDS]),
    agent: filled,
    workspace: filled,
    machine: filled,
    since: pointInTime,
    mirror: flag,
    withoutLane: filled,
    limit: count(),
  }),
  deliveries: optional({
    keys: z.array(filled, expecting('an array of keys')),
    adapter: filled,
    lane: filled,
    state: z.union([state, z.array(state)], expecting(`a state or an array of states: ${STATES.join(', ')}`)),
    inDoubt: flag,
    limit: count(),
  }),
  settled: optional({ timeoutMs: patience }),
  forget: optional({ timeoutMs: patience }),
  act: optional({ wait: flag, timeoutMs: patience }),
  take: optional({ limit: count(1) }),
  pause: optional({ limit: filled, reason: filled, forMs: duration(1) }),
  unpause: optional({ limit: filled }),
  drain: optional({ timeoutMs: patience, signal, onProgress: call }),
  prune: optional({ olderThanMs: duration(), keepMs: duration(), messagesMs: duration() }),
} as const

/** The options of a call of the tracker, as they were given; throws `INVALID_INPUT` naming one that is wrong or unknown. */
export const callOptions = <T extends object>(name: keyof typeof OPTIONS, given: T | undefined) =>
  optionsOf(name, given, OPTIONS[name])

/** Names of the events. */
export const EVENTS: readonly (keyof TrackerEvents)[] = Object.keys({
  ...{ event: 1, planned: 1, delivered: 1, retry: 1, inDoubt: 1, dead: 1 },
  ...{ paused: 1, unpaused: 1, drained: 1, error: 1 },
} satisfies Record<keyof TrackerEvents, 1>) as (keyof TrackerEvents)[]
