import * as z from 'zod/mini'
import { reachOf } from '../descriptor/wire.ts'
import type { Adapter } from './contract.ts'

const isAddress = (value: string): boolean => {
  if (!URL.canParse(value) || /[\s\\{}<>#?]/.test(value)) return false
  const { protocol, username, password, hostname } = new URL(value)
  if (username !== '' || password !== '' || !value.startsWith(`${protocol}//`)) return false
  return protocol === 'https:' || (protocol === 'http:' && reachOf(hostname) !== 'public')
}

/**
 * The address of a service as an option: `https`, without user, query and fragment; `http` for this machine, and with
 * `allowPlaintext` for a private network. Slashes at its end are removed. `example` completes the message.
 */
export const address = (example: string) =>
  z.pipe(
    z
      .string(`expected an address such as ${example}`)
      .check(
        z.refine(
          isAddress,
          `expected an https address without user, query and fragment, such as ${example} (http for this machine, or with allowPlaintext for a private network)`,
        ),
      ),
    z.transform((value: string) => value.replace(/\/+$/, '')),
  )

/** Beginnings and signs of real credentials: one that is given as a name would be stored and shown. */
const VALUE = /^(xox|xapp|lin_|ATATT|gh[pousr]_|glpat-|sk-|ey[A-Za-z0-9])|[@=\s]|:\/\//i

/** The name of a secret as an option; a value that looks like a credential is refused. */
const secretName = z
  .string()
  .check(
    z.refine(
      value => /^[\w.:/-]{1,200}$/.test(value) && !VALUE.test(value),
      'expected the name of a secret, not its value',
    ),
  )

const isSessionUrl = (value: string): boolean =>
  value.includes('{id}') &&
  /^https?:\/\/[^\s{}|<>()]+/.test(value) &&
  URL.canParse(value.replaceAll('{id}', 'id'))

/** Headers that carry credentials, or belong to the request itself. */
const OWN_HEADER =
  /^(authorization|proxy-.*|cookie|.*(api[-_]?key|token|secret).*|host|content-.*|transfer-encoding|connection|te|trailer|upgrade)$/i

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** Options that every adapter takes. Their schema, type and documentation are this one definition. */
export const commonOptions = {
  /** Name of the adapter in the tracker: letters, digits, `-` and `_`. Default: the service's name. */
  as: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^[A-Za-z][\w-]{0,63}$/,
          'expected a name of letters, digits, - and _ that begins with a letter',
        ),
      ),
  ),
  /** Default `execute`: planned requests are sent. `preview`: they are kept to look at. `handoff`: a host sends them. */
  mode: z.optional(z.literal(['execute', 'preview', 'handoff'])),
  /** Effect of an update. `card` (default): it edits the card. `each`: it also adds an entry. `off`: nothing. */
  updates: z._default(z.literal(['card', 'each', 'off']), 'card'),
  /** Leaves out events: where it returns false, nothing is planned for the event. Default: every event is planned. */
  when: z.optional(z.custom<NonNullable<Adapter['when']>>(isFunction, 'expected a function')),
  /** Changes or leaves out (`undefined`) a planned descriptor. Pure; runs when the event is planned. Default: none. */
  transform: z.optional(z.custom<NonNullable<Adapter['transform']>>(isFunction, 'expected a function')),
  /** Destructive actions run only where this is true. Default false. */
  allowDestructive: z.optional(z.boolean()),
  /** A call in doubt that cannot be looked up: `hold` (default) keeps it for a person, `repeat` sends it again. */
  onDoubt: z.optional(z.literal(['hold', 'repeat'])),
  /** False: the cards show no links to the session's cards in other services. Default true. */
  crossLinks: z.optional(z.boolean()),
  /** Web address of a session with `{id}` in it, linked from the card. Default: no link. */
  sessionUrl: z.optional(
    z
      .string()
      .check(
        z.refine(
          isSessionUrl,
          'expected a web address with {id} in it, such as https://example.com/sessions/{id}',
        ),
      ),
  ),
  /** Headers sent with every HTTP call, by name; never credentials. Default: none. */
  headers: z.optional(
    z.record(
      z
        .string()
        .check(
          z.refine(
            name => /^[!#$%&'*+.^`|~\w-]{1,100}$/.test(name) && !OWN_HEADER.test(name),
            'expected the name of a header that carries no credential and does not belong to the request itself',
          ),
        ),
      z.string().check(z.regex(/^[\t\x20-\x7e]{0,2000}$/, 'expected printable ASCII')),
    ),
  ),
  /** Allows plain `http` to hosts of a private network; what is sent can be read on the way. Default false. */
  allowPlaintext: z.optional(z.boolean()),
} as const

/** Names of an adapter's secrets, and whether each is one: `public` for user names and mail addresses. */
export type Secrets = Readonly<Record<string, 'secret' | 'public'>>

/** Ways to authenticate, each with the secrets it needs, the most usual first. */
export type Ways<K extends Secrets = Secrets> = Readonly<Record<string, readonly (keyof K & string)[]>>

/** The option that renames secrets: by the default name of each. */
export const secretOption = (secrets: Secrets) =>
  z.optional(
    z.strictObject(Object.fromEntries(Object.keys(secrets).map(name => [name, z.optional(secretName)]))),
  )

/** The option that chooses a way to authenticate. */
export const wayOption = (ways: Ways) => z.optional(z.literal(Object.keys(ways)))

/** Moments at which a card's workflow state may change. `close` is a completed session. */
export const STATUS_MOMENTS = [
  'start',
  'blocker',
  'resolve',
  'close',
  'failed',
  'cancelled',
  'crashed',
  'abandoned',
  'resume',
] as const
/** A moment at which a card's workflow state may change. */
export type StatusMoment = (typeof STATUS_MOMENTS)[number]

/** The option `statuses`: which workflow state the card moves to at each moment, as `each` checks it. Default: none. */
export const statusOption = <T extends z.core.$ZodType>(each: T) =>
  z._default(
    z.strictObject(
      Object.fromEntries(STATUS_MOMENTS.map(moment => [moment, z.optional(each)])) as {
        [M in StatusMoment]: z.ZodMiniOptional<T>
      },
    ),
    {},
  )
