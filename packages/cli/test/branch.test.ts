import { expect, test } from 'vitest'
import { issueOfBranch } from '../src/workspace/branch.ts'

const jira = { name: 'jira', refs: ['issue'], config: { projectKey: 'BIL' } }
const linear = { name: 'linear', refs: ['issue'], config: { teamId: 'OPS' } }
const other = { name: 'linear', refs: ['issue'], config: { teamId: '11111111-2222-3333-4444-555555555555' } }
const slack = { name: 'slack', refs: ['thread'], config: { projectKey: 'BIL' } }

test.for([
  ['feature/BIL-212-lock', { jira: { issue: 'BIL-212' } }],
  ['bil-7', { jira: { issue: 'BIL-7' } }],
  ['ada/ops-12_bil-3', { linear: { issue: 'OPS-12' }, jira: { issue: 'BIL-3' } }],
  ['BIL-1/BIL-2', { jira: { issue: 'BIL-1' } }],
  ['release-2', {}],
  ['mobil-212', {}],
  ['BIL-212x', {}],
  ['main', {}],
  ['gh-12', {}],
  [undefined, {}],
] as const)('the branch %s names %j', ([branch, expected]) =>
  expect(issueOfBranch(branch, [jira, linear, slack])).toEqual(expected),
)

test.for([
  ['gh-12', '12'],
  ['ada/issue-7-fix', '7'],
  ['issues/3', '3'],
] as const)('the branch %s names issue %s of a repository', ([branch, issue]) =>
  expect(
    issueOfBranch(branch, [{ name: 'github', refs: ['issue'], config: { owner: 'o', repo: 'r' } }]),
  ).toEqual({
    github: { issue },
  }),
)

test('a team that is known by its UUID alone adopts nothing', () =>
  expect(issueOfBranch('OPS-12', [other])).toEqual({}))
