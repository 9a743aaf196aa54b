import type { State } from '../delivery/model.ts'
import type { Drained } from '../delivery/worker.ts'
import { asked, oneOf, RULES, type Rule } from '../recorder/asked.ts'
import { ENDS } from '../session/schema.ts'
import type { TrackerEvents } from './contract.ts'

/** How far a drain is. `left` is what is not delivered, by state, as `drain` gives it in the end. */
export type DrainProgress = Drained &
  Readonly<{
    /** Delivered since this drain began, by whatever process. */
    delivered: number
    /** On their way: waiting, or being sent. */
    open: number
  }>

/** What `drain` takes. */
export type DrainOptions = Readonly<{
  /** How long it may take, ms. Default 10,000. */
  timeoutMs?: number | undefined
  /** Ends it sooner. */
  signal?: AbortSignal | undefined
  /** Hears how far it is: at its begin, at most twice a second while something changes, and at its end. */
  onProgress?: ((progress: DrainProgress) => unknown) | undefined
}>

const STATES: readonly State[] = [
  ...(['planned', 'waiting', 'claimed', 'begun', 'delivered', 'replaced', 'dead', 'dropped'] as const),
]
const isList = (value: unknown, of: (each: unknown) => boolean) => Array.isArray(value) && value.every(of)
const [isState, knownStates] = oneOf(STATES)

const { text, flag, call, object, duration, count } = RULES
const most: Rule = [value => Number.isInteger(value) && Number(value) >= 0, 'give a whole number']
/** As long as it takes is a time too. */
const timeout: Rule = [value => typeof value === 'number' && value >= 0, duration[1]]
const states: Rule = [value => isState(value) || isList(value, isState), knownStates]
const texts: Rule = [value => isList(value, text[0]), 'give a list of texts']

/** Options of calls, by the call's name: a rule for each. */
const QUESTIONS = {
  sessions: {
    project: text,
    user: text,
    status: oneOf(['active', ...ENDS]),
    agent: text,
    workspace: text,
    machine: text,
    since: duration,
    mirror: flag,
    withoutLane: text,
    limit: most,
  },
  deliveries: { keys: texts, adapter: text, lane: text, state: states, inDoubt: flag, limit: most },
  settled: { timeoutMs: timeout },
  take: { limit: count },
  pause: { limit: text, reason: text, forMs: duration },
  unpause: { limit: text },
  drain: { timeoutMs: timeout, signal: object, onProgress: call },
  prune: { olderThanMs: duration, keepMs: duration, messagesMs: duration },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Rule>>>>

/** The options of a call of the tracker; throws `INVALID_INPUT` naming one that is wrong or not known. */
export const questioned = <T extends object>(name: keyof typeof QUESTIONS, given: T | undefined) =>
  asked(name, given, QUESTIONS[name])

/** What one can listen for. */
export const EVENTS: readonly (keyof TrackerEvents)[] = Object.keys({
  ...{ event: 1, planned: 1, delivered: 1, retry: 1, inDoubt: 1, dead: 1 },
  ...{ paused: 1, unpaused: 1, drained: 1, error: 1 },
} satisfies Record<keyof TrackerEvents, 1>) as (keyof TrackerEvents)[]
