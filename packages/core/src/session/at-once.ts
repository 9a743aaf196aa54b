import { isTrackerError, TrackerError, toError } from './errors.ts'
import { invalidInput, message } from './message.ts'

/** Whether a value is a promise, of whatever kind. */
export const isThenable = (given: unknown): given is PromiseLike<unknown> =>
  typeof (given as PromiseLike<unknown> | null | undefined)?.then === 'function'

/** Gives a promise that nothing awaits a handler, so that its rejection cannot end the process. */
export const ignoreRejection = (given: unknown): void => {
  if (isThenable(given)) given.then(undefined, () => undefined)
}

/** The result of a function of the host or an adapter that must answer at once. A promise is refused by the name of the function. */
export const atOnce = <T>(given: T, field: string): T => {
  if (!isThenable(given)) return given
  ignoreRejection(given)
  const problem = { field, problem: 'invalid result', expected: 'a value', got: 'a promise' }
  throw new TrackerError('ADAPTER', message({ ...problem, todo: 'The function must not be async.' }), {
    field,
  })
}

/** Calls a listener of the host that nothing waits for; `report` is called with what it throws or rejects with. */
export const notifyOf = <T>(
  listener: ((news: T) => unknown) | undefined,
  news: T,
  report: (thrown: unknown) => void,
): void => {
  try {
    const given = listener?.(news)
    if (isThenable(given)) given.then(undefined, report)
  } catch (thrown) {
    report(thrown)
  }
}

/** A getter or a proxy of the caller that throws is a fault of the input, not of the store. */
export const readInput = <T>(name: string, look: () => T): T => {
  try {
    return look()
  } catch (thrown) {
    if (isTrackerError(thrown)) throw thrown
    throw invalidInput({ field: name, problem: `cannot be read (${toError(thrown).message})` })
  }
}
