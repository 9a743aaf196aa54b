import type { KyInstance } from 'ky'
import type { Call } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { answerOf } from './answer.ts'
import { failure, type SecretSource, type Sending, startDeadline, type Transport } from './contract.ts'
import { nodeCarry } from './node.ts'
import { type Additions, type Carry, prepare, unwritable } from './ready.ts'
import { failureOf } from './thrown.ts'

/** Options of the HTTP transport. */
export type HttpOptions = Additions &
  Readonly<{
    /** Where secrets are looked up by name, each time a call needs one. */
    secrets: SecretSource
    /**
     * Sends with this, for instance through a proxy. It must not follow redirects with `redirect: 'manual'`. Default: Node's own
     * HTTP client in Node, the global `fetch` elsewhere.
     */
    fetch?: typeof fetch
    /** Longest body of an answer, unpacked, in bytes. Default 5 MiB. */
    maxAnswerBytes?: number
  }>

/** The result of a function, or `undefined` where it throws at once, before anything is sent. */
const tryNow = <T>(run: () => T): T | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}

/**
 * Deno's fetch sends a request again, also a POST, when a kept connection is reset before the answer, and the service
 * gets it twice. Without kept connections there is nothing to reset.
 */
const resendsItself = 'Deno' in globalThis

type Deno = Readonly<{ createHttpClient?: (options: object) => unknown }>

/**
 * Deno sends a POST again when a kept connection is reset, so that a message could double: its requests go without idle
 * connections. Elsewhere the global `fetch` is taken as it is.
 */
const platformFetch = (): typeof fetch | undefined => {
  const { createHttpClient } = (globalThis as { Deno?: Deno }).Deno ?? {}
  if (createHttpClient === undefined) return undefined
  const client = createHttpClient({ poolMaxIdlePerHost: 0 })
  return (input, init) => fetch(input, { ...init, client } as RequestInit)
}

/** By ky, with the global `fetch` or the one given. */
const kyCarry = async (given: typeof fetch | undefined, most: number): Promise<Carry> => {
  const { default: ky } = await import('ky')
  const own = given ?? platformFetch()
  const client: KyInstance = ky.create({
    retry: 0,
    throwHttpErrors: false,
    timeout: false,
    redirect: 'manual',
    ...(own === undefined ? {} : { fetch: own }),
  })
  return async ({ method, url, headers, body, who }, signal, leaving) => {
    const pending = tryNow(() =>
      client(url, {
        method,
        headers: resendsItself ? { ...headers, connection: 'close' } : headers,
        signal,
        ...(body === undefined ? {} : { body }),
      }),
    )
    if (pending === undefined) return unwritable(who)
    leaving()
    try {
      return await answerOf(await pending, most, who)
    } catch (thrown) {
      return failureOf(thrown, who)
    }
  }
}

const MAX_ANSWER_BYTES = 5 * 1024 * 1024

/** Makes one attempt at a call; it calls `leaving` before anything may have left. */
type Attempt = (
  call: Call,
  signal: AbortSignal,
  leaving: () => void,
  secrets?: SecretSource,
) => Promise<Reply>

/** Immediates of Node and Bun: each one runs after a poll phase of the loop. */
type Loop = Readonly<{ setImmediate?: (run: () => void) => void }>

/**
 * Lets one whole poll phase pass, so that the end of a kept connection is seen before a request is written to it: the loop
 * may have been blocked for longer than the service keeps a connection. The first immediate may still belong to the turn
 * that was blocked.
 */
const passPollPhase = async (): Promise<void> => {
  const { setImmediate } = globalThis as Loop
  if (setImmediate === undefined) return
  for (let turn = 0; turn < 2; turn++) await new Promise<void>(resolve => setImmediate(resolve))
}

/** Makes the function that sends one call with the options of a transport. */
const createAttempt = (options: HttpOptions): Attempt => {
  const { secrets, fetch, maxAnswerBytes = MAX_ANSWER_BYTES } = options
  let carry: Carry | undefined
  /** Whether a connection may have been kept from an earlier request. */
  let isKept = false

  return async (call, signal, leaving, own) => {
    const ready = await prepare(call, own ?? secrets, options)
    if (!ready.ok) return ready.failure
    carry ??=
      (fetch === undefined ? nodeCarry(maxAnswerBytes) : undefined) ?? (await kyCarry(fetch, maxAnswerBytes))
    if (isKept) await passPollPhase()
    isKept = true
    if (signal.aborted) return failure('aborted', 'no', 'ended before it was sent')
    return carry(ready, signal, leaving)
  }
}

/**
 * Sends HTTP calls once, without following a redirect, within a time that covers the body of the answer too.
 * Plain `http://` goes to this machine only. It never throws; an error is a `failure` whose `sent` is `no` only
 * where surely nothing left. No reason of its own holds a secret, an address that is one, or a payload.
 */
export const httpTransport = (options: HttpOptions): Transport => {
  const attempt = createAttempt(options)

  return {
    send: (call, { timeoutMs, signal, secrets }: Sending) => {
      const controller = new AbortController()
      let sent: 'no' | 'perhaps' = 'no'
      return new Promise<Reply>(resolve => {
        const end = (reply: Reply) => {
          stopDeadline()
          signal?.removeEventListener('abort', abort)
          resolve(reply)
        }
        /** Ends the request as well. */
        const giveUp = (reply: Reply) => {
          end(reply)
          controller.abort()
        }
        const abort = () => giveUp(failure('aborted', sent, 'ended before an answer came'))
        const late = () => giveUp(failure('timeout', sent, `no answer within ${timeoutMs} ms`))
        const stopDeadline = startDeadline(timeoutMs, late)
        if (signal?.aborted) return abort()
        signal?.addEventListener('abort', abort)
        const leaving = () => {
          sent = 'perhaps'
        }
        attempt(call, controller.signal, leaving, secrets).then(end, () =>
          end(
            sent === 'no'
              ? failure('config', sent, 'the call cannot be written')
              : failure('reset', sent, 'the call broke the connection'),
          ),
        )
      })
    },
  }
}
