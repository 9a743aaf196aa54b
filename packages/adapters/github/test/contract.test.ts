import type { Reply } from '@sessionwire/core/adapter'
import { adapterSuite } from '@sessionwire/core/testing'
import { describe, test } from 'vitest'
import { thin } from '../../../../test/sample.ts'
import { type GithubOptions, github } from '../src/index.ts'
import { hostileGithub } from '../src/testing.ts'

const token = 'ghp_canary4f7a91c2e0'
const commit = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d'

const refused = (status: number, message: string, errors?: readonly object[]): Reply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.parse(JSON.stringify({ message, errors, documentation_url: 'https://docs.github.com/rest' })),
})

const failures: readonly Reply[] = [
  refused(401, 'Bad credentials'),
  refused(403, 'Resource not accessible by personal access token'),
  refused(403, 'You have exceeded a secondary rate limit'),
  refused(404, 'Not Found'),
  refused(410, 'Issues has been disabled in this repository.'),
  refused(422, 'Validation Failed', [{ resource: 'Issue', field: 'title', code: 'missing_field' }]),
  refused(422, 'was submitted too quickly'),
  refused(200, 'Server Error'),
]

const suite = adapterSuite({
  make: options =>
    github({
      owner: 'acme',
      repo: 'billing',
      labels: ['bug'],
      statuses: { close: 'completed', resume: 'open' },
      ...options,
    } as GithubOptions),
  secrets: { GITHUB_TOKEN: token },
  fromEnv: {
    make: env => github.fromEnv({}, env),
    settings: { GITHUB_REPO_OWNER: 'acme', GITHUB_REPO_NAME: 'billing' },
  },
  wrong: [
    { options: { owner: 'acme/billing' }, field: 'github.owner' },
    { options: { repo: '..' }, field: 'github.repo' },
    { options: { repo: 'a/b' }, field: 'github.repo' },
    { options: { labels: [''] }, field: 'github.labels.0' },
    { options: { check: 'yes' }, field: 'github.check' },
    { options: { statuses: { close: 'Done' } }, field: 'github.statuses.close' },
    { options: { secrets: { GITHUB_TOKEN: 'ghp_x-1' } }, field: 'github.secrets.GITHUB_TOKEN' },
    { options: { baseUrl: 'http://github.example' }, field: 'github.baseUrl' },
    { options: { baseUrl: 'https://github.com' }, field: 'github.baseUrl' },
    { options: { baseUrl: 'https://www.github.com/acme/billing' }, field: 'github.baseUrl' },
    { options: { auth: 'oauth' }, field: 'github.auth' },
  ],
  refs: { issue: '12', commit },
  failures,
  service: async () => {
    const server = await hostileGithub({ token })
    return {
      server,
      options: { baseUrl: server.url },
      inputOf: (action, example) => {
        // Only an app may make check runs; `createCheck` of the hooks has its own tests.
        if (/CheckRun$/.test(action)) return undefined
        const given = example as Readonly<Record<string, unknown>>
        const [issue] = server.issues()
        const comment = issue?.comments.at(-1)?.id
        const pull = 'pull' in given ? server.addIssue('Lock', { sha: commit }) : undefined
        const known = { issue: issue?.number, comment, pull }
        return Object.fromEntries(
          Object.entries(given).map(([name, value]) => [name, known[name as keyof typeof known] ?? value]),
        )
      },
      inspect: () => ({
        cards: server.issues().length,
        entries: server.issues().flatMap(({ comments }) => comments).length,
      }),
    }
  },
})

describe('the adapter contract', () => {
  for (const { name, run } of thin(suite, 'github')) test(name, run)
})
