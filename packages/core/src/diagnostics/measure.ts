import type { Channel } from './messages.ts'

type Span = Readonly<{ startedAt: number; durationMs: number }>

/** How a call ended. */
export type End<T> = Readonly<{ kind: 'value'; value: T } | { kind: 'thrown'; thrown: unknown }>

/** The name of an error in a message: its code, or the name of a foreign one. Never its text. */
export const nameError = (thrown: unknown): string => {
  const { code, name } = (thrown ?? {}) as Readonly<{ code?: unknown; name?: unknown }>
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error'
}

/**
 * Calls, and publishes the message that `describe` makes of the end. Without subscribers it only calls. Times are the
 * system's, whatever clock a tracker was given.
 */
export const publishCall = <T, M extends Span>(
  channel: Channel<M>,
  call: () => Promise<T>,
  describe: (end: End<T>) => Omit<M, keyof Span>,
): Promise<T> => {
  if (!channel.hasSubscribers) return call()
  const startedAt = Date.now()
  const from = performance.now()
  const publish = (end: End<T>) => {
    const span: Span = { startedAt, durationMs: performance.now() - from }
    channel.publish({ ...describe(end), ...span } as M)
  }
  return call().then(
    value => {
      publish({ kind: 'value', value })
      return value
    },
    (thrown: unknown) => {
      publish({ kind: 'thrown', thrown })
      throw thrown
    },
  )
}
