import type { AnyAdapter } from '../adapter/contract.ts'
import { omitUndefined } from '../adapter/defined.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import { httpTransport } from '../transport/http.ts'

/** How each adapter's calls are sent, and the end of it all. */
export type Transports = Readonly<{
  byAdapter: Readonly<Record<string, Transport>>
  close: () => Promise<void>
}>

/** A source that knows the secrets of one adapter only. */
const secretsOf = ({ secrets: names }: AnyAdapter, source: SecretSource): SecretSource => {
  const own = new Set(names)
  return name => (own.has(name) ? source(name) : undefined)
}

/** The host's own transport for an adapter, else the adapter's, else HTTP. */
export const createTransports = (
  adapters: readonly AnyAdapter[],
  given: Readonly<Record<string, Transport>>,
  source: SecretSource,
  now: () => number,
): Transports => {
  const made = adapters.flatMap(adapter => {
    const { name, transport, headers, allowPlaintext, signers } = adapter
    if (given[name] !== undefined) return []
    const secrets = secretsOf(adapter, source)
    const http = httpTransport({ secrets, now, ...omitUndefined({ headers, allowPlaintext, signers }) })
    return [[name, transport === undefined ? http : transport({ secrets, http, now })] as const]
  })
  return {
    byAdapter: { ...Object.fromEntries(made), ...given },
    // The host closes the transports it gave.
    close: async () => {
      for (const [, transport] of made) await transport.close?.()
    },
  }
}
