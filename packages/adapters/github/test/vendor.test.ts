import { request as octokit } from '@octokit/request'
import type { Descriptor, HttpCall, Json, Lookup } from '@sessionwire/core/adapter'
import { type Logged, plainSender } from '@sessionwire/core/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { github } from '../src/index.ts'
import { type HostileGithub, hostileGithub } from '../src/testing.ts'
import { problemsOf } from './openapi.ts'

/*
 * GitHub's own client against the hostile GitHub: its requests are compared with ours. And every action of the adapter against
 * the OpenAPI document that GitHub publishes.
 */

const SHA = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'

let service: HostileGithub
beforeEach(async () => {
  service = await hostileGithub({ isAppToken: true })
})
afterEach(() => service.close())

const adapterOf = () => github({ owner: 'acme', repo: 'billing', baseUrl: service.url })

const fill = (value: unknown, extra: Readonly<Record<string, Json>>): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null),
    (_, each) => extra[each?.$ref] ?? (each?.$attempt === undefined ? each : '2026-01-01T00:00:00Z'),
  )

/** Sends one of our calls, its placeholders filled by hand. */
const send = async (call: unknown, extra: Readonly<Record<string, Json>> = {}): Promise<Logged> => {
  const { kind, method, endpoint, headers, auth, query, payload, encoding } = fill(call, extra) as HttpCall
  const address = String(endpoint).replace(/\{(\w+)\}/g, (_, name: string) => String(extra[name]))
  await plainSender({ GITHUB_TOKEN: 'ghp_test' }).send(
    Object.fromEntries(
      Object.entries({ kind, method, endpoint: address, headers, auth, query, payload, encoding }).filter(
        ([, value]) => value !== undefined,
      ),
    ) as unknown as HttpCall,
    { timeoutMs: 5_000 },
  )
  return last()
}
const last = (): Logged => {
  const found = service.requests().at(-1)
  if (found === undefined) throw new Error('nothing was asked')
  return found
}
const stepOf = (name: string, input: object): Descriptor => {
  const adapter = adapterOf()
  const action = (
    adapter.actions as unknown as Readonly<Record<string, (input: object) => (at: object) => Descriptor>>
  )[name]
  if (action === undefined) throw new Error(`no ${name}`)
  return action(input)({ key: 'event/github/0', config: adapter.config })
}

const REPO = { owner: 'acme', repo: 'billing' } as const
/** What matters of a request, decoded. */
const decode = ({ method, path, query, headers, body }: Logged) => ({
  method,
  path,
  query,
  authorization: headers.authorization?.replace(/^token /, 'Bearer '),
  type: headers['content-type']?.split(';')[0],
  body,
})

const client = () =>
  octokit.defaults({
    baseUrl: service.url,
    headers: { authorization: 'token ghp_test' },
  })

describe("GitHub's own client and ours send the same", () => {
  const same = async (theirs: () => Promise<unknown>, name: string, input: object) => {
    await theirs()
    const expected = decode(last())
    const mine = await send(stepOf(name, input))
    expect(mine.answer?.status, JSON.stringify(mine.answer)).toBeLessThan(300)
    expect(decode(mine)).toMatchObject(expected)
  }
  beforeEach(() => {
    service.addIssue('One')
    service.addIssue('Two', { sha: SHA })
  })

  test('issue, state, labels, comment, review, status', async () => {
    const api = client()
    await same(
      () =>
        api('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
          ...REPO,
          issue_number: 1,
          state: 'closed',
          state_reason: 'completed',
        }),
      'setStatus',
      { issue: 1, status: 'completed' },
    )
    await same(
      () =>
        api('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
          ...REPO,
          issue_number: 1,
          assignees: ['octocat'],
        }),
      'assign',
      { issue: 1, assignee: 'octocat' },
    )
    await same(
      () =>
        api('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          ...REPO,
          issue_number: 1,
          labels: ['bug'],
        }),
      'addLabels',
      { issue: 1, labels: ['bug'] },
    )
    await same(
      () =>
        api('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
          ...REPO,
          pull_number: 2,
          reviewers: ['octocat'],
        }),
      'requestReview',
      { pull: 2, reviewers: ['octocat'] },
    )
    await same(
      () =>
        api('POST /repos/{owner}/{repo}/statuses/{sha}', {
          ...REPO,
          sha: SHA,
          state: 'success',
          context: 'sessionwire',
        }),
      'setCommitStatus',
      { commit: SHA, state: 'success' },
    )
  })

  test('its client finds the hostile GitHub a GitHub: errors, pages, redirects', async () => {
    const api = client()
    await expect(
      api('GET /repos/{owner}/{repo}/issues/{issue_number}', { ...REPO, issue_number: 99 }),
    ).rejects.toMatchObject({ status: 404 })
    const { data, headers } = await api('GET /repos/{owner}/{repo}/issues', {
      ...REPO,
      state: 'all',
      per_page: 1,
    })
    expect((data as readonly unknown[]).length).toBe(1)
    expect(headers.link).toMatch(
      /^<http:\/\/127\.0\.0\.1:\d+\/repos\/acme\/billing\/issues\?.*page=2>; rel="next"$/,
    )
    service.rename('acme/invoices')
    const moved = await api('GET /repos/{owner}/{repo}/issues/{issue_number}', { ...REPO, issue_number: 1 })
    expect(moved.data).toMatchObject({ number: 1, repository_url: `${service.url}/repos/acme/invoices` })
  })
})

describe('GitHub documents every request and every answer of', () => {
  const adapter = github({ owner: 'acme', repo: 'billing' })
  test.for(Object.keys(adapter.actions))('%s', async name => {
    service.addIssue('One')
    const pull = service.addIssue('Two', { sha: SHA })
    const comment = (await send(stepOf('createComment', { issue: 1, body: 'Here' }))).answer?.body
    const run = (await send(stepOf('createCheckRun', adapter.actions.createCheckRun.example))).answer?.body
    const action = adapterOf().actions[name as keyof typeof adapter.actions]
    const numbers: Readonly<Record<string, unknown>> = {
      issue: 1,
      pull,
      comment: (comment as { id: number }).id,
      run: (run as { id: number }).id,
    }
    const moved = JSON.parse(JSON.stringify(action.example), (key, value) =>
      typeof value === 'number' ? (numbers[key] ?? value) : value,
    )
    if (action.effect === 'read') {
      const build = action.build as unknown as (value: object, at: object) => Lookup
      const lookup = build(action.input.parse(moved), { key: 'read', config: adapterOf().config })
      expect(problemsOf(await send(lookup.call))).toEqual([])
      return
    }
    const descriptor = stepOf(name, moved)
    expect(problemsOf(await send(descriptor))).toEqual([])
    if (typeof descriptor.repeat === 'object')
      expect(problemsOf(await send(descriptor.repeat.call))).toEqual([])
  })
})
