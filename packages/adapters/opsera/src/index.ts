/**
 * Mirrors sessions into Opsera: a project per session, or a place below the assets of one that they share, edited in
 * place. What Opsera documents nowhere is configurable, and the adapter previews unless it is told to send.
 * @module opsera
 */
import { type Adapter, type Environment, environment, type Limits } from '@sessionwire/core/adapter'
import { projectList } from './actions/call.ts'
import { actions } from './actions.ts'
import { checkOptions, type OpseraConfig, optionsFrom } from './config.ts'
import { hooks } from './hooks.ts'
import type { OpseraOptions } from './options.ts'
import { outcomeOf } from './outcome.ts'

export type { OpseraConfig } from './config.ts'
export type { Hierarchy, OpseraOptions, OrgIn, Paths, Pointers } from './options.ts'

/** Opsera documents no limits: one request at a time, and one a second on the long run. */
const LIMITS: Limits = { concurrency: 1, rates: { requests: { count: 60, perMs: 60_000 } } }

/** An adapter for Opsera. */
export type OpseraAdapter<N extends string = string> = Adapter<OpseraConfig, N, typeof actions, 'project'>

/** Makes an adapter for Opsera. */
export interface Opsera {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = 'opsera'>(options: OpseraOptions<N>): OpseraAdapter<N>
  /**
   * From `OPSERA_BASE_URL`, `OPSERA_PROJECT_ID` and `OPSERA_API_KEY`; `undefined` when address or secret is missing or
   * `OPSERA_ENABLED` is false. `OPSERA_ORG_ID` is read when `orgIn` says where it goes. Throws `CONFIG` when it is
   * enabled and something is missing.
   */
  fromEnv<const N extends string = 'opsera'>(
    overrides?: Partial<OpseraOptions<N>>,
    env?: Environment,
  ): OpseraAdapter<N> | undefined
}

const make = <const N extends string = 'opsera'>(options: OpseraOptions<N>): OpseraAdapter<N> => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt } = rest
  return {
    name: config.as as N,
    config,
    mode,
    hooks,
    actions,
    limits: LIMITS,
    check: { call: projectList(config).call },
    outcome: outcomeOf(config),
    refs: ['project'],
    secrets: [config.secret],
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
  }
}

const fromEnv = <const N extends string = 'opsera'>(
  overrides: Partial<OpseraOptions<N>> = {},
  env: Environment = environment(),
): OpseraAdapter<N> | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/** Sessions in Opsera: `opsera({ baseUrl: 'https://app.opsera.io' })`, or `opsera.fromEnv()`. */
export const opsera: Opsera = Object.assign(make, { fromEnv })
