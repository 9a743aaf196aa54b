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

const make = <const N extends string = 'linear'>(
  options: LinearOptions<N>,
): Adapter<LinearConfig, N, typeof actions> => {
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
    secrets: [config.secret],
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
  }
}

const fromEnv = <const N extends string = 'linear'>(
  overrides: Partial<LinearOptions<N>> = {},
  env: Environment = environment(),
): Adapter<LinearConfig, N, typeof actions> | undefined => {
  const options = optionsFrom(env, overrides)
  return options === undefined ? undefined : make(options)
}

/**
 * Makes the Linear adapter. Throws `CONFIG` naming the option at fault. `linear.fromEnv(overrides?, env?)` takes
 * `LINEAR_TEAM_ID`, `LINEAR_PROJECT_ID` and `LINEAR_ENABLED` from the environment and uses OAuth where only
 * `LINEAR_OAUTH_TOKEN` is set; it gives `undefined` when Linear is not configured there.
 */
export const linear = Object.assign(make, { fromEnv })
