import type { Call } from '../descriptor/descriptor.ts'
import type { FailureCode, Reply } from '../descriptor/outcome.ts'
import { originOf, wrongAddress } from '../descriptor/wire.ts'
import type { Json } from '../session/schema.ts'

/** Where secrets are looked up by name, each time one is needed; `undefined` when it is not set. */
export type SecretSource = (name: string) => string | undefined | Promise<string | undefined>

/** A source that asks another one once for each name: for one request. */
export const askOnce = (secrets: SecretSource): SecretSource => {
  const asked = new Map<string, ReturnType<SecretSource>>()
  return name => {
    if (!asked.has(name)) asked.set(name, secrets(name))
    return asked.get(name)
  }
}

/** The problems of secrets' values, by the error that names them. */
const wrongSecrets = new WeakMap<object, string>()

/** Why a secret is of the wrong type, without its value; `undefined` for whatever else was thrown. */
export const findWrongSecret = (thrown: unknown): string | undefined => wrongSecrets.get(thrown as object)

/** The error of a signer for a secret that it cannot use: `problem` says why, without the value. Its calls wait for another one. */
export const wrongSecret = (problem: string): Error => {
  const error = new Error(problem)
  wrongSecrets.set(error, problem)
  return error
}

/** A value that a source gave: null is not set. Throws where it is not a string, as a number of a JSON configuration. */
export const checkSecret = (name: string, value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return undefined
  const kind = Array.isArray(value) ? 'an array' : `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`
  throw wrongSecret(`secret ${name}: expected a string, got ${kind}`)
}

/** Bounds of one sending. */
export type Sending = Readonly<{
  /** Longest time from the call to the end of the answer, in ms. */
  timeoutMs: number
  /** Ends the sending early, for instance when a lease was lost. */
  signal?: AbortSignal
  /** Where this request reads its secrets, so that each is asked for once. Default: the transport's own source. */
  secrets?: SecretSource
}>

/** Moves bytes. It never throws for errors of the network or the service: those are `failure` replies. */
export interface Transport {
  /** Sends a call whose placeholders are all filled. */
  readonly send: (call: Call, sending: Sending) => Promise<Reply>
  /** Closes the connections it holds. */
  readonly close?: () => Promise<void>
}

/** Transports of core itself, which never throw and always answer within the time of a sending. */
const bounded = new WeakSet<Transport>()

/** Marks a transport that bounds the time of each sending itself: the worker sets no timer for it. */
export const markBounded = (transport: Transport): Transport => {
  bounded.add(transport)
  return transport
}

/** Whether a transport keeps the time of each sending by itself. */
export const isBounded = (transport: Transport): boolean => bounded.has(transport)

/** The parts of core that an adapter's own transport may use. */
export type Rim = Readonly<{
  /** Where secrets are looked up by name. */
  secrets: SecretSource
  /** Sends plain HTTP, for calls that the adapter's transport does not send itself. */
  http: Transport
  /** Epoch ms. */
  now: () => number
}>

/** A request as a signer is given it: exactly as it leaves, without the headers that the signer adds. */
export type Signing = Readonly<{
  /** As sent. */
  method: string
  /** Whole address with its query. */
  url: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  /** The exact body; an empty string where there is none. */
  body: string
  /** Value of the secret. */
  secret: string
  /** Values of the further secrets, by the names of `auth.also`. */
  also: Readonly<Record<string, string>>
  /** `auth.with` of the call. */
  with: Readonly<Record<string, Json>>
  /** Epoch ms, when it is signed. */
  now: number
}>

/**
 * Signs a request while it is sent; gives the headers that prove it. It may wait, within the time-out of the call. Where it
 * throws, the call waits for another value of the secret; `wrongSecret` lets it say why.
 */
