import * as z from 'zod/mini'
import { omitUndefined } from '../descriptor/refs.ts'
import { originOf, reachOf } from '../descriptor/wire.ts'
import { atOnce } from '../session/at-once.ts'
import { isTrackerError, TrackerError, toError } from '../session/errors.ts'
import { invalidConfig, message } from '../session/message.ts'
import { checkDefinition, checkResults } from './check-definition.ts'
import { commonOptions, type Secrets, secretOption, type Ways, wayOption } from './common.ts'
import type { Actions, Adapter, Known, Mode } from './contract.ts'
import type { AdapterFactory, ConfigOf, Definition, OptionsOf, Shape } from './definition.ts'
import { type Environment, environment, isEnabled, isOn } from './environment.ts'
import { parseOptions } from './options.ts'

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

/** An option with a default may be left out too. */
const isOptional = (schema: z.core.$ZodType | undefined): boolean => schema?._zod.optin !== undefined

/** Refuses an unencrypted address of another machine, unless it was allowed: the credential could be read on the way. */
const assertEncrypted = (
  service: string,
  given: Fields,
  origins: readonly string[],
  plaintext: readonly string[] = [],
): void => {
  for (const origin of origins) {
    const { protocol, hostname } = new URL(origin)
    const isPlain = protocol === 'http:' || plaintext.includes(protocol)
    if (!isPlain || reachOf(hostname) === 'machine' || given.allowPlaintext === true) continue
    const [option] =
      Object.entries(given).find(([, value]) => typeof value === 'string' && value.startsWith(origin)) ?? []
    throw invalidConfig({
      field: `${service}.${option ?? 'baseUrl'}`,
      problem: 'unencrypted address of another machine',
      expected: protocol === 'http:' ? 'https' : 'an encrypted protocol',
      got: origin,
      todo: 'Set allowPlaintext: true to allow it.',
    })
  }
}

/** Calls a function of a definition. One that throws or is async is a defect of the adapter: the error names the field. */
const callOwn = <T>(field: string, run: () => T): T => {
  try {
    return atOnce(run(), field)
  } catch (thrown) {
    if (isTrackerError(thrown)) throw thrown
    const problem = `the function of the adapter threw: ${toError(thrown).message}`
    throw new TrackerError('ADAPTER', message({ field, problem }), { field, cause: thrown })
  }
}

/** Members that are given as functions of the configuration, or may be. */
const BY_CONFIG = [
  'hooks',
  'limits',
  'check',
  'origins',
  'probes',
  'cardLookups',
  'account',
  'transport',
] as const
type ByConfig<C> = Pick<Adapter<C>, (typeof BY_CONFIG)[number]> & Readonly<{ origins: readonly string[] }>

/** Makes those members for one configuration; absent ones stay absent. */
const byConfig = <C>(
  definition: Fields,
  config: C,
  own: <T>(field: string, run: () => T) => T,
): ByConfig<C> => {
  const entries = BY_CONFIG.map(name => {
    const given = definition[name]
    return [name, typeof given === 'function' ? own(name, () => given(config)) : given] as const
  })
  return omitUndefined(Object.fromEntries(entries)) as ByConfig<C>
}

type Readers<C> = Readonly<Record<string, (value: string, config: C) => string | undefined>>

/**
 * Makes the factory of an adapter. It checks the common options and those of the service, reads the environment, derives
 * the origins that secrets may be sent to, and assembles the adapter. Throws `ADAPTER` naming the field of a definition that
 * is unknown, missing or of another kind.
 */
export const defineAdapter = <
  const N extends string,
  S extends Shape,
  const K extends Secrets,
  const W extends Ways<K> = Readonly<{ default: readonly (keyof K & string)[] }>,
  C = ConfigOf<S, K, W>,
  A extends Actions<C> = Actions<C>,
  const R extends string = never,
