import * as z from 'zod/mini'
import type { AnyAdapter } from '../adapter/contract.ts'
import type { Policy } from '../delivery/model.ts'
import type { Filter } from '../recorder/calls.ts'
import type { Logger } from '../recorder/context.ts'
import { invalidConfig } from '../session/message.ts'
import { call, checkBy, count, custom, duration, flag, isObject, optional, text } from '../session/options.ts'
import { expecting, unknownName } from '../session/words.ts'
import type { Store } from '../store/contract.ts'
import type { SecretSource, Transport } from '../transport/contract.ts'
import { adapterSchema } from './adapter-check.ts'
import type { RedactOptions } from './recording.ts'
import type { Listed } from './typed.ts'

/** Options of `createTracker`. Only `project` is required. */
export type TrackerOptions<A extends Listed = Listed> = Readonly<{
  /** Name of what the sessions belong to, such as a repository or a product. 1 to 256 characters. */
  project: string
  /** The user of sessions that name none. Default: `start` must name one. */
  user?: string | undefined
  /**
   * Where everything is kept. Default: the SQLite file `.sessionwire/sessions.db` below the working directory where the
   * runtime has `node:sqlite`; memory with one warning where it has not or the file cannot be made, and under
   * `NODE_ENV=test`.
   */
  store?: Store | undefined
  /** Services to mirror sessions into. `undefined`, `null` and `false` are skipped. Default: none. */
  adapters?: A | undefined
  /** False: records only; another process delivers, or `drain` does. Default true. */
  deliver?: boolean | undefined
  /**
   * `throw` (default), or `report`: recording never throws, its receipt says `recorded: false` and `error` is emitted; a
   * store that is busy when the tracker is made is reported to the logger and asked again later.
   */
  onError?: 'throw' | 'report' | undefined
  /** Changes or leaves out events and direct calls before they are stored. Default: all are stored. */
  filter?: Filter | undefined
  /**
   * Redaction of every text of an event before it is stored: `known` values of the adapters' secrets, as far as this
   * process has read them, `patterns` (tokens of known services, private keys, passwords in addresses, lines of `.env`
   * files), and what `also` matches. False: nothing is redacted. Default: `{ known: true, patterns: true }`.
   */
  redact?: RedactOptions | false | undefined
  /** False: no card shows links to the session's cards in other services. Default true. */
  crossLinks?: boolean | undefined
  /** Name of the machine that sessions without one run on. False: none is recorded. Default: the host's name. */
  machine?: string | false | undefined
  /** Looks secrets up by name, each time one is needed. Default: the environment. */
  secrets?: SecretSource | undefined
  /** Backoff, time-outs and giving up. Each number has its own default. */
  policy?: Partial<Policy> | undefined
  /** Calls under way at once per adapter, over all processes of the store; an adapter may allow fewer. Default 4. */
  concurrency?: number | undefined
  /** Interval between looks for recordings of other processes, ms, up to a day. Default 1,000. */
  pollMs?: number | undefined
  /** A session whose writer vanished is ended this long after its last event, ms. Default 600,000. */
  crashAfterMs?: number | undefined
  /** A session whose writer closed or is idle is ended this long after its last event, ms. Default 86,400,000. */
  idleAfterMs?: number | undefined
  /** How long the end of an `await using` scope may go on delivering, ms. 0 turns it off. Default 2,000. */
  drainOnClose?: number | undefined
  /** Transports that send the calls, by adapter. Default: HTTP, or the adapter's own. */
  transports?: Readonly<Record<string, Transport>> | undefined
  /**
   * Receives errors, dead letters and pauses. Default: none; warnings about a missing store file or lost requests then go
   * to standard error.
   */
  logger?: Logger | undefined
  /** Makes ids of sessions and events. Default: UUIDs of version 7. */
  newId?: (() => string) | undefined
  /**
   * The clock, epoch ms. Default: the system's. If you pass `now`, also pass `monotonic` at the same speed; otherwise clock
   * changes cannot be detected, and the age of requests in doubt follows `now`.
   */
  now?: (() => number) | undefined
  /** A clock that never jumps, ms. Default: the system's. */
  monotonic?: (() => number) | undefined
  /** A random number from 0 to 1, for jitter. Default: the system's. */
  random?: (() => number) | undefined
}>

