import { describe, expect, test } from 'vitest'
import { actions, at, ID, ISSUE_UPDATE, issueTeamRead, KEY, labelRead, SHORT, sent } from './draft.ts'

const OTHER = '1a2b3c4d-0000-4000-8000-000000000001'

describe('labels', () => {
  test('are added, not replaced', () => {
    expect(actions.addLabels({ issue: 'BIL-1', labels: ['b', 'a'] })(at)).toEqual({
      key: KEY,
      action: 'addLabels',
      ...sent(ISSUE_UPDATE, {
        id: 'BIL-1',
        input: { addedLabelIds: [{ $ref: 'label0' }, { $ref: 'label1' }] },
      }),
      before: [
        issueTeamRead('BIL-1'),
        labelRead({ id: { eq: { $ref: 'issueTeam' } } }, 'b', 0),
        labelRead({ id: { eq: { $ref: 'issueTeam' } } }, 'a', 1),
      ],
      repeat: 'safe',
      coalesce: { name: 'labels a, b BIL-1' },
    })
  })
  test('are taken away under the same name, so that the last word counts; a UUID needs no read', () => {
    expect(actions.removeLabels({ issue: 'BIL-1', labels: [OTHER] })(at)).toEqual({
      key: KEY,
      action: 'removeLabels',
      ...sent(ISSUE_UPDATE, { id: 'BIL-1', input: { removedLabelIds: [OTHER] } }),
      repeat: 'safe',
      coalesce: { name: `labels ${OTHER} BIL-1` },
    })
  })
  test('are made once per name and team', () => {
    const draft = actions.createLabel({ name: 'agent', team: null, color: '#5E6AD2' })(at)
    expect(draft).toEqual({
      key: KEY,
      action: 'createLabel',
      ...sent(
        'mutation IssueLabelCreate($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { success issueLabel { id name } } }',
        { input: { id: ID, name: 'agent', color: '#5E6AD2' } },
      ),
      captures: { [`label-${SHORT}`]: '/data/issueLabelCreate/issueLabel/id' },
      repeat: {
        by: 'mark',
        first: true,
        call: sent(
          'query LabelByName($filter: IssueLabelFilter!, $after: String) { issueLabels(first: 50, after: $after, includeArchived: true, filter: $filter) { nodes { id name } pageInfo { hasNextPage endCursor } } }',
          { filter: { name: { eqIgnoreCase: 'agent' }, or: [{ team: { null: true } }] } },
        ),
        list: '/data/issueLabels/nodes',
        where: { pointer: '/name', equals: 'agent', anyCase: true },
        captures: { [`label-${SHORT}`]: '/id' },
        next: {
          cursor: '/data/issueLabels/pageInfo/endCursor',
          into: '/payload/variables/after',
          more: '/data/issueLabels/pageInfo/hasNextPage',
        },
      },
    })
  })
})

test('every action says what it does when it is repeated', () => {
  const writes = Object.values(actions).flatMap(action =>
    action.effect === 'read' ? [] : [[action.action, action.guarantee(at.config)] as const],
  )
  const told = Object.fromEntries(
    writes.map(([name, each]) => [name, `${each.guarantee}${each.asterisk === undefined ? '' : '*'}`]),
  )
  expect(told).toEqual({
    createIssue: 'native*',
    createSubIssue: 'native*',
    updateIssue: 'upsert',
    setStatus: 'upsert',
    assign: 'upsert',
    createComment: 'native*',
    editComment: 'upsert',
    addLabels: 'upsert',
    removeLabels: 'upsert',
    createLabel: 'reconcile',
    addLink: 'upsert',
    linkIssues: 'native*',
    createProjectUpdate: 'native*',
    createDocument: 'native*',
  })
})
