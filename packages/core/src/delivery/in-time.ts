import type { Timers } from './timers.ts'

/** Whether a value is a promise, of whatever kind. */
export const isThenable = (given: unknown): given is PromiseLike<unknown> =>
  typeof (given as PromiseLike<unknown> | undefined)?.then === 'function'

/** Gives a promise that nobody awaits a handler, so that its rejection cannot end the process. */
export const ignoreRejection = (given: unknown): void => {
  if (isThenable(given)) given.then(undefined, () => undefined)
}

/** What a host's function gave, if it came within `ms`; rejects with `late` otherwise. A plain value needs no timer. */
export const inTime = async <T>(
  given: T | PromiseLike<T>,
  ms: number,
  timers: Timers,
  late: () => Error,
): Promise<T> => {
  if (!isThenable(given)) return given as T
  return new Promise<T>((resolve, reject) => {
    const cancel = timers.after(ms, () => reject(late()))
    given.then(
      value => {
        cancel()
        resolve(value as T)
      },
      (thrown: unknown) => {
        cancel()
        reject(thrown)
      },
    )
  })
}
