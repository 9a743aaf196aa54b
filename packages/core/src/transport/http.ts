import type { KyInstance } from 'ky'
import type { Call } from '../descriptor/descriptor.ts'
import type { Reply } from '../descriptor/outcome.ts'
import { isThenable } from '../session/at-once.ts'
import { answerOf } from './answer.ts'
import {
  failure,
  markBounded,
  type SecretSource,
  type Sending,
  startDeadline,
  type Transport,
} from './contract.ts'
import { nodeCarry } from './node.ts'
import { type Additions, type Carry, type Prepared, prepare, unwritable } from './ready.ts'
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
  return ({ method, url, headers, body, who }, leaving, done) => {
    const controller = new AbortController()
    const pending = tryNow(() =>
      client(url, {
        method,
        headers: resendsItself ? { ...headers, connection: 'close' } : headers,
        signal: controller.signal,
        ...(body === undefined ? {} : { body }),
      }),
    )
    if (pending === undefined) {
      done(unwritable(who))
      return () => undefined
    }
    leaving()
    pending.then(response => answerOf(response, most, who)).then(done, thrown => done(failureOf(thrown, who)))
    return () => controller.abort()
  }
}

const MAX_ANSWER_BYTES = 5 * 1024 * 1024

/** Immediates of Node and Bun: each one runs after a poll phase of the loop. */
type Loop = Readonly<{ setImmediate?: (run: () => void) => void }>
type Metrics = Readonly<{ nodeTiming?: Readonly<{ uvMetricsInfo?: Readonly<{ loopCount: number }> }> }>

/**
 * How many poll phases of the loop have begun; `undefined` where the platform does not count them:
 * https://nodejs.org/api/perf_hooks.html#performancenodetiminguvmetricsinfo
 */
const countPolls = (): number | undefined =>
  (performance as unknown as Metrics).nodeTiming?.uvMetricsInfo?.loopCount

/** Requests that were made since the same poll phase began: they wait for the same next one. */
let gathering: Readonly<{ polls: number | undefined; calls: (() => void)[] }> | undefined

/**
 * Calls after one whole poll phase, so that the end of a kept connection is seen before a request is written to it: the loop
 * may have been blocked for longer than the service keeps a connection. The first immediate may still belong to the turn
 * that was blocked; it is enough where a poll phase began meanwhile.
 */
const afterPollPhase = (run: () => void): void => {
  const { setImmediate } = globalThis as Loop
  const polls = countPolls()
  if (setImmediate === undefined) run()
  else if (gathering !== undefined && gathering.polls === polls) gathering.calls.push(run)
  else {
    const group = { polls, calls: [run] }
    gathering = group
    const runAll = (): void => {
      for (const call of group.calls) call()
    }
    setImmediate(() => {
      if (gathering === group) gathering = undefined
      if (polls !== undefined && countPolls() !== polls) runAll()
      else setImmediate(runAll)
    })
  }
}

/**
 * Sends HTTP calls once, without following a redirect, within a time that covers the body of the answer too.
 * Plain `http://` goes to this machine only. It never throws; an error is a `failure` whose `sent` is `no` only
 * where surely nothing left. No reason of its own holds a secret, an address that is one, or a payload.
 */
export const httpTransport = (options: HttpOptions): Transport => {
  const { secrets, fetch, maxAnswerBytes = MAX_ANSWER_BYTES } = options
  let carry: Carry | undefined
  /** Whether a connection may have been kept from an earlier request. */
  let isKept = false

  const carrierOf = (): Carry | Promise<Carry> =>
    (fetch === undefined ? nodeCarry(maxAnswerBytes) : undefined) ?? kyCarry(fetch, maxAnswerBytes)

  const send = (call: Call, { timeoutMs, signal, secrets: own = secrets }: Sending): Promise<Reply> =>
    new Promise<Reply>(resolve => {
      let sent: 'no' | 'perhaps' = 'no'
      let isOver = false
      let cancel = (): void => undefined
      const end = (reply: Reply): void => {
        if (isOver) return
        isOver = true
        stopDeadline()
        signal?.removeEventListener('abort', abort)
        resolve(reply)
      }
      /** Ends the request as well. */
      const giveUp = (reply: Reply): void => {
        end(reply)
        cancel()
      }
      const abort = (): void => giveUp(failure('aborted', sent, 'ended before an answer came'))
      const late = (): void => giveUp(failure('timeout', sent, `no answer within ${timeoutMs} ms`))
      const leaving = (): void => {
        sent = 'perhaps'
      }
      const fail = (): void =>
        end(
          sent === 'no'
            ? failure('config', sent, 'the call cannot be written')
            : failure('reset', sent, 'the call broke the connection'),
        )
      /** Goes on with a value, once it is there. */
      const go = <T>(value: T | Promise<T>, next: (value: T) => void): void => {
        if (isThenable(value)) value.then(next as (value: unknown) => void).then(undefined, fail)
        else next(value)
      }
      const leave = (ready: Extract<Prepared, { ok: true }>, by: Carry): void => {
        carry = by
        const start = (): void => {
          if (isOver) return
          try {
            cancel = by(ready, leaving, end)
          } catch {
            fail()
          }
        }
        if (isKept) afterPollPhase(start)
        else start()
        isKept = true
      }
      const stopDeadline = startDeadline(timeoutMs, late)
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort)
      try {
        go(prepare(call, own, options), ready => {
          if (!ready.ok) end(ready.failure)
          else go(carry ?? carrierOf(), by => leave(ready, by))
        })
      } catch {
        fail()
      }
    })

  return markBounded({ send })
}
