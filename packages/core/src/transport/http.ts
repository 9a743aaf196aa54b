import type { Reply } from '../descriptor/outcome.ts'
import { failure, type Sending, type Transport } from './contract.ts'
import { startDeadline } from './deadline.ts'
import type { Attempt, HttpOptions } from './request.ts'

export type { HttpOptions } from './request.ts'

/**
 * Sends HTTP calls once, without following a redirect, within a time that covers the body of the answer too.
 * Plain `http://` goes to this machine only. It never throws; an error is a `failure` whose `sent` is `no` only
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
