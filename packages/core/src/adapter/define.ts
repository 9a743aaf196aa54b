import * as z from 'zod/mini'
import type { Call, Lookup } from '../descriptor/descriptor.ts'
import type { Outcome, Reply, Role } from '../descriptor/outcome.ts'
import { invalidConfig } from '../session/message.ts'
import type { TransportFactory } from '../transport/contract.ts'
import {
  commonOptions,
  originOf,
  reachOf,
  type Secrets,
  secretOption,
  type Ways,
  wayOption,
} from './common.ts'
import type { Actions, Adapter, Hooks, Known, Limits, Mode, Probe } from './contract.ts'
import { defined } from './defined.ts'
import { type Environment, environment, isEnabled } from './environment.ts'
import { checkedOptions } from './options.ts'

/** Schemas by the names of the options they check. */
export type Shape = Readonly<Record<string, z.core.$ZodType>>

/** A type whose arrays and objects nobody may change, at every depth. */
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
/** Common options that are no part of the configuration: functions, and what only the adapter itself needs. */
type Apart =
  | 'as'
  | 'mode'
  | 'when'
  | 'transform'
  | 'allowDestructive'
  | 'onDoubt'
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

/** What a factory made by `defineAdapter` takes: the options of the service and the common ones. */
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

/** Everything that is a service's own; `defineAdapter` adds the rest. */
export type Definition<
  N extends string,
  S extends Shape,
  K extends Secrets,
  W extends Ways<K>,
  C,
  A extends Actions<C>,
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
  /** Sets of options of which one is needed, as in `[['project', 'projectId']]`. */
  oneOf?: readonly (readonly (keyof S & string)[])[]
  /** Makes the configuration, and refuses options that do not go together. Default: the checked options. */
  configure?: (given: ConfigOf<S, K, W>) => C
  /** Everything it can do, by name. */
  actions: A
  /** Which hook makes which calls; `cardHooks` makes those of a service with cards. */
  hooks: Hooks<C>
  /** What a reply means. */
  outcome: (reply: Reply, sent: Readonly<{ action: string; role: Role; call?: Call }>, config: C) => Outcome
  /** Whether a reply is in the service's own form. Default: every one is. */
  isOwn?: (reply: Extract<Reply, { kind: 'answer' }>, config: C) => boolean
  /** Rates by the service's documents. */
  limits: Limits | ((config: C) => Limits)
  /** One cheap read that proves the address and the credential. */
  check: (config: C) => Lookup
  /** Reads that prove that what hooks write to is there and may be written. Default: none. */
  probes?: (config: C) => readonly Probe[]
  /** Reads of the session's card. Default: none. */
  cardLookups?: (config: C) => readonly Lookup[]
  /** Pointer, in the reply to `check`, to the account of the credential. Default: the service names none. */
  account?: string
  /** Names that `start({ refs })` may give to it. Default: none. */
  refs?: readonly string[]
  /** Where people find a session. Default: the first address that was captured. */
  link?: (known: Known, config: C) => Readonly<{ name: string; url: string }> | undefined
  /** Addresses its secrets may be sent to: configured ones, and fixed ones of the vendor. */
  origins: (config: C) => readonly string[]
  /** A way to send that plain HTTP does not cover. Default: none. */
  transport?: (config: C) => TransportFactory
  /** Signers of its calls, by the name that `auth.sign` gives. Default: none. */
  signers?: Adapter['signers']
  /** Renderers of its custom calls, by their target. Default: they are shown as JSON. */
  renderers?: Adapter['renderers']
  /** Lines for people in the format `text`, by action. Default: action and address. */
  describe?: Adapter['describe']
}>

/** Makes an adapter of a service, from options or from the environment. */
export interface AdapterFactory<O, C, A extends Actions<C>, D extends string> {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = D>(options: O & Readonly<{ as?: N | undefined }>): Adapter<C, N, A>
  /**
   * From environment variables; `overrides` win. `undefined` where none of its variables is set, or `<NAME>_ENABLED` is
   * false. Throws `CONFIG` naming the missing variable where some are set and others are missing.
   */
  fromEnv<const N extends string = D>(
    overrides?: Partial<O> & Readonly<{ as?: N | undefined }>,
    env?: Environment,
  ): Adapter<C, N, A> | undefined
}

type Fields = Readonly<Record<string, unknown>>

/** A variable as the value its schema accepts: the text itself, a number, a boolean or a comma-separated list. */
const readVariable = (schema: z.core.$ZodType, text: string): unknown => {
  const readings = [
    text,
    ...(text.trim() === '' ? [] : [Number(text)]),
    ...(text === 'true' || text === 'false' ? [text === 'true'] : []),
    text.split(','),
  ]
  return readings.find(each => z.safeParse(schema, each).success) ?? text
}

const isOptional = (schema: z.core.$ZodType | undefined): boolean => schema?._zod.optin === 'optional'

/** Refuses plain http to another machine, unless it was allowed: the credential could be read on the way. */
const assertEncrypted = (service: string, given: Fields, origins: readonly string[]): void => {
  for (const origin of origins) {
    const { protocol, hostname } = new URL(origin)
    if (protocol !== 'http:' || reachOf(hostname) === 'machine' || given.allowPlaintext === true) continue
    const [option] =
      Object.entries(given).find(([, value]) => typeof value === 'string' && value.startsWith(origin)) ?? []
    throw invalidConfig({
      field: `${service}.${option ?? 'baseUrl'}`,
      problem: 'unencrypted address of another machine',
      expected: 'https',
      got: origin,
      todo: 'Set allowPlaintext: true to allow it.',
    })
  }
}