export type Signer = (
  request: Signing,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>

/** Makes an adapter's own transport; called once per worker. */
export type TransportFactory = (rim: Rim) => Transport

/** A reply of its own kind: nothing came back. */
export type Failure = Extract<Reply, { kind: 'failure' }>

/** Makes one; `sent: 'no'` only when not one byte of the request can have left. */
export const failure = (code: FailureCode, sent: 'no' | 'perhaps', reason: string): Failure => ({
  kind: 'failure',
  sent,
  code,
  reason,
})

/** The longest a timer of JavaScript can wait, ms; it calls at once for more. */
export const LONGEST_MS = 2 ** 31 - 1
/** A timer that fires this much later than asked, ms, was held up by a blocked loop. */
const LATE_MS = 20
/** How long an answer that arrived during that time has to be read, ms: a body may come in several parts. */
const POLL_MS = 50

/**
 * Calls `late` once `ms` have passed; the function it returns ends the wait. Timers run before the poll phase of the loop:
 * after the loop was blocked, an answer may lie in the socket, unread, and has one poll phase and 50 ms to arrive.
 */
export const startDeadline = (ms: number, late: () => void): (() => void) => {
  const waitMs = Math.min(ms, LONGEST_MS)
  const endsAt = performance.now() + waitMs
  let timer = setTimeout(() => {
    if (performance.now() - endsAt < LATE_MS) return late()
    timer = setTimeout(() => {
      timer = setTimeout(late, POLL_MS)
    }, 0)
  }, waitMs)
  // The process may end while it runs, where timers can do that (Node).
  ;(timer as unknown as { unref?: () => void }).unref?.()
  return () => clearTimeout(timer)
}

/** Where an address leads: its scheme, host and port. */
type Reached = Readonly<{ origin: string; isSecure: boolean; host: string; hostname: string; port: string }>

/** Scheme and host of an address, with the problems of plain addresses below them: without `allowPlaintext`, and with it. */
type Base = Reached & Readonly<{ wrong: readonly [string | undefined, string | undefined] }>

/** Schemes and hosts that were parsed before: an adapter has few, and uses them again and again. */
const bases = new Map<string, Base>()
/** So many are kept, and so long they may be. */
const KEPT = 500
const KEPT_CHARACTERS = 1_000

/** A path and a query that every parser leaves as they are, so that scheme and host alone say what the address means. */
const PLAIN = /^(https?:\/\/[^/?#]*)\/[\w~!$&()*+,;=:@%/?.-]*$/
const CHANGED = /\/(?:\.|%2e)|\?$/i

const placeOf = ({ protocol, host, hostname, port, origin }: URL): Reached => ({
  ...{ isSecure: protocol === 'https:', origin, host, port },
  hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
})

const findBase = (address: string): Base | undefined => {
  const base = PLAIN.exec(address)?.[1]
  if (base === undefined || CHANGED.test(address.slice(base.length))) return undefined
  const before = bases.get(base)
  if (before !== undefined) return before
  if (!URL.canParse(base)) return undefined
  const wrong = [wrongAddress(base), wrongAddress(base, true)] as const
  const made: Base = { ...placeOf(new URL(base)), wrong }
  if (base.length > KEPT_CHARACTERS || wrong[1] !== undefined) return made
  if (bases.size >= KEPT) bases.clear()
  bases.set(base, made)
  return made
}

/** The address that was asked about last: one request asks several times, and the next one often goes to the same. */
let last: Readonly<{ address: string; base: Base | undefined }> = { address: '', base: undefined }

/** Scheme and host of an address in plain form; `undefined` for any other text, which is parsed as a whole. */
const baseOf = (address: string): Base | undefined => {
  if (last.address !== address) last = { address, base: findBase(address) }
  return last.base
}

/** Where an address leads, with the path and query that an HTTP client sends; the address must be one that may be called. */
export const targetIn = (address: string): Reached & Readonly<{ path: string }> => {
  const base = baseOf(address)
  if (base === undefined) {
    const url = new URL(address)
    return { ...placeOf(url), path: url.pathname + url.search }
  }
  const { origin, isSecure, host, hostname, port } = base
  return { origin, isSecure, host, hostname, port, path: address.slice(address.indexOf('/', 8)) }
}

/** The problem of an address that is to be called; `undefined` when it may be. */
export const problemOf = (address: string, allowPlaintext: boolean): string | undefined => {
  const base = baseOf(address)
  return base === undefined ? wrongAddress(address, allowPlaintext) : base.wrong[allowPlaintext ? 1 : 0]
}

/** The origin of an address, or `undefined` for text that is not one. */
export const findOrigin = (address: string): string | undefined => {
  const base = baseOf(address)
  if (base !== undefined) return base.origin
  return URL.canParse(address) ? originOf(address) : undefined
}
