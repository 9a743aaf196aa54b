import { toError } from '../session/errors.ts'
import { describe, failure } from '../session/message.ts'

/** A function of the host that gives a value. A throw or a wrong value is its fault: `CONFIG`, naming its option. */
const careful =
  <T>(field: string, give: () => T, isRight: (value: T) => boolean, expected: string): (() => T) =>
  () => {
    let value: T
    try {
      value = give()
    } catch (thrown) {
      throw failure('CONFIG', { field, problem: `it threw (${toError(thrown).message.slice(0, 300)})` })
    }
    if (isRight(value)) return value
    throw failure('CONFIG', { field, problem: 'it gave an invalid value', expected, got: describe(value) })
  }

/** The latest moment that a date can tell, epoch ms. */
const LATEST_MS = 8_640_000_000_000_000

const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= LATEST_MS

/** `now` of the host. */
export const carefulNow = (now: () => number): (() => number) =>
  careful('now', now, isTime, 'a number of epoch ms')

/** `monotonic` of the host. */
export const carefulMonotonic = (monotonic: () => number): (() => number) =>
  careful('monotonic', monotonic, Number.isFinite, 'a number of ms')

/** `random` of the host. */
export const carefulRandom = (random: () => number): (() => number) =>
  careful('random', random, value => value >= 0 && value < 1, 'a number from 0 to below 1')

/** `newId` of the host. */
export const carefulIds = (newId: () => string): (() => string) =>
  careful(
    'newId',
    newId,
    id => typeof id === 'string' && /^[^\s\p{Cc}/]{1,200}$/u.test(id),
    'a string of 1 to 200 characters without spaces and slashes',
  )
