import type { Signer, Transport } from '../transport/contract.ts'
import { httpTransport } from '../transport/http.ts'

/** Sends HTTP calls once, as the worker does, with these secrets by name. For tests. */
export const plainSender = (
  secrets: Readonly<Record<string, string>>,
  options: Readonly<{
    /** Signers of the adapter. Default: none. */
    signers?: Readonly<Record<string, Signer>>
    /** Epoch ms, for signers. Default: the system's clock. */
    now?: () => number
  }> = {},
): Transport => httpTransport({ secrets: name => secrets[name], ...options })
