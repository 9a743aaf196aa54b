import type { Channel, Channels } from './messages.ts'

const silent: Channel<unknown> = { hasSubscribers: false, publish: () => undefined }

/** Stands for `channels.ts` where the runtime has no `node:diagnostics_channel`: `#diagnostics` in package.json. */
export const channels: Channels = {
  record: silent,
  attempt: silent,
  delivery: silent,
  store: silent,
  pause: silent,
  error: silent,
}