/**
 * Makes the factory of an adapter. It checks the common options and those of the service, reads the environment, derives
 * the origins that secrets may be sent to, and assembles the adapter.
 */
export const defineAdapter = <
  const N extends string,
  S extends Shape,
  const K extends Secrets,
  const W extends Ways<K> = Readonly<{ default: readonly (keyof K & string)[] }>,
  C = ConfigOf<S, K, W>,
  A extends Actions<C> = Actions<C>,
>(
  definition: Definition<N, S, K, W, C, A>,
): AdapterFactory<OptionsOf<S, K, W>, C, A, N> => {
  const { service, options, secrets, env: variables = {}, oneOf = [], refs = [] } = definition
  const names = Object.keys(secrets)
  const ways: Readonly<Record<string, readonly string[]>> = definition.ways ?? { default: names }
  const schema = z.strictObject({
    ...commonOptions,
    ...(definition.ways === undefined ? {} : { auth: wayOption(definition.ways as Ways) }),
    secrets: secretOption(secrets),
    ...options,
  })

  const make = (raw: unknown): Adapter<C> => {
    const given: Fields = checkedOptions(service, schema, raw, { secrets: names }) as Fields
    const missing = oneOf.find(set => set.every(name => given[name] === undefined))
    if (missing !== undefined)
      throw invalidConfig({
        field: `${service}.${missing[0]}`,
        problem: 'missing',
        todo: `Give ${missing.join(' or ')}.`,
      })
    const { mode, when, transform, allowDestructive, onDoubt, headers, allowPlaintext, ...known } = given
    const renamed = {
      ...Object.fromEntries(names.map(name => [name, name])),
      ...defined((known.secrets ?? {}) as Fields),
    } as Readonly<Record<string, string>>
    const named = { ...defined(known), as: known.as ?? service, secrets: renamed } as ConfigOf<S, K, W>
    const { auth } = named as Readonly<{ auth?: string }>
    const [first = ''] = Object.keys(ways)
    const way = definition.ways === undefined ? first : (auth ?? definition.defaultWay?.(named) ?? first)
    const checked = definition.ways === undefined ? named : ({ ...named, auth: way } as ConfigOf<S, K, W>)
    const config = definition.configure?.(checked) ?? (checked as unknown as C)
    const { isOwn, link, limits, outcome } = definition
    const origins = [...new Set(definition.origins(config).map(originOf))]
    assertEncrypted(service, given, origins)
    const needed = (ways[way] ?? []).map(name => renamed[name] ?? name)
    return {
      name: checked.as,
      config,
      mode: (mode as Mode | undefined) ?? definition.mode ?? 'execute',
      hooks: definition.hooks,
      actions: definition.actions,
      limits: typeof limits === 'function' ? limits(config) : limits,
      check: definition.check(config),
      outcome: (reply, sent) => outcome(reply, sent, config),
      secrets: needed,
      publicSecrets: needed.filter(name =>
        names.some(each => renamed[each] === name && secrets[each] === 'public'),
      ),
      origins,
      refs,
      ...defined({
        when,
        transform,
        allowDestructive,
        onDoubt,
        headers,
        allowPlaintext,
        account: definition.account,
        probes: definition.probes?.(config),
        cardLookups: definition.cardLookups?.(config),
        isOwn: isOwn && ((reply: Parameters<typeof isOwn>[0]) => isOwn(reply, config)),
        link: link && ((found: Known) => link(found, config)),
        transport: definition.transport?.(config),
        signers: definition.signers,
        renderers: definition.renderers,
        describe: definition.describe,
      }),
    }
  }

  const fromEnv = (overrides: Fields = {}, env: Environment = environment()): Adapter<C> | undefined => {
    const given = defined(overrides)
    const isSet = (name: string) => (env[name] ?? '') !== ''
    const actual = (name: string): string =>
      (given.secrets as Record<string, string> | undefined)?.[name] ?? name
    const found = Object.fromEntries(
      Object.entries(variables as Readonly<Record<string, string>>)
        .filter(([option, name]) => given[option] === undefined && isSet(name))
        .map(([option, name]) => [
          option,
          readVariable(options[option] as z.core.$ZodType, env[name] as string),
        ]),
    )
    const whole = Object.keys(ways).find(
      way => ways[way]?.length !== 0 && ways[way]?.every(name => isSet(actual(name))),
    )
    const begun = Object.keys(ways).find(way => ways[way]?.some(name => isSet(actual(name))))
    const chosen = definition.ways === undefined ? undefined : (given.auth as string | undefined)
    const way = chosen ?? whole ?? begun
    const all: Fields = { ...found, ...given }
    const optionsMissing = Object.entries(variables as Readonly<Record<string, string>>)
      .filter(([option]) => all[option] === undefined && !isOptional(options[option]))
      .map(([, name]) => name)
    const setsMissing = oneOf
      .filter(set => set.every(option => all[option] === undefined))
      .flatMap(set =>
        set.flatMap(option => (variables as Readonly<Record<string, string>>)[option] ?? []).slice(0, 1),
      )
    const secretsMissing = (ways[way ?? Object.keys(ways)[0] ?? ''] ?? [])
      .map(actual)
      .filter(name => !isSet(name))
    const declared = [...Object.values(variables as Readonly<Record<string, string>>), ...names.map(actual)]
    const missing = [...setsMissing, ...optionsMissing, ...secretsMissing]
    if (!isEnabled(env, service, missing, declared.filter(isSet))) return undefined
    return make({ ...all, ...(way === undefined || definition.ways === undefined ? {} : { auth: way }) })
  }

  return Object.assign(make, { fromEnv }) as unknown as AdapterFactory<OptionsOf<S, K, W>, C, A, N>
}
