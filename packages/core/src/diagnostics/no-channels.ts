import type { Channel, Channels, TracingChannel, TracingChannels } from './messages.ts'

const silent: Channel<unknown> = { hasSubscribers: false, publish: () => undefined }
const untraced: TracingChannel<unknown> = {
  parts: [],
  run: (_, call) => call(),
  settle: () => undefined,
}

/** Stands for `channels.ts` where the runtime has no `node:diagnostics_channel`: `#diagnostics` in package.json. */
export const channels: Channels = {
  record: silent,
  attempt: silent,
  delivery: silent,
  plan: silent,
  store: silent,
  pause: silent,
  error: silent,
}

/** No call is traced. */
export const tracing: TracingChannels = { record: untraced, attempt: untraced }

/** The function as it is: there is no context to leave. */
export const detach = (call: () => void): (() => void) => call
