import { isTrackerError, uuidFrom } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import {
  ASTERISK,
  actions,
  at,
  byId,
  ID,
  ISSUE_CREATE,
  ISSUE_UPDATE,
  issueStateRead,
  KEY,
  labelRead,
  PROJECT,
  SHORT,
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

describe('issues', () => {
  test('createIssue with everything, in another team', () => {
    const draft = actions.createIssue({
      title: 'Lock per invoice',
      body: 'see https://example.com',
      team: 'ops',
      status: 'Todo',
      labels: ['Bug', OTHER, 'agent'],
      assignee: OTHER,
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
    expect(actions.createSubIssue({ title: 'Lock' })(at)).toMatchObject({
      payload: { variables: { input: { parentId: { $ref: 'issueId' } } } },
    })
    expect(refusal(() => actions.createSubIssue({ title: 'Lock', parent: 'the billing issue' }))).toBe(
      'createSubIssue.parent: invalid value; expected an issue: its identifier (BIL-212), its UUID or its address, or "session", got the string "the billing issue".',
    )
  })
  test('updateIssue clears with null, and the last word on the same fields counts', () => {
    expect(
      actions.updateIssue({ issue: 'BIL-212', title: 'Two', dueDate: null, status: 'Todo' })(at),
    ).toEqual({
      key: KEY,
      action: 'updateIssue',
      ...sent(ISSUE_UPDATE, {
        id: 'BIL-212',
        input: { title: 'Two', dueDate: null, stateId: { $ref: 'stateUuid' } },
      }),
      before: [issueStateRead('BIL-212', 'Todo')],
      repeat: 'safe',
      coalesce: { name: 'issue dueDate stateId title BIL-212' },
    })
    expect(refusal(() => actions.updateIssue({ issue: 'BIL-212' }))).toBe(
      'updateIssue: invalid value; expected at least one field to change, got an object.',
    )
  })
  test("an issue that is left out, or the word session, is the session's own", () => {
    const own = { payload: { variables: { input: { issueId: { $ref: 'issueId' } } } } }
    expect(actions.createComment({ body: 'x' })(at)).toMatchObject(own)
    expect(actions.createComment({ issue: 'session', body: 'x' })(at)).toMatchObject(own)
  })
  test("setStatus by name, of the session's own issue and of another, never before what was planned earlier", () => {
    expect(actions.setStatus({ status: 'Done' })(at)).toEqual({
      key: KEY,
      action: 'setStatus',
      ...sent(ISSUE_UPDATE, { id: { $ref: 'issueId' }, input: { stateId: { $ref: 'stateUuid' } } }),
      before: [issueStateRead({ $ref: 'issueId' }, 'Done')],
      repeat: 'safe',
      coalesce: { name: 'status', place: 'after' },
    })
    expect(actions.setStatus({ issue: 'BIL-1', status: OTHER.toUpperCase() })(at)).toEqual({
      key: KEY,
      action: 'setStatus',
      ...sent(ISSUE_UPDATE, { id: 'BIL-1', input: { stateId: OTHER } }),
      repeat: 'safe',
      coalesce: { name: 'status BIL-1', place: 'after' },
    })
  })
  test('assign, and to nobody', () => {
    expect([OTHER, null].map(assignee => actions.assign({ issue: 'BIL-1', assignee })(at))).toMatchObject(
      [OTHER, null].map(assigneeId => ({
        payload: { variables: { id: 'BIL-1', input: { assigneeId } } },
        coalesce: { name: 'assignee BIL-1' },
      })),
    )
  })
})
