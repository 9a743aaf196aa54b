import type { AnyAdapter } from '../adapter/contract.ts'
import type { Call } from '../descriptor/descriptor.ts'
import { notSet, secretsIn } from '../descriptor/refs.ts'
import { isThenable } from '../session/at-once.ts'
import { TrackerError } from '../session/errors.ts'
import {
  failure,
  findOrigin,
  findWrongSecret,
  type SecretSource,
  type Transport,
} from '../transport/contract.ts'
import type { Runner } from './runner.ts'
import { inTime, type Timers } from './waits.ts'

/** The part of an adapter that decides where its secrets may be sent. */
export type Destination = Readonly<{
  /** Its name in the tracker. */
  name: string
  /** Origins its configuration points to. */
  origins?: readonly string[]
  /** Names of its secrets. */
  secrets: readonly string[]
}>

const isLoggedIn = ({ auth }: Call): boolean => auth !== undefined && 'login' in auth

/** Where a call goes; `secret` where the address itself is a secret, `undefined` where the call goes to no address. */
const targetOf = ({ endpoint }: Call): string | 'secret' | undefined => {
  if (endpoint === undefined) return undefined
  if (typeof endpoint !== 'string') return 'secret'
  return findOrigin(endpoint)
}

/**
 * Why a call must not be sent: it would send a secret to an origin that the adapter's configuration does not name, or it names
 * a secret that is not the adapter's. `undefined` when it may be sent. No secret is read for it.
 */
export const misdirection = (
  call: Call,
  { name, origins = [], secrets }: Destination,
  names: readonly string[] = secretsIn(call),
): string | undefined => {
  const foreign = names.find(each => !secrets.includes(each))
  if (foreign !== undefined)
    return `secret "${foreign}" does not belong to adapter "${name}" (its secrets: ${secrets.join(', ') || 'none'})`
  if (names.length === 0 && !isLoggedIn(call)) return undefined
  const target = targetOf(call)
  // The value of such a secret is the operator's own choice of a receiver.
  if (target === 'secret' || (target !== undefined && origins.includes(target))) return undefined
  const allowed = origins.length === 0 ? 'no origin' : origins.join(', ')
  return `adapter "${name}" sends its secrets only to ${allowed}, not to ${target ?? 'a call without an address'}`
}

/** Secrets of one adapter, as one worker knows them. Values stay in memory. */
export interface AdapterSecrets {
  /** The host's source, whose answers come within the time for a read, or count as failures. */
  readonly source: SecretSource
  /** Whether the host's source answers at once, as far as it was asked: nothing waits for it before a call is sent. */
  readonly isPrompt: () => boolean
  /** Names of secrets a call needs and that are not set; `source` asks once for each, and all that answer at once are read at once. */
  readonly findUnset: (call: Call, source: SecretSource) => readonly string[] | Promise<readonly string[]>
  /** A text that changes when a secret of the adapter does. */
  readonly fingerprint: () => Promise<string>
  /** The same, once they were asked for in this process: a process that does not deliver would never ask. */
  readonly findMissing: () => Promise<readonly string[]>
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
  let isPrompt = true
  let asked: Promise<void> | undefined

  const source: SecretSource = name => {
    const given = secrets(name)
    if (!isThenable(given)) return given
    isPrompt = false
    const late = () => new Error(`The secret source gave no answer for ${name} in ${ms} ms.`)
    return inTime(given, ms, timers, late)
  }

  /**
   * A secret that cannot be looked up is not set for now; what its source says of that could hold the value. One of the wrong
   * type is set, so that the transport refuses the call and says why.
   */
  const readSecretNow = (name: string, from: SecretSource): ReturnType<SecretSource> => {
    try {
      return from(name)
    } catch (thrown) {
      return findWrongSecret(thrown)
    }
  }
  const readSecret = async (name: string, from = source): Promise<string | undefined> => {
    try {
      return await from(name)
    } catch (thrown) {
      return findWrongSecret(thrown)
    }
  }

  const isUnset = (value: string | undefined): boolean => value === undefined || value === ''

  const readAll = async (names: readonly string[], from?: SecretSource): Promise<readonly Named[]> =>
    Promise.all([...new Set(names)].map(async name => [name, await readSecret(name, from)] as const))

  // A call that goes elsewhere is refused before it is sent, so no secret is read for it.
  const namesFor = (call: Call): readonly string[] => {
    const names = secretsIn(call)
    return misdirection(call, destination, names) === undefined ? names : []
  }

  const listUnset = (values: readonly Named[]): readonly string[] =>
    values.flatMap(([name, value]) => (isUnset(value) ? [name] : []))

  /** Reads secrets of a source that answers at once; `undefined` where one of them has to be awaited. */
  const readAtOnce = (names: readonly string[], from: SecretSource): readonly Named[] | undefined => {
    const values: Named[] = []
    for (const name of names) {
      const given = readSecretNow(name, from)
      if (isThenable(given)) return undefined
      values.push([name, given])
    }
    return values
  }

