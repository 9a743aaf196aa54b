/**
 * Mirrors sessions into Taiga: a user story, task or issue per session, or one status comment below one that exists
 * already, edited in place, with decisions and blockers as comments below it.
 * @module taiga
 */
import { type Adapter, type AdapterFactory, defineAdapter, environment } from '@sessionwire/core/adapter'
import { call } from './actions/call.ts'
import { readOf } from './actions/input.ts'
import { actions } from './actions.ts'
import {
  CARD_KINDS,
  configure,
  conflicts,
  options,
  secrets,
  type TaigaConfig,
  type TaigaOptions,
  ways,
} from './config.ts'
import { describe } from './describe.ts'
import { hooks } from './hooks.ts'
import { link } from './link.ts'
import { isOwn, outcome } from './outcome.ts'
import { probes } from './probes.ts'
import { transport } from './transport.ts'

export type { CardKind, TaigaConfig, TaigaOptions } from './config.ts'
export { cardUrl } from './link.ts'

type Refs = 'story' | 'task' | 'issue'

/** An adapter for Taiga. */
export type TaigaAdapter<N extends string = string> = Adapter<TaigaConfig, N, typeof actions, Refs>

type Factory = AdapterFactory<TaigaOptions, TaigaConfig, typeof actions, 'taiga', Refs>

const make: Factory = defineAdapter({
  service: 'taiga',
  options,
  secrets,
  ways,
  env: {
    baseUrl: 'TAIGA_BASE_URL',
    frontUrl: 'TAIGA_FRONT_URL',
    loginType: 'TAIGA_LOGIN_TYPE',
    project: 'TAIGA_PROJECT',
    projectId: 'TAIGA_PROJECT_ID',
  },
  oneOf: [['project', 'projectId']],
  conflicts,
  configure,
  actions,
  hooks,
  outcome,
  isOwn,
  // Limits of Taiga's cloud are not published, and a server of one's own has none unless its operator sets some.
  limits: { concurrency: 4, rates: {} },
  check: config => ({ call: call(config, 'GET', 'users/me'), captures: { user: '/id' } }),
  account: '/id',
  probes,
  cardLookups: config =>
    CARD_KINDS.map(kind => {
      const { call, noun } = readOf(config, kind, { by: 'session' })
      return { call, noun }
    }),
  refs: ['story', 'task', 'issue'],
  link,
  origins: ({ baseUrl }) => [baseUrl],
  transport,
  describe,
})

// A project that is given replaces both variables: the environment may name another one in the other way.
const fromEnv = (overrides: Partial<TaigaOptions> = {}, env = environment()) => {
  const isGiven = overrides.project !== undefined || overrides.projectId !== undefined
  const { TAIGA_PROJECT: _, TAIGA_PROJECT_ID: __, ...rest } = env
  return make.fromEnv(overrides, isGiven ? rest : env)
}

/** Sessions in Taiga: `taiga({ project: 'billing' })`, or `taiga.fromEnv()`. */
export const taiga: Factory = Object.assign((options: TaigaOptions) => make(options), { fromEnv }) as Factory
