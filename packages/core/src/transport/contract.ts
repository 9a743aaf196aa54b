import type { Call } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'

/** Where secrets are looked up by name, each time one is needed; `undefined` when it is not set. */
export type SecretSource = (name: string) => string | undefined | Promise<string | undefined>

/** Bounds of one sending. */
export type Sending = Readonly<{
  /** Longest time from the call to the end of the answer, in ms. */
  timeoutMs: number
  /** Ends the sending early, for instance when a lease was lost. */
  signal?: AbortSignal
}>

/** Moves bytes. It never throws for what the network or the service does: that is a `failure` reply. */
export interface Transport {
  /** Sends a call whose placeholders are all filled. */
  readonly send: (call: Call, sending: Sending) => Promise<Reply>
  /** Gives up what it holds, such as connections. */
  readonly close?: () => Promise<void>
}

/** What an adapter's own transport may use. */
export type Rim = Readonly<{
  /** Where secrets are looked up by name. */
  secrets: SecretSource
  /** Sends plain HTTP, for what the transport of its own does not do itself. */
  http: Transport
  /** Epoch ms. */
  now: () => number
}>

/** Makes an adapter's own transport; called once per worker. */
export type TransportFactory = (rim: Rim) => Transport
