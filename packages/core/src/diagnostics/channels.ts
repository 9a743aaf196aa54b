import { channel } from 'node:diagnostics_channel'
import type { Channels } from './messages.ts'

/** The channels of this process: `sessionwire:record` and so on. */
export const channels: Channels = {
  record: channel('sessionwire:record'),
  attempt: channel('sessionwire:attempt'),
  delivery: channel('sessionwire:delivery'),
  store: channel('sessionwire:store'),
  pause: channel('sessionwire:pause'),
  error: channel('sessionwire:error'),
}
