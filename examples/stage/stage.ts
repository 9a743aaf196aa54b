import { memoryStore } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { Store, Transport } from '@sessionwire/core/delivery'
import type { HostileServer } from '@sessionwire/core/testing'
import { fast, misbehave, SPEED, sendTo } from './local.ts'

/** True with `--live`: the real service, with credentials from the environment. */
export const live: boolean = process.argv.includes('--live')

/** How long an example drains, ms: services on this machine live fast. */
export const timeoutMs: number = live ? 60_000 : 30_000 * SPEED

/** What `createTracker` needs beside the adapter: nothing for the real service, whose sessions are kept in a file. */
export type Staged = Readonly<{
  store?: Store
  transports?: Readonly<Record<string, Transport>>
  secrets?: (name: string) => string | undefined
  now?: () => number
  monotonic?: () => number
  pollMs?: number
}>

/** Lets these adapters speak to services on this machine, which fail now and then. */
export const staged = (
  services: readonly (readonly [adapter: AnyAdapter, service: HostileServer])[],
  values: Readonly<Record<string, string>>,
): Staged => {
  const secrets = (name: string): string | undefined => values[name]
  const transports = services.map(([adapter, service]) => {
    misbehave(service)
    const http = sendTo(service, secrets)
    return [adapter.name, adapter.transport?.({ secrets, http, now: fast.now }) ?? http] as const
  })
  const store = memoryStore({ now: fast.now })
  return { store, transports: Object.fromEntries(transports), secrets, ...fast, pollMs: 20 }
}

/** Ends an example that cannot go on, in words. */
export const stop = (text: string): never => {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
