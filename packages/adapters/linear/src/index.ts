/**
 * Mirrors sessions into Linear: an issue or one status comment per session, edited in place, with decisions and
 * blockers as comments below it.
 * @module linear
 */
import { type Adapter, type Environment, environment, type Limits } from '@sessionwire/core/adapter'
import { check } from './actions/workspace.ts'
import { actions } from './actions.ts'
import { checkOptions, type LinearConfig, type LinearOptions, optionsFrom } from './config.ts'
import { hooks } from './hooks.ts'
import { link } from './link.ts'
import { outcome } from './outcome.ts'

export type { LinearConfig, LinearOptions, StateHook, States } from './config.ts'

/**
 * Somewhat below what Linear allows per hour and user (2,500 with a key, 5,000 with OAuth), in slices of five minutes,
 * so that a burst leaves room for whoever else uses the same key. https://linear.app/developers/rate-limiting
 */
const SLICE_MS = 300_000
const REQUESTS = { apiKey: 200, oauth: 400 } as const

const limitsOf = ({ auth }: LinearConfig): Limits => ({
  concurrency: 4,
  rates: {
    requests: { count: REQUESTS[auth], perMs: SLICE_MS },
    search: { count: 25, perMs: 60_000 },
  },
})

/** An adapter for Linear. */
export type LinearAdapter<N extends string = string> = Adapter<LinearConfig, N, typeof actions, 'issue'>

/** Makes an adapter for Linear. */
export interface Linear {
  /** Throws `CONFIG` naming the option that is wrong. */
  <const N extends string = 'linear'>(options: LinearOptions<N>): LinearAdapter<N>
  /**
   * From `LINEAR_TEAM_ID`, `LINEAR_PROJECT_ID` and the secret that is set: `LINEAR_API_KEY`, else `LINEAR_OAUTH_TOKEN`.
   * `undefined` when team or secret is missing or `LINEAR_ENABLED` is false; throws `CONFIG` when it is true and
   * something is missing.
   */
  fromEnv<const N extends string = 'linear'>(
    overrides?: Partial<LinearOptions<N>>,
    env?: Environment,
  ): LinearAdapter<N> | undefined
}

const make = <const N extends string = 'linear'>(options: LinearOptions<N>): LinearAdapter<N> => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt } = rest
  return {
    name: config.as as N,
    config,
    mode,
    hooks,
    actions,
    limits: limitsOf(config),
    check: check(config),
    outcome,
    refs: ['issue'],
    link,
    secrets: [config.secret],
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
  }
}

const fromEnv = <const N extends string = 'linear'>(
  overrides: Partial<LinearOptions<N>> = {},
  env: Environment = environment(),
): LinearAdapter<N> | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/** Sessions in Linear: `linear({ teamId: 'BIL' })`, or `linear.fromEnv()`. */
export const linear: Linear = Object.assign(make, { fromEnv })
