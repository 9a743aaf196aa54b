import type * as z from 'zod/mini'
import type { Lookup } from '../descriptor/descriptor.ts'
import type { Answer, Outcome, Reply, SentCall } from '../descriptor/outcome.ts'
import type { TransportFactory } from '../transport/contract.ts'
import type { commonOptions, Secrets, Ways } from './common.ts'
import type { Actions, Adapter, Hooks, Known, Limits, Mode, Probe } from './contract.ts'
import type { Environment } from './environment.ts'

/** Schemas by the names of the options they check. */
export type Shape = Readonly<Record<string, z.core.$ZodType>>

/** The type with readonly arrays and objects at every depth. */
type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer E)[]
    ? readonly Frozen<E>[]
    : T extends object
      ? { readonly [P in keyof T]: Frozen<T[P]> }
      : T

type Common = typeof commonOptions
type Input<S extends Shape> = Frozen<z.input<z.core.$ZodObject<S, z.core.$strict>>>
type Output<S extends Shape> = Frozen<z.output<z.core.$ZodObject<S, z.core.$strict>>>
type Overridden<S extends Shape> = Omit<Common, keyof S>
/** Common options that are not part of the configuration: functions, and what only the adapter itself needs. */
type Apart =
  | 'as'
  | 'mode'
  | 'when'
  | 'transform'
  | 'allowDestructive'
  | 'onDoubt'
  | 'crossLinks'
  | 'headers'
  | 'allowPlaintext'

type SecretNames<K extends Secrets> = { readonly [P in keyof K]?: string | undefined }
/** One way to authenticate, which has no name and needs every secret. */
type OneWay = Readonly<{ default: readonly string[] }>
type Authentication<W extends Ways> = 'default' extends keyof W
  ? unknown
  : {
      /** How the adapter authenticates. Default: by the secrets the environment has, or the first way. */
      readonly auth?: (keyof W & string) | undefined
    }

/** Options of a factory made by `defineAdapter`: those of the service and the common ones. */
export type OptionsOf<S extends Shape, K extends Secrets = Secrets, W extends Ways = OneWay> = Input<S> &
  Input<Overridden<S>> &
  Authentication<W> & {
    /** Other names for the adapter's secrets, by the default name of each: `{ SLACK_BOT_TOKEN: 'OPS_TOKEN' }`. */
    readonly secrets?: SecretNames<K> | undefined
  }

/** The configuration of an adapter: its options, checked, with defaults, as plain JSON and without any secret's value. */
export type ConfigOf<S extends Shape, K extends Secrets = Secrets, W extends Ways = OneWay> = Output<
  Omit<S, Apart>
> &
  Output<Omit<Overridden<S>, Apart>> &
  Readonly<{
    /** Name in the tracker. */
    as: string
    /** Names of the secrets, by the default name of each. */
    secrets: { readonly [P in keyof K]: string }
  }> &
  ('default' extends keyof W
    ? unknown
    : Readonly<{
        /** How the adapter authenticates. */
        auth: keyof W & string
      }>)

/** Options that do not go together: the option to name, whether the configuration is wrong, and what to do about it. */
export type Conflicts<C> = readonly (readonly [
  option: keyof C & string,
  isWrong: (given: C) => boolean,
  todo: string,
])[]

/** Everything that is a service's own; `defineAdapter` adds the rest. */
export type Definition<
  N extends string,
  S extends Shape,
  K extends Secrets,
  W extends Ways<K>,
  C,
  A extends Actions<C>,
  R extends string = string,
> = Readonly<{
  /** Name of the service: default name of the adapter, first word of its messages, and `<NAME>_ENABLED`. */
  service: N
  /** Schemas of its own options. One with the name of a common option replaces that. */
  options: S
  /** Its secrets by their default names. */
  secrets: K
  /** Ways to authenticate. Default: one, which needs every secret that is not `public`, and the public ones too. */
  ways?: W
  /** The way where neither `auth` nor the environment chooses one. Default: the first of `ways`. */
  defaultWay?: (given: ConfigOf<S, K, W>) => keyof W & string
  /** Defaults of common options that differ from the usual ones. */
  mode?: Mode
  /** Environment variables of options that `fromEnv` reads, by the option. */
  env?: { readonly [P in keyof S]?: string }
  /** Variables that turn it on and off in addition to `<NAME>_ENABLED`, with the mode that each sets where it is on. Default: none. */
  switches?: Readonly<Record<string, Readonly<{ mode?: Mode }>>>
  /** Sets of options of which one is needed, as in `[['project', 'projectId']]`. */
  oneOf?: readonly (readonly (keyof S & string)[])[]
  /** Refuses options that do not go together, before `configure`. Default: none. */
  conflicts?: Conflicts<ConfigOf<S, K, W>>
  /** Makes the configuration. Default: the checked options. */
  configure?: (given: ConfigOf<S, K, W>) => C
  /** Everything it can do, by name. */
  actions: A
  /** Which hook makes which calls, by the configuration where that chooses hooks; `cardHooks` makes those of a service with cards. */
  hooks: Hooks<C> | ((config: C) => Hooks<C>)
  /** Gives the meaning of a reply. */
  outcome: (reply: Reply, sent: SentCall, config: C) => Outcome
  /** Whether a reply is in the service's own form. Default: every one is. */
  isOwn?: (reply: Answer, config: C) => boolean
  /** Rates by the service's documents. */
  limits: Limits | ((config: C) => Limits)
  /** One cheap read that proves the address and the credential. */
  check: (config: C) => Lookup
  /** Reads that prove that what hooks write to is there and may be written. Default: none. */
  probes?: (config: C) => readonly Probe[]
  /** Reads of the session's card. Default: none. */
  cardLookups?: (config: C) => readonly Lookup[]
  /** Pointer, in the reply to `check`, to the account of the credential. Default: the service names none. */
  account?: string | ((config: C) => string)
  /**
   * Names that `start({ refs })` may give to it; as an object, with how each value is read: the address of a page as the key
   * of its issue. A value that it gives `undefined` for stays as it is. Default: none.
   */
  refs?: readonly R[] | { readonly [P in R]: (value: string, config: C) => string | undefined }
  /** Where people find a session. Default: the first address that was captured. */
  link?: (known: Known, config: C) => Readonly<{ name: string; url: string }> | undefined
  /** Addresses its secrets may be sent to: configured ones, and fixed ones of the vendor. */
  origins: (config: C) => readonly string[]
  /** Protocols in addition to `http:` that send without encryption: to other machines only with `allowPlaintext`. Default: none. */
  plaintext?: readonly string[]
  /** A way to send that plain HTTP does not cover. Default: none. */
  transport?: (config: C) => TransportFactory
}> &
  Pick<Adapter<C>, 'removals' | 'signers' | 'renderers' | 'describe'>

/** Makes an adapter of a service, from options or from the environment. */
export interface AdapterFactory<O, C, A extends Actions<C>, D extends string, R extends string = never> {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = D>(options: O & Readonly<{ as?: N | undefined }>): Adapter<C, N, A, R>
  /**
   * From environment variables; `overrides` win. `undefined` where none of its variables is set, or `<NAME>_ENABLED` is
   * false. Throws `CONFIG` naming the missing variable where some are set and others are missing.
   */
  fromEnv<const N extends string = D>(
    overrides?: Partial<O> & Readonly<{ as?: N | undefined }>,
    env?: Environment,
  ): Adapter<C, N, A, R> | undefined
}
