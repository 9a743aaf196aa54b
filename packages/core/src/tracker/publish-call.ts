import { channels } from '#diagnostics'
import type { Channel, TracingChannel } from '../diagnostics/messages.ts'

type Span = Readonly<{ startedAt: number; durationMs: number }>

/** How a call ended. */
export type End<T> = Readonly<{ kind: 'value'; value: T } | { kind: 'thrown'; thrown: unknown }>

/** The name of an error in a message: its code, or the name of a foreign one. Never its text. */
export const nameError = (thrown: unknown): string => {
  const { code, name } = (thrown ?? {}) as Readonly<{ code?: unknown; name?: unknown }>
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error'
}

/** A call under way, and the tracing channel that follows it. */
export type Traced<C> = Readonly<{
  channel: TracingChannel<C>
  /** Its message before it ended. */
  begin: () => C
}>
type Under<M> = { run?: (<T>(work: () => T) => T) | undefined; end?: M | undefined }

/** Runs the call as a subscriber wishes. A recording must not suffer from one that fails. */
const runWithin = <T, M>({ run }: Under<M>, call: () => Promise<T>): Promise<T> => {
  if (run === undefined) return call()
  let begun: Promise<T> | undefined
  const work = (): Promise<T> => {
    begun ??= call()
    return begun
  }
  try {
    void run(work)
  } catch (thrown) {
    if (channels.error.hasSubscribers) channels.error.publish({ error: nameError(thrown) })
  }
  return work()
}

/**
 * Calls, and publishes the message that `describe` makes of the end. Without subscribers it only calls. Times are the
 * system's, whatever clock a tracker was given.
 */
export const publishCall = <T, M extends Span, C extends Under<M>>(
  channel: Channel<M>,
  call: () => Promise<T>,
  describe: (end: End<T>) => Omit<M, keyof Span>,
  traced?: Traced<C> | undefined,
): Promise<T> => {
  const message = traced?.begin()
  if (message === undefined && !channel.hasSubscribers) return call()
  const startedAt = Date.now()
  const from = performance.now()
  const publish = (end: End<T>) => {
    const span: Span = { startedAt, durationMs: performance.now() - from }
    const told = { ...describe(end), ...span } as M
    if (channel.hasSubscribers) channel.publish(told)
    if (message === undefined) return
    message.end = told
    traced?.channel.settle(message, end.kind === 'thrown')
  }
  const follow = (begun: Promise<T>): Promise<T> =>
    begun.then(
      value => {
        publish({ kind: 'value', value })
        return value
      },
      (thrown: unknown) => {
        publish({ kind: 'thrown', thrown })
        throw thrown
      },
    )
  if (message === undefined || traced === undefined) return follow(call())
  return traced.channel.run(message, () => follow(runWithin(message, call)))
}
