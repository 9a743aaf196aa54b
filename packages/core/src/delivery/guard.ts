import type { AnyAdapter } from '../adapter/contract.ts'
import { type Destination, misdirection } from '../descriptor/destination.ts'
import { originOf } from '../descriptor/endpoint.ts'
import type { Transport } from '../transport/contract.ts'

/** Where an adapter's secrets may go: its `origins`, or the address of its check where it declares none. */
export const destinationOf = ({ name, origins, secrets, check }: AnyAdapter): Destination => {
  if (origins !== undefined) return { name, origins, secrets }
  const { endpoint } = check.call
  const canRead = typeof endpoint === 'string' && URL.canParse(endpoint)
  return { name, origins: canRead ? [originOf(endpoint)] : [], secrets }
}

/** Refuses, before a secret is read, calls that would send one to an origin the adapter's configuration does not name. */
export const guardTransport = (transport: Transport, to: Destination): Transport => ({
  ...transport,
  send: async (call, sending) => {
    const reason = misdirection(call, to)
    return reason === undefined
      ? transport.send(call, sending)
      : { kind: 'failure', sent: 'no', code: 'config', reason }
  },
})
