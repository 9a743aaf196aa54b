import type { Reply } from '../descriptor/outcome.ts'
import { toError } from '../session/errors.ts'
import { failure, findWrongSecret, isBounded, type Transport } from '../transport/contract.ts'
import { readReply } from './judge.ts'
import type { Timers } from './waits.ts'

/** How long a transport may answer late, ms: core's own looks once more for an answer that arrived while the loop was blocked. */
const GRACE_MS = 1_000

/**
 * A transport that keeps its contract whatever the host or an adapter gave: one that never answers is a time-out, and one
 * that throws a broken connection. The request may have left in both, so it is looked up before it is repeated. Core's own
 * keeps it by itself.
 */
export const limitTransport = (transport: Transport, timers: Timers): Transport =>
  isBounded(transport) ? transport : limitSends(transport, timers)

const limitSends = (transport: Transport, timers: Timers): Transport => ({
  ...transport,
  send: (call, sending) =>
    new Promise<Reply>(resolve => {
      // The second wait begins after the first: a loop that was blocked for longer than both must not end it.
      let cancel = timers.after(sending.timeoutMs, () => {
        const reason = `the transport gave no answer within ${sending.timeoutMs} ms`
        cancel = timers.after(GRACE_MS, () => resolve(failure('timeout', 'perhaps', reason)))
      })
      const end = (reply: Reply): void => {
        cancel()
        resolve(reply)
      }
      const fail = (thrown: unknown): void => {
        const wrong = findWrongSecret(thrown)
        if (wrong !== undefined) end(failure('secret', 'no', wrong))
        else end(failure('reset', 'perhaps', `the transport threw: ${toError(thrown).message}`))
      }
      try {
        // The wait ends with the reply itself: a foreign promise may give another one, which never settles.
        Promise.resolve(transport.send(call, sending)).then(given => end(readReply(given)), fail)
      } catch (thrown) {
        fail(thrown)
      }
    }),
})