>(
  definition: Definition<N, S, K, W, C, A, R>,
): AdapterFactory<OptionsOf<S, K, W>, C, A, N, R> => {
  checkDefinition(definition)
  const { service, options, secrets, switches = {}, oneOf = [], refs = [] } = definition
  const variables = Object.entries((definition.env ?? {}) as Readonly<Record<string, string>>)
  const names = Object.keys(secrets)
  const ways: Readonly<Record<string, readonly string[]>> = definition.ways ?? { default: names }
  const schema = z.strictObject({
    ...commonOptions,
    ...(definition.ways === undefined ? {} : { auth: wayOption(definition.ways as Ways) }),
    secrets: secretOption(secrets),
    ...options,
  })

  const make = (raw: unknown): Adapter<C> => {
    const given: Fields = parseOptions(service, schema, raw, names) as Fields
    const missing = oneOf.find(set => set.every(name => given[name] === undefined))
    if (missing !== undefined)
      throw invalidConfig({
        field: `${service}.${missing[0]}`,
        problem: 'missing',
        todo: `Give ${missing.join(' or ')}.`,
      })
    const {
      mode,
      when,
      transform,
      allowDestructive,
      onDoubt,
      crossLinks,
      headers,
      allowPlaintext,
      ...known
    } = given
    const renamed = {
      ...Object.fromEntries(names.map(name => [name, name])),
      ...omitUndefined((known.secrets ?? {}) as Fields),
    } as Readonly<Record<string, string>>
    const named = { ...omitUndefined(known), as: known.as ?? service, secrets: renamed } as ConfigOf<S, K, W>
    const own = <T>(field: string, run: () => T): T => callOwn(`${service}.${field}`, run)
    const [first = ''] = Object.keys(ways)
    const chooseWay = () =>
      (named as Readonly<{ auth?: string }>).auth ?? definition.defaultWay?.(named) ?? first
    const way = definition.ways === undefined ? first : own('defaultWay', chooseWay)
    const checked = definition.ways === undefined ? named : ({ ...named, auth: way } as ConfigOf<S, K, W>)
    const conflict = definition.conflicts?.find(([, isWrong]) => own('conflicts', () => isWrong(checked)))
    if (conflict !== undefined)
      throw invalidConfig({
        field: `${service}.${conflict[0]}`,
        problem: 'does not fit the other options',
        todo: conflict[2],
      })
    const config = own('configure', () =>
      definition.configure === undefined ? (checked as unknown as C) : definition.configure(checked),
    )
    const made = { config, ...byConfig(definition, config, own) }
    checkResults(service, { ...made, configure: config })
    const origins = [...new Set(made.origins.map(originOf))]
    assertEncrypted(service, given, origins, definition.plaintext)
    const needed = (ways[way] ?? []).map(name => renamed[name] ?? name)
    const { isOwn, link, outcome, signers, renderers, removals, describe } = definition
    return {
      ...made,
      name: checked.as,
      mode: (mode as Mode | undefined) ?? definition.mode ?? 'execute',
      actions: definition.actions,
      outcome: (reply, sent) => outcome(reply, sent, config),
      secrets: needed,
      publicSecrets: needed.filter(name =>
        names.some(each => renamed[each] === name && secrets[each] === 'public'),
      ),
      origins,
      refs: Array.isArray(refs) ? refs : Object.keys(refs),
      ...omitUndefined({
        readRef: Array.isArray(refs)
          ? undefined
          : (each: string, value: string) => (refs as Readers<C>)[each]?.(value, config) ?? value,
        isOwn: isOwn && ((reply: Parameters<typeof isOwn>[0]) => isOwn(reply, config)),
        link: link && ((found: Known) => link(found, config)),
        ...{ when, transform, allowDestructive, onDoubt, crossLinks, headers, allowPlaintext },
        ...{ signers, renderers, removals, describe },
      }),
    }
  }

  const fromEnv = (overrides: Fields = {}, env: Environment = environment()): Adapter<C> | undefined => {
    const given = omitUndefined(overrides)
    const isSet = (name: string) => (env[name] ?? '') !== ''
    const actual = (name: string): string =>
      (given.secrets as Record<string, string> | undefined)?.[name] ?? name
    const found = Object.fromEntries(
      variables
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
    const switched = Object.entries(switches).filter(([name]) => isOn(env, name))
    const all: Fields = Object.assign({}, found, ...switched.map(([, sets]) => sets), given)
    const optionsMissing = variables
      .filter(([option]) => all[option] === undefined && !isOptional(options[option]))
      .map(([, name]) => name)
    const setsMissing = oneOf
      .filter(set => set.every(option => all[option] === undefined))
      .flatMap(set => set.flatMap(option => definition.env?.[option] ?? []).slice(0, 1))
    const secretsMissing = (ways[way ?? Object.keys(ways)[0] ?? ''] ?? [])
      .map(actual)
      .filter(name => !isSet(name))
    const declared = [...variables.map(([, name]) => name), ...names.map(actual)]
    const missing = [...setsMissing, ...optionsMissing, ...secretsMissing]
    if (!isEnabled(env, service, missing, declared.filter(isSet), Object.keys(switches))) return undefined
    return make({ ...all, ...(way === undefined || definition.ways === undefined ? {} : { auth: way }) })
  }

  return Object.assign(make, { fromEnv }) as unknown as AdapterFactory<OptionsOf<S, K, W>, C, A, N, R>
}
