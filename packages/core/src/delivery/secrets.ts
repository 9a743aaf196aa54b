import type { AnyAdapter } from '../adapter/contract.ts'
import type { Call } from '../descriptor/descriptor.ts'
import { type Destination, misdirection } from '../descriptor/destination.ts'
import { secretsIn } from '../descriptor/refs.ts'
import type { SecretSource } from '../transport/contract.ts'
import { inTime, isThenable } from './in-time.ts'
import type { Timers } from './timers.ts'

/** What a worker knows of the secrets of one adapter. Values stay in memory. */
export interface AdapterSecrets {
  /** The host's source, whose answers come within the time for a read, or count as failures. */
  readonly source: SecretSource
  /** Names of secrets a call needs and that are not set. */
  readonly findUnset: (call: Call, source?: SecretSource) => Promise<readonly string[]>
  /** A text that changes when a secret of the adapter does. */
  readonly fingerprint: () => Promise<string>
  /** Names that were missing when they were last asked for: until one of the adapter's secrets changes, nothing is claimed. */
  readonly missing: () => readonly string[]
  /** Remembers that these were missing when a call needed them; without names, whichever of the adapter's are not set. */
  readonly leaveOut: (names?: readonly string[]) => Promise<void>
  /** Asks for the secrets of the check, or for those that were missing. */
  readonly ask: () => Promise<void>
}

type Named = readonly [name: string, value: string | undefined]

/** Makes the secrets of an adapter; `ms` is how long the host's source may take. */
export const createSecrets = (
  adapter: AnyAdapter,
  destination: Destination,
  secrets: SecretSource,
  timers: Timers,
  ms: number,
): AdapterSecrets => {
  let missing: Readonly<{ names: readonly string[]; values: readonly Named[] }> | undefined

  const source: SecretSource = name => {
    const given = secrets(name)
    if (!isThenable(given)) return given
    return inTime(
      given,
      ms,
      timers,
      () => new Error(`The secret source gave no answer for ${name} in ${ms} ms.`),
    )
  }

  /** A secret that cannot be looked up is not set for now; what its source says of that could hold the value. */
  const readSecret = async (name: string, from = source): Promise<string | undefined> => {
    try {
      return await from(name)
    } catch {
      return undefined
    }
  }

  const isUnset = (value: string | undefined): boolean => value === undefined || value === ''

  const readAll = async (names: readonly string[], from?: SecretSource): Promise<readonly Named[]> =>
    Promise.all([...new Set(names)].map(async name => [name, await readSecret(name, from)] as const))

  // A call that goes elsewhere is refused before it is sent, so no secret is read for it.
  const namesFor = (call: Call): readonly string[] =>
    misdirection(call, destination) === undefined ? secretsIn(call) : []

  const findUnset = async (call: Call, from?: SecretSource): Promise<readonly string[]> =>
    (await readAll(namesFor(call), from)).flatMap(([name, value]) => (isUnset(value) ? [name] : []))

  /** Leaves the adapter out while these are not set; one reading answers both questions. */
  const remember = (values: readonly Named[], names: readonly string[]): void => {
    const unset = values.flatMap(([name, value]) => (names.includes(name) && isUnset(value) ? [name] : []))
    missing = unset.length === 0 ? undefined : { names: unset, values }
  }

  return {
    source,
    findUnset,
    fingerprint: async () =>
      JSON.stringify((await readAll(adapter.secrets)).map(([, value]) => value ?? null)),
    missing: () => missing?.names ?? [],
    leaveOut: async (names = adapter.secrets) =>
      remember(await readAll([...adapter.secrets, ...names]), names),
    ask: async () => {
      const before = missing
      const checked = namesFor(adapter.check.call)
      const values = await readAll([...(before?.values.map(([name]) => name) ?? adapter.secrets), ...checked])
      const isSame = before?.values.every(([name, old]) =>
        values.some(([each, value]) => each === name && value === old),
      )
      if (isSame !== true) remember(values, checked)
    },
  }
}
