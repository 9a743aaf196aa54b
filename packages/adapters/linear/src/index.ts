/**
 * Sessions in Linear: an issue or one status comment per session, edited in place, with decisions and blockers as
 * comments below it.
 * @module linear
 */
import { type Adapter, type AdapterFactory, defineAdapter } from '@sessionwire/core/adapter'
import { cardLookups, removeCardLink, removeComment } from './actions/cards.ts'
import { issueIn, issueUrl } from './actions/input.ts'
import { check, probes } from './actions/workspace.ts'
import { actions } from './actions.ts'
import { type LinearConfig, type LinearOptions, options, secrets, ways } from './config.ts'
import { describe } from './describe.ts'
import { hooks } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'

export type { LinearConfig, LinearOptions } from './config.ts'

/** An adapter for Linear. */
export type LinearAdapter<N extends string = string> = Adapter<LinearConfig, N, typeof actions, 'issue'>

/** Sessions in Linear: `linear({ teamId: 'BIL' })`, or `linear.fromEnv()`. */
export const linear: AdapterFactory<LinearOptions, LinearConfig, typeof actions, 'linear', 'issue'> =
  defineAdapter({
    service: 'linear',
    options,
    secrets,
    ways,
    env: { teamId: 'LINEAR_TEAM_ID', projectId: 'LINEAR_PROJECT_ID' },
    actions,
    hooks,
    outcome,
    isOwn,
    /**
     * Slightly below what Linear allows per hour and user (2,500 with a key, 5,000 with OAuth), in slices of five minutes, so
     * that a burst leaves room for others with the same key. https://linear.app/developers/rate-limiting
     */
    limits: ({ auth }) => ({
      concurrency: 4,
      rates: {
        requests: { count: auth === 'oauth' ? 400 : 200, perMs: 300_000 },
        search: { count: 25, perMs: 60_000 },
      },
    }),
    check,
    account: '/data/viewer/id',
    probes,
    cardLookups,
    refs: { issue: issueIn },
    link: ({ refs, captured }) => issueUrl(captured.url) ?? issueUrl(refs.issue),
    removals: { createEntry: removeComment, createComment: removeComment, linkCard: removeCardLink },
    origins: ({ baseUrl }) => [baseUrl],
    describe,
  })
