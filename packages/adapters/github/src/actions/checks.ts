import { action, type Json, lineInput, omitUndefined, step, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { GithubConfig, Here } from '../config.ts'
import { markdown } from '../text.ts'
import { call, linkName } from './call.ts'
import { Body, Id, Line, Sha, Web } from './input.ts'

/** Longest summary of a check run, in characters: GitHub's OpenAPI document says 65,535. */
const SUMMARY_UNITS = 60_000

const Conclusion = z.literal([
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
])
const Output = z.strictObject({ title: Line, summary: Body })
const State = {
  status: z.literal(['queued', 'in_progress']).optional(),
  /** Ends the run. */
  conclusion: Conclusion.optional(),
  output: Output.optional(),
  detailsUrl: Web.optional(),
}
const one = <T extends Readonly<{ status?: unknown; conclusion?: unknown }>>({ status, conclusion }: T) =>
  status === undefined || conclusion === undefined
const ONE = 'expected a status or a conclusion, not both'

type RunState = Readonly<{
  status?: string | undefined
  conclusion?: string | undefined
  output?: z.output<typeof Output> | undefined
  detailsUrl?: string | undefined
}>

const stateOf = ({ status, conclusion, output, detailsUrl }: RunState, { links }: GithubConfig) => ({
  status,
  conclusion,
  details_url: detailsUrl,
  output:
    output === undefined
      ? undefined
      : {
          title: output.title,
          summary: markdown.text(output.summary, { links, maxLength: SUMMARY_UNITS }),
        },
})

/** A commit as calls name it: its hash, or the head of a pull request, which is read before. */
export type Commit = Readonly<{ sha: string }> | Readonly<{ pull: 'session' }>

/** The hash of a commit in a call, and in a path. */
const shaOf = (commit: Commit) =>
  'sha' in commit
    ? { value: commit.sha, path: commit.sha }
    : { value: { $ref: 'head' } as Json, path: '{head}' }

const readHead = (commit: Commit, config: GithubConfig) =>
  'sha' in commit
    ? {}
    : {
        before: [
          {
            call: call(config, 'GET', '/pulls/{issue}'),
            captures: { head: '/head/sha' },
            noun: 'pull request',
          },
        ],
      }

/** A new check run with an id of ours, found again by it. `capture` is the name of its number. */
export const newRun = (name: string, commit: Commit, state: Json, capture: string, { key, config }: Here) => {
  const id = uuidFrom(key)
  const { value, path } = shaOf(commit)
  const captures = { [capture]: '/id' }
  return {
    ...call(config, 'POST', '/check-runs', {
      payload: { name, head_sha: value, external_id: id, ...(state as object) },
    }),
    ...readHead(commit, config),
    captures,
    repeat: {
      by: 'id' as const,
      call: call(config, 'GET', `/commits/${path}/check-runs`, {
        query: { check_name: name, filter: 'all', per_page: 100 },
      }),
      list: '/check_runs',
      where: { pointer: '/external_id', equals: id },
      next: { link: 'next' },
      captures,
    },
  }
}

/** Edits the check run of the session. */
export const editRun = (state: Json) =>
  step('editCheck', ({ config }: Here) => ({
    ...call(config, 'PATCH', '/check-runs/{checkRun}', { payload: state as Readonly<Record<string, Json>> }),
    repeat: 'safe',
    coalesce: { name: 'check', everyMs: 5_000 },
  }))

/** Sets a commit status: GitHub shows the newest of a context, so that a repeat changes nothing. */
export const newStatus = (
  commit: Commit,
  status: Readonly<{
    state: string
    context: string
    description?: string | undefined
    target_url?: string | undefined
  }>,
  { config }: Here,
) => ({
  ...call(config, 'POST', `/statuses/${shaOf(commit).path}`, { payload: status }),
  ...readHead(commit, config),
  repeat: 'safe' as const,
})

/** Writes of checks and commit statuses. */
export const checks = {
  createCheckRun: action(
    'createCheckRun',
    z.strictObject({ name: Line, commit: Sha, ...State }).refine(one, ONE),
    ({ name, commit, ...state }, at: Here) =>
      newRun(
        name,
        { sha: commit },
        omitUndefined<Json>(stateOf(state, at.config)),
        linkName('check', at.key),
        at,
      ),
    {
      about: 'Creates a check run on a commit; only a GitHub App may.',
      example: {
        name: 'review',
        commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d',
        status: 'in_progress',
        output: { title: 'Under review', summary: 'Two files are left.' },
      },
    },
  ),
  editCheckRun: action(
    'editCheckRun',
    z.strictObject({ run: Id, ...State }).refine(one, ONE),
    ({ run, ...state }, { config }: Here) => ({
      ...call(config, 'PATCH', `/check-runs/${run}`, { payload: stateOf(state, config) }),
      repeat: 'safe',
      coalesce: { name: `check ${run}` },
    }),
    { about: 'Edits or ends a check run.', example: { run: 4, conclusion: 'success' } },
  ),
  setCommitStatus: action(
    'setCommitStatus',
    z.strictObject({
      commit: Sha,
      state: z.literal(['error', 'failure', 'pending', 'success']),
      /** Tells it from other statuses of the commit. */
      context: z.optional(Line).default('sessionwire'),
      /** One line, cut to 140 UTF-16 units. */
      description: z.optional(lineInput(140)),
      url: Web.optional(),
    }),
    ({ commit, state, context, description, url }, at: Here) => ({
      ...newStatus({ sha: commit }, { state, context, description, target_url: url }, at),
      coalesce: { name: `commit ${commit} ${context}` },
    }),
    {
      about: 'Sets a status of a commit.',
      example: { commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d', state: 'success' },
    },
  ),
}
