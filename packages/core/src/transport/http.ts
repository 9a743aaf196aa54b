import type { Reply } from '../descriptor/outcome.ts'
import type { Sending, Transport } from './contract.ts'
import { failure } from './failure.ts'
import type { Attempt, HttpOptions } from './request.ts'
import { silent } from './silent.ts'

export type { HttpOptions } from './request.ts'

/** The longest a timer of JavaScript can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** A timer that fires this much later than asked, ms, was held up by a blocked loop. */
const LATE_MS = 20
/** How long what arrived during that time has to be read, ms: a body may come in several parts. */
const POLL_MS = 50

/**
 * Sends HTTP calls once, without following a redirect, within a time that covers the body of the answer too.
 * Plain `http://` goes to this machine only. It never throws; what went wrong is a `failure` whose `sent` is `no` only
 * where surely nothing left. No reason of its own holds a secret, an address that is one, or a payload.
 */
export const httpTransport = (options: HttpOptions): Transport => {
  let loaded: Attempt | undefined
  /** Loaded with the first call, and ky after it: to record needs neither, and ky needs more of its platform. */
  const attempt: Attempt = async (...call) => {
    loaded ??= (await import('./request.ts')).attempts(options)
    return loaded(...call)
  }

  return {
    send: (call, { timeoutMs, signal, secrets }: Sending) => {
      const controller = new AbortController()
      let sent: 'no' | 'perhaps' = 'no'
      return new Promise<Reply>(resolve => {
        const end = (reply: Reply) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', aborted)
          resolve(reply)
        }
        /** Ends what still runs, too. */
        const giveUp = (reply: Reply) => {
          end(reply)
          controller.abort()
        }
        const aborted = () => giveUp(failure('aborted', sent, 'ended before an answer came'))
        const late = () => giveUp(failure('timeout', sent, `no answer within ${timeoutMs} ms`))
        const waitMs = Math.min(timeoutMs, LONGEST_MS)
        const endsAt = performance.now() + waitMs
        // Timers run before the poll phase: after the loop was blocked, an answer may lie in the socket, unread. It has
        // two turns of the loop to arrive.
        let timer = setTimeout(() => {
          if (performance.now() - endsAt < LATE_MS) return late()
          timer = setTimeout(() => {
            timer = setTimeout(late, POLL_MS)
          }, 0)
        }, waitMs)
        silent(timer)
        if (signal?.aborted) return aborted()
        signal?.addEventListener('abort', aborted)
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
