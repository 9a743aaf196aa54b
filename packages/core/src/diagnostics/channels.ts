import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { Channels, DiagnosticsCalls, TracingChannel, TracingChannels } from './messages.ts'

/** The channels of this process: `sessionwire:record` and so on. */
export const channels: Channels = {
  record: channel('sessionwire:record'),
  attempt: channel('sessionwire:attempt'),
  delivery: channel('sessionwire:delivery'),
  plan: channel('sessionwire:plan'),
  store: channel('sessionwire:store'),
  pause: channel('sessionwire:pause'),
  error: channel('sessionwire:error'),
}

/** As `tracePromise` of Node, without the result and the error: both carry texts. */
const channelOf = <N extends keyof DiagnosticsCalls>(name: N): TracingChannel<DiagnosticsCalls[N]> => {
  type Message = DiagnosticsCalls[N]
  const { start, end, asyncStart, asyncEnd, error } = tracingChannel<Message, Message>(`sessionwire:${name}`)
  return {
    // A runtime may have no `hasSubscribers` for all of them.
    parts: [start, asyncEnd, end, error],
    run: (message, call) =>
      start.runStores(message, () => {
        try {
          return call()
        } finally {
          end.publish(message)
        }
      }),
    settle: (message, failed) => {
      if (failed) error.publish(message)
      asyncStart.publish(message)
      asyncEnd.publish(message)
    },
  }
}

/** The tracing channels of this process: `tracing:sessionwire:record:start` and so on. */
export const tracing: TracingChannels = { record: channelOf('record'), attempt: channelOf('attempt') }

/** The function, called as from here: what a worker does belongs to no trace of the call that woke it. */
export const detach = (call: () => void): (() => void) => AsyncLocalStorage.bind(call)
