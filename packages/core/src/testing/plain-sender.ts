import type { Transport } from '../transport/contract.ts'
import { httpTransport } from '../transport/http.ts'

/** Sends HTTP calls once, as the worker does, with these secrets by name. For tests. */
export const plainSender = (secrets: Readonly<Record<string, string>>): Transport =>
  httpTransport({ secrets: name => secrets[name] })
