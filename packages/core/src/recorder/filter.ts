import { ignoreRejection, isThenable } from '../session/at-once.ts'
import { isTrackerError, TrackerError, toError } from '../session/errors.ts'
import type { SessionEvent } from '../session/events.ts'
import { checkPayload } from '../session/input.ts'
import { checkJson } from '../session/json.ts'
import { invalidInput } from '../session/message.ts'
import type { RecordedHook } from '../session/schema.ts'
import type { ActEvent, Filter } from './calls.ts'

/** Fields of a payload that a filter and the redaction leave as they are: ids and fixed words that other code reads. */
export const PAYLOAD_KEYS = ['decisionId', 'blockerId', 'supersedes', 'end', 'durationMs', 'format'] as const

/** Fields of an event, and of its payload, that a filter leaves as they are: others count on them. */
const FIXED = ['id', 'sessionId', 'sequence', 'time', 'at', 'version', 'type'] as const
const wrong = (problem: string, cause?: unknown) =>
  new TrackerError('CONFIG', `filter: ${problem} Nothing was recorded.`, { field: 'filter', cause })

type Fields = Readonly<Record<string, unknown>>

/** Notes the fields that must come back, before the filter can change them in place. */
const pick = (from: object, names: readonly string[]) => names.map(name => (from as Fields)[name])

const findChange = (
  result: object,
  names: readonly string[],
  before: readonly unknown[],
): string | undefined => names.find((name, place) => (result as Fields)[name] !== before[place])

/** Reads what the filter gave: a proxy or a getter of it that throws is a fault of the filter. */
const reading = <T>(type: string, read: () => T): T => {
  try {
    return read()
  } catch (thrown) {
    if (isTrackerError(thrown)) throw thrown
    throw wrong(`its ${type} cannot be read: ${toError(thrown).message.slice(0, 300)}.`, thrown)
  }
}

const runFilter = (filter: Filter, event: SessionEvent | ActEvent): object | undefined => {
  let result: unknown
  try {
    result = filter(event)
  } catch (thrown) {
    const said = toError(thrown).message
    throw wrong(`it threw on ${event.type}: ${said.slice(0, 300)}.`, thrown)
  }
  if (result === undefined) return undefined
  if (result === null || typeof result !== 'object')
    throw wrong(
      `it gave ${result === null ? 'null' : `a ${typeof result}`} for ${event.type}: give an event or undefined.`,
    )
  if (isThenable(result)) {
    ignoreRejection(result)
    throw wrong('it gave a promise: it must answer at once.')
  }
  return result
}

/** The event as the filter lets it through, checked again; `undefined` where it is left out. */
export const filterEvent = (filter: Filter, event: SessionEvent): SessionEvent | undefined =>
  reading(event.type, () => {
    const before = pick(event, FIXED)
    const inside = pick(event.payload, PAYLOAD_KEYS)
    const result = runFilter(filter, event) as SessionEvent | undefined
    if (result === undefined) return undefined
    const moved = findChange(result, FIXED, before) ?? findChange(result.payload ?? {}, PAYLOAD_KEYS, inside)
    if (moved !== undefined) throw wrong(`it changed "${moved}" of ${event.type}, which others count on.`)
    const payload = checkPayload(event.type as RecordedHook, result.payload)
    return { ...event, payload } as SessionEvent
  })

/** The input of a direct call as the filter lets it through. */
export const filterAct = (filter: Filter, event: ActEvent): ActEvent | undefined =>
  reading('act', () => {
    const before = pick(event, ['type', 'sessionId'])
    const inside = pick(event.payload, ['adapter', 'action'])
    const result = runFilter(filter, event) as ActEvent | undefined
    if (result === undefined) return undefined
    const moved =
      findChange(result, ['type', 'sessionId'], before) ??
      findChange(result.payload ?? {}, ['adapter', 'action'], inside)
    if (moved !== undefined) throw wrong(`it changed "${moved}" of act, which others count on.`)
    const input = checkJson(result.payload.input)
    if (input.ok) return { ...event, payload: { ...result.payload, input: input.value } }
    throw invalidInput({ field: ['filter', 'act', 'input', ...input.path].join('.'), ...input.problem })
  })
