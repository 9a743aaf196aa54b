import { type ErrorCode, TrackerError } from './errors.ts'

/** The parts of a message about bad input. Every message of this library about input is built from them. */
export type Problem = Readonly<{
  /** Path of the input at fault, as in `adapters[1].teamId`. Left out: the message names none. */
  field?: string
  /** The problem, without a full stop: `unknown option`, `missing`, `invalid value`. */
  problem: string
  /** The accepted values, as in `a number from 0 to 100`. */
  expected?: string
  /** The given value, as `describe` says it. Never a secret. */
  got?: string
  /** Advice, as a sentence with its full stop. */
  todo?: string
}>

/** Longest piece of a given string that a message repeats, in characters. */
const MOST_SHOWN = 40

/** Describes a given value for `got`: `the string "35"`, `an array of 2`, `undefined`. */
export const describe = (value: unknown): string => {
  if (typeof value === 'string')
    return value === ''
      ? 'an empty string'
      : `the string ${JSON.stringify(value.slice(0, MOST_SHOWN).toWellFormed())}${value.length > MOST_SHOWN ? '…' : ''}`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') {
    try {
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object'
    } catch {
      // A proxy may be revoked, or throw.
      return 'an object that cannot be read'
    }
  }
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  return `the ${typeof value} ${String(value)}`
}

/** Builds `<field>: <problem>; expected <x>, got <y>. <what to do>` from the parts that are given. */
export const message = ({ field, problem, expected, got, todo }: Problem): string => {
  const wanted = expected === undefined ? '' : `expected ${expected}`
  const given = got === undefined ? '' : `got ${got}`
  const detail = [wanted, given].filter(part => part !== '').join(', ')
  const sentence = `${field === undefined ? '' : `${field}: `}${problem}${detail === '' ? '' : `; ${detail}`}.`
  return todo === undefined ? sentence : `${sentence} ${todo}`
}

/** Makes one error of all problems: its message names each, and its field is that of the first. */
export const failure = (code: ErrorCode, first: Problem, ...others: readonly Problem[]): TrackerError =>
  new TrackerError(
    code,
    [first, ...others].map(message).join(' '),
    first.field === undefined ? {} : { field: first.field },
  )

/** Makes the `INVALID_INPUT` error of a problem. */
export const invalidInput = (problem: Problem): TrackerError => failure('INVALID_INPUT', problem)

/** Makes the `CONFIG` error of a problem. */
export const invalidConfig = (problem: Problem): TrackerError => failure('CONFIG', problem)
