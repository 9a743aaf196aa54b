import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { markdown, markOf, withMark } from '../text.ts'
import { call, linkName } from './call.ts'
import { Body, Branch, Issue, Line, Login, numberOf } from './input.ts'

/** Writes of pull requests. */
export const pulls = {
  createPullRequest: action(
    'createPullRequest',
    z.strictObject({
      title: Line,
      body: z.optional(Body),
      /** Branch with the changes; `owner:branch` for a fork. */
      head: Branch,
      /** Branch that they go into. */
      base: Branch,
      draft: z.boolean().optional(),
    }),
    ({ title, body, head, base, draft }, { key, config }: Here) => {
      const text =
        body === undefined
          ? ''
          : markdown.text(body, { links: config.links, maxLength: config.maxLength - 100 })
      const captures = { [linkName('pull', key)]: '/number' }
      return {
        ...call(config, 'POST', '/pulls', {
          payload: { title, head, base, draft, body: withMark(text, key) },
        }),
        captures,
        repeat: {
          by: 'mark',
          call: call(config, 'GET', '/pulls', {
            query: {
              state: 'all',
              head: head.includes(':') ? head : `${config.owner}:${head}`,
              base,
              per_page: 100,
            },
          }),
          list: '',
          where: { pointer: '/body', contains: markOf(key) },
          next: { link: 'next' },
          captures,
        },
      }
    },
    {
      about: 'Opens a pull request of a branch that is there already.',
      example: { title: 'Lock per invoice', head: 'fix/locks', base: 'main', body: 'One lock each.' },
    },
  ),
  requestReview: action(
    'requestReview',
    z
      .strictObject({
        pull: Issue,
        reviewers: z.array(Login).max(15).optional(),
        /** Slugs of teams. */
        teams: z
          .array(z.string().regex(/^[\w-]{1,100}$/, 'expected the slug of a team'))
          .max(15)
          .optional(),
      })
      .refine(
        ({ reviewers = [], teams = [] }) => reviewers.length + teams.length > 0,
        'expected reviewers or teams',
      ),
    ({ pull, reviewers, teams }, { config }: Here) => ({
      ...call(config, 'POST', `/pulls/${numberOf(pull, config)}/requested_reviewers`, {
        payload: { reviewers, team_reviewers: teams },
      }),
      repeat: 'safe',
    }),
    {
      about: 'Asks users and teams to review a pull request.',
      example: { pull: 13, reviewers: ['octocat'] },
    },
  ),
}