  const findUnset = (call: Call, from: SecretSource): readonly string[] | Promise<readonly string[]> => {
    const names = namesFor(call)
    const values = readAtOnce(names, from)
    return values === undefined ? readAll(names, from).then(listUnset) : listUnset(values)
  }

  /** Leaves the adapter out while these are not set; one reading answers both questions. */
  const remember = (values: readonly Named[], names: readonly string[]): void => {
    const unset = values.flatMap(([name, value]) => (names.includes(name) && isUnset(value) ? [name] : []))
    missing = unset.length === 0 ? undefined : { names: unset, values }
  }

  const ask = async (): Promise<void> => {
    const before = missing
    const checked = namesFor(adapter.check.call)
    const values = await readAll([...(before?.values.map(([name]) => name) ?? adapter.secrets), ...checked])
    const isOld = ([name, old]: Named) => values.some(([each, value]) => each === name && value === old)
    if (before?.values.every(isOld) !== true) remember(values, checked)
  }

  return {
    source,
    isPrompt: () => isPrompt,
    findUnset,
    fingerprint: async () =>
      JSON.stringify((await readAll(adapter.secrets)).map(([, value]) => value ?? null)),
    missing: () => missing?.names ?? [],
    leaveOut: async (names = adapter.secrets) =>
      remember(await readAll([...adapter.secrets, ...names]), names),
    findMissing: async () => {
      asked ??= ask()
      await asked
      return missing?.names ?? []
    },
    ask: () => {
      const asking = ask()
      asked ??= asking
      return asking
    },
  }
}

/** The origins that an adapter declares for its secrets; without them no secret may be sent in a call. */
export const destinationOf = ({ name, origins = [], secrets }: AnyAdapter): Destination => {
  return { name, origins, secrets }
}

/** Refuses, before a secret is read, calls that would send one to an origin the adapter's configuration does not name. */
export const guardTransport = (transport: Transport, to: Destination): Transport => ({
  ...transport,
  send: (call, sending) => {
    const reason = misdirection(call, to)
    if (reason === undefined) return transport.send(call, sending)
    // A call that was planned under another name of a secret waits: a worker that has it, or the former name, may send it still.
    const isForeign = secretsIn(call).some(each => !to.secrets.includes(each))
    return Promise.resolve(failure(isForeign ? 'secret' : 'config', 'no', reason))
  },
})

/** Finds adapters whose secrets are not set in this process: the worker leaves them out of its claims. */
export interface SecretWatch {
  /** Asks for secrets in the background, at first for all that checks need, then for those that were missing. */
  readonly look: (atOnce: boolean) => void
  /** Whether an answer of the host is still to come. */
  readonly looking: () => boolean
  /** Whether calls of an adapter have their secrets, as far as this process knows. */
  readonly areSet: (adapter: string) => boolean
}

type WatchOptions = Readonly<{
  runners: ReadonlyMap<string, Runner>
  monotonic: () => number
  /** How often missing secrets are asked for, ms. */
  everyMs: number
  report: (where: string) => (thrown: unknown) => void
  /** Called when an adapter's secrets are there: there may be something to claim. */
  wake: () => void
  /** Called when an answer came that changes nothing. */
  onIdle: () => void
}>

/** Makes the watch of a worker's adapters. No adapter waits for the secrets of another one. */
export const createSecretWatch = ({
  runners,
  monotonic,
  everyMs,
  report,
  wake,
  onIdle: looked,
}: WatchOptions): SecretWatch => {
  const asking = new Set<Runner>()
  /** The names that were reported as missing last, by adapter. */
  const reported = new Map<string, string>()
  let askedAt = Number.NEGATIVE_INFINITY

  /** An adapter in preview or handoff sends nothing by itself, so its missing secrets stand in `status` only. */
  const reportMissing = ({ adapter, secrets }: Runner): void => {
    if (adapter.mode !== 'execute') return
    const names = secrets.missing()
    const text = names.join()
    if (names.length > 0 && reported.get(adapter.name) !== text)
      report(adapter.name)(new TrackerError('CONFIG', notSet(...names)))
    reported.set(adapter.name, text)
  }

  const ask = async (runner: Runner): Promise<void> => {
    asking.add(runner)
    try {
      await runner.secrets.ask()
    } catch (thrown) {
      report(runner.adapter.name)(thrown)
    }
    asking.delete(runner)
    reportMissing(runner)
    if (runner.secrets.missing().length === 0) wake()
    else looked()
  }

  return {
    look: atOnce => {
      for (const runner of runners.values()) if (!asking.has(runner)) reportMissing(runner)
      if (!atOnce && monotonic() - askedAt < everyMs) return
      const first = askedAt === Number.NEGATIVE_INFINITY
      askedAt = monotonic()
      for (const runner of runners.values())
        if (!asking.has(runner) && (first || runner.secrets.missing().length > 0)) void ask(runner)
    },
    looking: () => asking.size > 0,
    areSet: adapter => {
      const runner = runners.get(adapter)
      return runner !== undefined && !asking.has(runner) && runner.secrets.missing().length === 0
    },
  }
}