const DAY_MS = 86_400_000
/** Longest time-out, ms: with the reads of an attempt it still makes a lease of less than a day. */
const TIMEOUT_MS = 3_600_000

const store = custom<Store>(
  value =>
    isObject(value) &&
    ['commit', 'load', 'claim', 'settle', 'close'].every(verb => typeof value[verb] === 'function'),
  'a store such as sqliteStore("sessions.db") or memoryStore()',
)
const logger = custom<Logger>(
  value => isObject(value) && typeof value.warn === 'function' && typeof value.error === 'function',
  'an object with the functions warn and error',
)

/** Waits above a day are refused, because a due time further away counts as one that a wrong clock wrote. */
const policy = optional({
  backoffMs: duration(0, DAY_MS),
  backoffMaxMs: duration(0, DAY_MS),
  giveUpAfterMs: duration(),
  giveUpAttempts: count(0),
  afterMs: duration(0, DAY_MS),
  timeoutMs: duration(1, TIMEOUT_MS),
  readTimeoutMs: duration(1, TIMEOUT_MS),
  leaseMarginMs: duration(0, TIMEOUT_MS),
  downAfter: count(1),
  deniedCheckMs: duration(0, DAY_MS),
  unreportedMax: count(1),
} satisfies Record<keyof Policy, unknown>)

const no = z.literal(false)
const redact = optional({
  known: flag,
  patterns: flag,
  also: z.array(
    custom<RegExp>(
      value => Object.prototype.toString.call(value) === '[object RegExp]',
      'a regular expression',
    ),
    expecting('an array of regular expressions'),
  ),
} satisfies Record<keyof RedactOptions, unknown>)

const shape = {
  project: text,
  user: z.optional(text),
  store: z.optional(store),
  adapters: z.optional(z.array(z.optional(adapterSchema), expecting('an array of adapters'))),
  deliver: z.optional(flag),
  crossLinks: z.optional(flag),
  onError: z.optional(z.literal(['throw', 'report'], expecting('"throw" or "report"'))),
  filter: z.optional(call),
  redact: z.optional(z.union([no, redact], expecting('false, or an object such as { patterns: true }'))),
  machine: z.optional(z.union([no, text], expecting('false, or a string of 1 to 256 characters'))),
  // An object of values is the usual mistake.
  secrets: z.optional(
    custom(value => typeof value === 'function', 'a function such as (name) => values[name]'),
  ),
  policy: z.optional(policy),
  concurrency: z.optional(count(1, 10_000)),
  pollMs: z.optional(duration(1, DAY_MS)),
  crashAfterMs: z.optional(duration()),
  idleAfterMs: z.optional(duration()),
  drainOnClose: z.optional(duration()),
  transports: z.optional(
    z.record(
      z.string(),
      custom<Transport>(
        value => isObject(value) && typeof value.send === 'function',
        'a transport: an object with the function send',
      ),
      expecting('an object of transports by adapter'),
    ),
  ),
  logger: z.optional(logger),
  newId: z.optional(call),
  now: z.optional(call),
  monotonic: z.optional(call),
  random: z.optional(call),
} satisfies Record<keyof TrackerOptions, unknown>

const schema = z.strictObject(shape, expecting('an object of options with at least a project'))

/** Checks the options of a tracker and gives its adapters. Throws `CONFIG` naming the option. */
export const checkOptions = (options: TrackerOptions): readonly AnyAdapter[] => {
  const listed = (options as TrackerOptions | undefined)?.adapters ?? []
  const given: readonly (AnyAdapter | undefined)[] = Array.isArray(listed)
    ? listed.map(each => (each === null || each === false ? undefined : each))
    : (listed as never)
  const isWhole = isObject(options)
  checkBy(schema, isWhole ? { ...options, adapters: given } : options, isWhole ? [] : ['options'], 'CONFIG')
  const found = new Map<string, AnyAdapter>()
  for (const [place, each] of given.entries()) {
    if (each === undefined) continue
    if (found.has(each.name))
      throw invalidConfig({
        field: `adapters[${place}]`,
        problem: `two adapters are named "${each.name}"`,
        todo: 'Give one another name with `as`.',
      })
    found.set(each.name, each)
  }
  for (const name of Object.keys(options.transports ?? {}))
    if (!found.has(name))
      throw invalidConfig({ field: `transports.${name}`, ...unknownName('adapter', name, found.keys()) })
  return [...found.values()]
}
