/**
 * Mirrors sessions into Taiga: a user story, task or issue per session, or one status comment below one that exists
 * already, edited in place, with decisions and blockers as comments below it.
 * @module taiga
 */
import { type Adapter, type Environment, environment, type Lookup } from '@sessionwire/core/adapter'
import { call } from './actions/call.ts'
import { actions } from './actions.ts'
import { checkOptions, optionsFrom, type TaigaConfig, type TaigaOptions } from './config.ts'
import { hooks } from './hooks.ts'
import { linkAt } from './link.ts'
import { outcome } from './outcome.ts'
import { transport } from './transport.ts'

export type { CardKind, Statuses, StatusHook, TaigaConfig, TaigaOptions } from './config.ts'
export { cardUrl } from './link.ts'

/** An adapter for Taiga. */
export type TaigaAdapter<N extends string = string> = Adapter<
  TaigaConfig,
  N,
  typeof actions,
  'story' | 'task' | 'issue'
>

/** Makes an adapter for Taiga. */
export interface Taiga {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = 'taiga'>(options: TaigaOptions<N>): TaigaAdapter<N>
  /**
   * From `TAIGA_PROJECT` or `TAIGA_PROJECT_ID`, `TAIGA_BASE_URL` and `TAIGA_FRONT_URL`, and the secrets that are set:
   * `TAIGA_TOKEN`, else `TAIGA_USERNAME` with `TAIGA_PASSWORD`. `undefined` when project or secret is missing or
   * `TAIGA_ENABLED` is false; throws `CONFIG` when it is true and something is missing.
   */
  fromEnv<const N extends string = 'taiga'>(
    overrides?: Partial<TaigaOptions<N>>,
    env?: Environment,
  ): TaigaAdapter<N> | undefined
}

const check = (config: TaigaConfig): Lookup => ({
  call: call(config, 'GET', 'users/me'),
  captures: { user: '/id' },
})

const make = <const N extends string = 'taiga'>(options: TaigaOptions<N>): TaigaAdapter<N> => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt } = rest
  return {
    name: config.as as N,
    config,
    mode,
    hooks,
    actions,
    // Limits of Taiga's cloud are not published, and a server of one's own has none unless its operator sets some.
    limits: { concurrency: 4, rates: {} },
    check: check(config),
    outcome,
    refs: ['story', 'task', 'issue'],
    link: linkAt(config),
    secrets: config.auth === 'token' ? [config.tokenSecret] : [config.usernameSecret, config.passwordSecret],
    transport: transport(config),
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
  }
}

const fromEnv = <const N extends string = 'taiga'>(
  overrides: Partial<TaigaOptions<N>> = {},
  env: Environment = environment(),
): TaigaAdapter<N> | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/** Sessions in Taiga: `taiga({ project: 'billing' })`, or `taiga.fromEnv()`. */
export const taiga: Taiga = Object.assign(make, { fromEnv })
