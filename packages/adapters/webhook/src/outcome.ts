import { httpOutcome, type Outcome, quote, type Reply, type SentCall } from '@sessionwire/core/adapter'

/**
 * Statuses by which a receiver refuses everything and not one event: the credential, or an address that leads nowhere (n8n
 * answers 404 while a workflow is not active), takes no POST, or wants no more (410).
 */
const REFUSED: Readonly<Record<number, string>> = {
  401: 'the signature or token was refused',
  402: 'the receiver wants to be paid',
  403: 'the signature or token was refused',
  404: 'nothing listens at the address',
  405: 'nothing takes a POST at the address',
  410: 'the receiver wants no more events',
  421: 'the receiver is not the one of this address',
  451: 'the receiver may not take events',
}

/** Maps a reply of a receiver to an outcome: only 2xx is a delivery, and no redirect is followed: the address has to be changed. */
export const outcome = (reply: Reply, { role }: SentCall): Outcome => {
  // A receiver has nothing to look up: a 404 is never an empty list.
  const usual = httpOutcome(reply, { role: role === 'look-up' ? 'call' : role })
  if (reply.kind === 'failure') return usual
  // A receiver that is overloaded or being deployed says 503 before it looks at the event: nothing is in doubt.
  if (reply.status === 503 && usual.kind === 'unknown') return { ...usual, kind: 'retry' }
  // Its state is another one now: that passes, and says nothing about the event.
  if (reply.status === 409) return { kind: 'retry', reason: `409 ${quote(reply.body)}`.trim() }
  const isRedirect = reply.status >= 300 && reply.status < 400
  const why = isRedirect ? 'the receiver redirects elsewhere: change the address' : REFUSED[reply.status]
  return why === undefined
    ? usual
    : { kind: 'denied', reason: `${reply.status} ${why}: ${quote(reply.body)}` }
}
