import type { AnyAdapter } from '../adapter/contract.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import { httpTransport } from '../transport/http.ts'

/** How each adapter's calls are sent, and the end of it all. */
export type Transports = Readonly<{
  byAdapter: Readonly<Record<string, Transport>>
  close: () => Promise<void>
}>

/** The host's own transport for an adapter, else the adapter's, else HTTP. */
export const createTransports = (
  adapters: readonly AnyAdapter[],
  given: Readonly<Record<string, Transport>>,
  secrets: SecretSource,
  now: () => number,
): Transports => {
  const http = httpTransport({ secrets })
  const own = adapters.flatMap(({ name, transport }) =>
    given[name] !== undefined || transport === undefined
      ? []
      : [[name, transport({ secrets, http, now })] as const],
  )
  const plain = Object.fromEntries(adapters.map(({ name }) => [name, http]))
  return {
    byAdapter: { ...plain, ...Object.fromEntries(own), ...given },
    // What the host gave is the host's to close.
    close: async () => {
      for (const transport of [...own.map(([, each]) => each), http]) await transport.close?.()
    },
  }
}
