import { isTrackerError, uuidFrom } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { linear } from '../src/index.ts'
import {
  ASTERISK,
  actions,
  at,
  byId,
  COMMENT_CREATE,
  COMMENT_UPDATE,
  ID,
  ISSUE_CREATE,
  ISSUE_UPDATE,
  issueStateRead,
  KEY,
  labelRead,
  PROJECT,
  SHORT,
  STATUS_CREATE,
  sent,
  TEAM,
  teamRead,
  teamStateRead,
} from './draft.ts'

const OTHER = '1a2b3c4d-0000-4000-8000-000000000001'
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error) && error.code === 'INVALID_INPUT') return error.message
    throw error
  }
  return 'no error'
}

test('the id of what is made comes from the key', () => {
  expect(uuidFrom(KEY)).toBe(ID)
})

describe('cards', () => {
  const captures = { issueId: '/id', identifier: '/identifier', url: '/url' }
  test('createCard', () => {
    expect(actions.createCard({ title: ' Stop\ndouble charging', text: 'Two *webhooks*' })(at)).toEqual({
      key: KEY,
      action: 'createCard',
      ...sent(ISSUE_CREATE, {
        input: {
          id: ID,
          teamId: TEAM,
          title: 'Stop double charging',
          description: 'Two \\*webhooks\\*',
          projectId: PROJECT,
        },
      }),
      captures: {
        issueId: '/data/issueCreate/issue/id',
        identifier: '/data/issueCreate/issue/identifier',
        url: '/data/issueCreate/issue/url',
      },
      repeat: byId('issues', 'id identifier url', captures),
      asterisk: ASTERISK,
    })
  })
  test('createCard in a team by its key, with a priority', () => {
    const { config } = linear({ teamId: 'bil', priority: 2 })
    const draft = actions.createCard({ title: 'One', text: { markdown: '**bold**' } })({ key: KEY, config })
    expect(draft).toMatchObject({
      payload: {
        variables: {
          input: { id: ID, teamId: { $ref: 'teamUuid' }, title: 'One', description: '**bold**', priority: 2 },
        },
      },
      before: [teamRead('BIL')],
    })
  })
  test('editCard', () => {
    expect(actions.editCard({ issue: { $ref: 'issueId' }, text: '35 %' })(at)).toEqual({
      key: KEY,
      action: 'editCard',
      ...sent(ISSUE_UPDATE, { id: { $ref: 'issueId' }, input: { description: '35 %' } }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    })
  })
  test('createStatus', () => {
    expect(actions.createStatus({ issue: 'bil-212', text: '20 %' })(at)).toEqual({
      key: KEY,
      action: 'createStatus',
      ...sent(STATUS_CREATE, { input: { id: ID, issueId: 'BIL-212', body: '20 %' } }),
      captures: {
        issueId: '/data/commentCreate/comment/issue/id',
        commentId: '/data/commentCreate/comment/id',
        identifier: '/data/commentCreate/comment/issue/identifier',
        url: '/data/commentCreate/comment/issue/url',
      },
      repeat: byId('comments', 'id issue { id identifier url }', {
        issueId: '/issue/id',
        commentId: '/id',
        identifier: '/issue/identifier',
        url: '/issue/url',
      }),
      asterisk: ASTERISK,
    })
  })
  test('editStatus', () => {
    expect(actions.editStatus({ comment: OTHER, text: '35 %' })(at)).toEqual({
      key: KEY,
      action: 'editStatus',
      ...sent(COMMENT_UPDATE, { id: OTHER, input: { body: '35 %' } }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    })
  })
  test('createEntry', () => {
    expect(actions.createEntry({ issue: { $ref: 'issueId' }, text: 'Lock' })(at)).toEqual({
      key: KEY,
      action: 'createEntry',
      ...sent(COMMENT_CREATE, { input: { id: ID, issueId: { $ref: 'issueId' }, body: 'Lock' } }),
      captures: { [`entry-${SHORT}`]: '/data/commentCreate/comment/url' },
      repeat: byId('comments', 'id url issue { id }', { [`entry-${SHORT}`]: '/url' }),
      asterisk: ASTERISK,
    })
  })
})

describe('issues', () => {
  test('createIssue with everything, in another team', () => {
    const draft = actions.createIssue({
      title: 'Lock per invoice',
      description: 'see https://example.com',
      team: 'ops',
      state: 'Todo',
      labels: ['Bug', OTHER, 'agent'],
      assigneeId: OTHER,
      projectId: null,
      priority: 1,
      estimate: 3,
      dueDate: '2026-02-01',
      parent: 'https://linear.app/acme/issue/BIL-212/double-charging',
    })(at)
    expect(draft).toEqual({
      key: KEY,
      action: 'createIssue',
      ...sent(ISSUE_CREATE, {
        input: {
          id: ID,
          teamId: { $ref: 'teamUuid' },
          title: 'Lock per invoice',
          description: 'see `https://example.com`',
          stateId: { $ref: 'stateUuid' },
          labelIds: [{ $ref: 'label0' }, OTHER, { $ref: 'label2' }],
          assigneeId: OTHER,
          projectId: null,
          priority: 1,
          estimate: 3,
          dueDate: '2026-02-01',
          parentId: 'BIL-212',
        },
      }),
      before: [
        teamRead('OPS'),
        teamStateRead({ key: { eq: 'OPS' } }, 'Todo'),
        labelRead({ key: { eq: 'OPS' } }, 'Bug', 0),
        labelRead({ key: { eq: 'OPS' } }, 'agent', 2),
      ],
      captures: { [`issue-${SHORT}`]: '/data/issueCreate/issue/url' },
      repeat: byId('issues', 'id identifier url', { [`issue-${SHORT}`]: '/url' }),
      asterisk: ASTERISK,
    })
  })
  test('createSubIssue', () => {
    expect(actions.createSubIssue({ parent: 'BIL-212', title: 'Lock' })(at)).toMatchObject({
      action: 'createSubIssue',
      payload: {
        variables: {
          input: { id: ID, teamId: TEAM, title: 'Lock', projectId: PROJECT, parentId: 'BIL-212' },
        },
      },
    })
    expect(refusal(() => actions.createSubIssue({ title: 'Lock' } as never))).toMatch(
      /^createSubIssue: parent: must be an issue/,
    )
  })
  test('updateIssue clears with null, and the last word on the same fields counts', () => {
    expect(actions.updateIssue({ issue: 'BIL-212', title: 'Two', dueDate: null, state: 'Todo' })(at)).toEqual(
      {
        key: KEY,
        action: 'updateIssue',
        ...sent(ISSUE_UPDATE, {
          id: 'BIL-212',
          input: { title: 'Two', dueDate: null, stateId: { $ref: 'stateUuid' } },
        }),
        before: [issueStateRead('BIL-212', 'Todo')],
        repeat: 'safe',
        coalesce: { name: 'issue dueDate stateId title BIL-212' },
      },
    )
    expect(refusal(() => actions.updateIssue({ issue: 'BIL-212' }))).toBe(
      'updateIssue: nothing to change was given.',
    )
  })
  test("'session' is the session's own issue", () => {
    const { setState, createComment } = actions
    expect(setState({ issue: 'session', state: 'Done' })(at)).toEqual(
      setState({ issue: { $ref: 'issueId' }, state: 'Done' })(at),
    )
    expect(createComment({ issue: 'session', text: 'x' })(at)).toMatchObject({
      payload: { variables: { input: { issueId: { $ref: 'issueId' } } } },
    })
  })
  test('setState by name, of a captured issue and of another', () => {
    expect(actions.setState({ issue: { $ref: 'issueId' }, state: 'Done' })(at)).toEqual({
      key: KEY,
      action: 'setState',
      ...sent(ISSUE_UPDATE, { id: { $ref: 'issueId' }, input: { stateId: { $ref: 'stateUuid' } } }),
      before: [issueStateRead({ $ref: 'issueId' }, 'Done')],
      repeat: 'safe',
      coalesce: { name: 'state' },
    })
    expect(actions.setState({ issue: 'BIL-1', state: OTHER.toUpperCase() })(at)).toEqual({
      key: KEY,
      action: 'setState',
      ...sent(ISSUE_UPDATE, { id: 'BIL-1', input: { stateId: OTHER } }),
      repeat: 'safe',
      coalesce: { name: 'state BIL-1' },
    })
  })
})
