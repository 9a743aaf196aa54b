import type { AnyAdapter } from '../adapter/contract.ts'
import type { Policy } from '../delivery/model.ts'
import { isObject, type Rule, RULES as SHARED } from '../recorder/asked.ts'
import type { Filter } from '../recorder/calls.ts'
import type { Logger } from '../recorder/emitter.ts'
import { TrackerError } from '../session/errors.ts'
import { instead } from '../session/words.ts'
import type { Store } from '../store/contract.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import { notAdapter } from './adapter-check.ts'
import type { Listed } from './typed.ts'

/** What a tracker is made of. Only `project` is needed. */
export type TrackerOptions<A extends Listed = Listed> = Readonly<{
  /** What the sessions belong to: a repository, a product. */
  project: string
  /** Who works, for sessions that do not say. */
  user?: string | undefined
  /**
   * Where everything is kept. Default: the SQLite file `.sessionwire/sessions.db` below the working directory where the
   * runtime has `node:sqlite`; memory with one warning where it has not or the file cannot be made, and under
   * `NODE_ENV=test`.
   */
  store?: Store | undefined
  /** Services to mirror sessions into. `undefined`, `null` and `false` are passed over. */
  adapters?: A | undefined
  /** False: records only; another process delivers, or `drain` does. Default true. */
  deliver?: boolean | undefined
  /** `throw` (default), or `report`: recording never throws, its receipt says `recorded: false` and `error` is emitted. */
  onError?: 'throw' | 'report' | undefined
  /** Redacts, enriches or leaves out events and direct calls before they are stored. */
  filter?: Filter | undefined
  /** Where secrets are looked up by name, whenever one is needed; default the environment. */
  secrets?: SecretSource | undefined
  /** Steers backoff, time-outs and giving up. */
  policy?: Partial<Policy> | undefined
  /** Calls under way at once per adapter. Default 4. */
  concurrency?: number | undefined
  /** How often recordings of other processes are looked for, ms. Default 1,000. */
  pollMs?: number | undefined
  /** A session whose writer vanished is ended this long after its last event, ms. Default 600,000. */
  crashAfterMs?: number | undefined
  /** A session whose writer closed is ended this long after its last event, ms. Default 86,400,000. */
  idleAfterMs?: number | undefined
  /** How long the end of an `await using` scope may go on delivering, ms. 0 turns it off. Default 2,000. */
  drainOnClose?: number | undefined
  /** How calls are sent, by adapter; default HTTP, or the adapter's own. */
  transports?: Readonly<Record<string, Transport>> | undefined
  /** Where errors, dead letters and pauses are told. Default silence. */
  logger?: Logger | undefined
  /** Makes ids of sessions and events; default UUIDs of version 7. */
  newId?: (() => string) | undefined
  /**
   * The clock, epoch ms; default the system's. Give `monotonic` with it, as fast: where this is given alone, nothing tells
   * that it was set, and what is in doubt is believed by it.
   */
  now?: (() => number) | undefined
  /** A clock that is never set, ms; default the system's. */
  monotonic?: (() => number) | undefined
  /** 0 to 1, for jitter; default the system's. */
  random?: (() => number) | undefined
}>

const wrong = (field: string, problem: string) =>
  new TrackerError('CONFIG', `${field}: ${problem}.`, { field })

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '' && value.length <= 256
const isFunction = (value: unknown) => typeof value === 'function'
const isStore = (value: unknown) =>
  isObject(value) && ['commit', 'load', 'claim', 'settle', 'close'].every(verb => isFunction(value[verb]))

const text: Rule = [isText, 'give a text of 1 to 256 characters']
const { call, duration, count, flag } = SHARED

const RULES: Readonly<Record<keyof TrackerOptions, Rule>> = {
  project: text,
  user: text,
  store: [isStore, 'give a store, as in sqliteStore("sessions.db") or memoryStore()'],
  adapters: [Array.isArray, 'give a list of adapters'],
  deliver: flag,
  onError: [value => value === 'throw' || value === 'report', 'give "throw" or "report"'],
  filter: call,
  secrets: [isFunction, 'give a function from the name of a secret to its value'],
  policy: [isObject, 'give an object of numbers'],
  concurrency: count,
  pollMs: duration,
  crashAfterMs: duration,
  idleAfterMs: duration,
  drainOnClose: duration,
  transports: [isObject, 'give an object of transports by adapter'],
  logger: [
    value => isObject(value) && isFunction(value.warn) && isFunction(value.error),
    'give warn and error',
  ],
  newId: call,
  now: call,
  monotonic: call,
  random: call,
}

const POLICY_NAMES: ReadonlySet<string> = new Set<keyof Policy>([
  ...(['backoffMs', 'backoffMaxMs', 'giveUpAfterMs', 'giveUpAttempts', 'afterMs', 'timeoutMs'] as const),
  ...(['readTimeoutMs', 'leaseMarginMs', 'downAfter', 'deniedCheckMs', 'unreportedMax'] as const),
])

const checkPolicy = (policy: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(policy)) {
    const field = `policy.${name}`
    if (!POLICY_NAMES.has(name)) throw wrong(field, `it is not known: ${instead(name, POLICY_NAMES)}`)
    if (!duration[0](value)) throw wrong(field, 'give a number from 0')
  }
}

const adaptersOf = async (listed: Listed): Promise<readonly AnyAdapter[]> => {
  const found = new Map<string, AnyAdapter>()
  for (const [place, each] of (listed as readonly (AnyAdapter | undefined | null | false)[]).entries()) {
    if (each === undefined || each === null || each === false) continue
    const field = `adapters[${place}]`
    const problem = notAdapter(each)
    if (problem !== undefined) throw wrong(field, problem)
    if (found.has(each.name))
      throw wrong(field, `two adapters are named "${each.name}": give one another name with \`as\``)
    found.set(each.name, each)
  }
  return [...found.values()]
}

/** Holds options to what they must be, and gives the adapters. Throws `CONFIG` naming the option. */
export const checkOptions = async (options: TrackerOptions): Promise<readonly AnyAdapter[]> => {
  if (!isObject(options)) throw wrong('options', 'give an object with at least a project')
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof TrackerOptions] : undefined
    if (rule === undefined) throw wrong(name, `it is not known: ${instead(name, Object.keys(RULES))}`)
    if (value !== undefined && !rule[0](value)) throw wrong(name, rule[1])
  }
  if (options.project === undefined) throw wrong('project', 'say what the sessions belong to')
  if (options.policy !== undefined) checkPolicy(options.policy)
  const adapters = await adaptersOf(options.adapters ?? [])
  for (const name of Object.keys(options.transports ?? {}))
    if (!adapters.some(each => each.name === name))
      throw wrong(
        `transports.${name}`,
        `there is no adapter of this name: ${instead(
          name,
          adapters.map(each => each.name),
        )}`,
      )
  return adapters
}
