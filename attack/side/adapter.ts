import type { Rate } from '@sessionwire/core/adapter'
import { type AnyAdapter, httpOutcome } from '@sessionwire/core/adapter'

/** The orders of a worker. */
export type SideOrders = Readonly<{
  path: string
  origin: string
  token?: string
  rate?: Rate
  pollMs?: number
}>

/** One thing that a worker did with its store: it looked at the pauses, as every poll does, or claimed. */
export type Poll = Readonly<{ did: 'look' | 'claim nothing' | 'claim'; at: number }>

/** The report of a worker at its end. */
export type SideReport = Readonly<{
  delivered: number
  problems: readonly string[]
  polls: readonly Poll[]
}>

/** The limit of the service, which the adapter declares: so many calls at once, and in a stretch of time. */
export const CONCURRENCY = 3
export const RATE: Rate = { count: 40, perMs: 1_000 }

/** An adapter of a service that needs a token; `update` posts a number in the session's order. */
export const sideAdapter = (origin: string, rate = RATE): AnyAdapter => ({
  name: 'side',
  config: { origin },
  mode: 'execute',
  actions: {},
  secrets: ['SIDE_TOKEN'],
  origins: [origin],
  limits: { concurrency: CONCURRENCY, rates: { posts: rate } },
  outcome: httpOutcome,
  check: {
    call: {
      kind: 'http',
      method: 'GET',
      endpoint: `${origin}/me`,
      auth: { header: 'authorization', secret: 'SIDE_TOKEN' },
    },
  },
  hooks: {
    update: (payload, session) => [
      ({ key }) => ({
        key,
        action: 'post',
        kind: 'http',
        method: 'POST',
        endpoint: `${origin}/posts`,
        auth: { header: 'authorization', secret: 'SIDE_TOKEN' },
        payload: { lane: session.id, text: payload.description },
        limit: 'posts',
        repeat: 'unsafe',
      }),
    ],
  },
})
