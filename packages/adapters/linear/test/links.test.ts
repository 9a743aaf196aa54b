import type { Lookup } from '@sessionwire/core/adapter'
import { isTrackerError } from '@sessionwire/core/adapter'
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
  KEY,
  PROJECT,
  SHORT,
  sent,
  TEAM,
} from './draft.ts'

const OTHER = '1a2b3c4d-0000-4000-8000-000000000001'

describe('comments', () => {
  test('a reply names its issue as well', () => {
    expect(actions.createComment({ issue: 'BIL-1', body: 'yes', parent: OTHER })(at)).toEqual({
      key: KEY,
      action: 'createComment',
      ...sent(COMMENT_CREATE, { input: { id: ID, issueId: 'BIL-1', body: 'yes', parentId: OTHER } }),
      captures: { [`comment-${SHORT}`]: '/data/commentCreate/comment/url' },
      repeat: byId('comments', 'id url issue { id }', { [`comment-${SHORT}`]: '/url' }),
      asterisk: ASTERISK,
    })
  })
  test('editComment', () => {
    expect(actions.editComment({ comment: OTHER, body: { markdown: '@ada' } })(at)).toEqual({
      key: KEY,
      action: 'editComment',
      ...sent(COMMENT_UPDATE, { id: OTHER, input: { body: '@ada' } }),
      repeat: 'safe',
      coalesce: { name: `comment ${OTHER}` },
    })
  })
})

describe('links', () => {
  test('an address is linked once per issue', () => {
    const input = {
      issue: 'BIL-1',
      url: 'https://example.com/1',
      title: 'One',
      subtitle: 'a b',
      metadata: { run: 1 },
    }
    expect(actions.addLink(input)(at)).toEqual({
      key: KEY,
      action: 'addLink',
      ...sent(
        'mutation AttachmentCreate($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { success attachment { id url } } }',
        {
          input: {
            issueId: 'BIL-1',
            url: 'https://example.com/1',
            title: 'One',
            subtitle: 'a b',
            metadata: { run: 1 },
          },
        },
      ),
      repeat: 'safe',
      coalesce: { name: 'link https://example.com/1 BIL-1' },
    })
    expect(() => actions.addLink({ ...input, url: 'javascript:alert(1)' })).toThrow(
      'addLink.url: invalid value; expected a web address (http or https)',
    )
  })
  test('issues are related, and the relation is found again at its issue', () => {
    expect(actions.linkIssues({ issue: 'BIL-1', kind: 'blocks', to: OTHER })(at)).toEqual({
      key: KEY,
      action: 'linkIssues',
      ...sent(
        'mutation IssueRelationCreate($input: IssueRelationCreateInput!) { issueRelationCreate(input: $input) { success issueRelation { id } } }',
        { input: { id: ID, issueId: 'BIL-1', relatedIssueId: OTHER, type: 'blocks' } },
      ),
      captures: { [`relation-${SHORT}`]: '/data/issueRelationCreate/issueRelation/id' },
      repeat: {
        by: 'id',
        call: sent(
          'query FindRelation($issue: String!, $after: String) { issue(id: $issue) { id relations(first: 50, after: $after, includeArchived: true) { nodes { id } pageInfo { hasNextPage endCursor } } } }',
          { issue: 'BIL-1' },
        ),
        list: '/data/issue/relations/nodes',
        where: { pointer: '/id', equals: ID },
        captures: { [`relation-${SHORT}`]: '/id' },
        next: {
          cursor: '/data/issue/relations/pageInfo/endCursor',
          into: '/payload/variables/after',
          more: '/data/issue/relations/pageInfo/hasNextPage',
        },
      },
      asterisk:
        'The answer of Linear to an id that exists already, or to a second relation of the same issues, is not documented.',
    })
  })
})

describe('projects', () => {
  test('a status update goes to the configured project', () => {
    expect(actions.createProjectUpdate({ body: 'fixed', health: 'onTrack' })(at)).toEqual({
      key: KEY,
      action: 'createProjectUpdate',
      ...sent(
        'mutation ProjectUpdateCreate($input: ProjectUpdateCreateInput!) { projectUpdateCreate(input: $input) { success projectUpdate { id url } } }',
        { input: { id: ID, projectId: PROJECT, body: 'fixed', health: 'onTrack' } },
      ),
      captures: { [`projectUpdate-${SHORT}`]: '/data/projectUpdateCreate/projectUpdate/url' },
      repeat: byId('projectUpdates', 'id url', { [`projectUpdate-${SHORT}`]: '/url' }),
      asterisk: ASTERISK,
    })
  })
  test('a document belongs to a project or to an issue', () => {
    expect(actions.createDocument({ title: 'One', body: 'a_b', issue: 'BIL-1' })(at)).toEqual({
      key: KEY,
      action: 'createDocument',
      ...sent(
        'mutation DocumentCreate($input: DocumentCreateInput!) { documentCreate(input: $input) { success document { id url } } }',
        { input: { id: ID, title: 'One', content: 'a\\_b', issueId: 'BIL-1' } },
      ),
      captures: { [`document-${SHORT}`]: '/data/documentCreate/document/url' },
      repeat: byId('documents', 'id url', { [`document-${SHORT}`]: '/url' }),
      asterisk: ASTERISK,
    })
    expect(() =>
      actions.createDocument({ title: 'One', body: 'x', issue: 'BIL-1', projectId: OTHER }),
    ).toThrow('createDocument.issue: invalid value; expected projectId or issue, not both')
  })
  test('without a project there is none to write to', () => {
    const { config } = linear({ teamId: TEAM })
    const step = actions.createProjectUpdate({ body: 'fixed' })
    const told = (() => {
      try {
        return step({ key: KEY, config })
      } catch (error) {
        return isTrackerError(error) ? [error.code, error.field, error.message] : error
      }
    })()
    expect(told).toEqual([
      'INVALID_INPUT',
      'createProjectUpdate.projectId',
      'createProjectUpdate.projectId: missing; expected the UUID of a project. Give it, or set the option projectId of linear().',
    ])
  })
})

describe('reads', () => {
  const { search, listLabels, findUsers } = actions
  const look = <I>(
    read: { input: { parse: (raw: unknown) => I }; build: (value: I, at: never) => Lookup },
    raw: unknown,
  ) => read.build(read.input.parse(raw), at as never)

  test('search has a rate of its own, and each issue its cursor', () => {
    expect(look(search, { query: ' lock', team: 'BIL', cursor: 'c1' })).toEqual({
      call: sent(
        'query Search($term: String!, $filter: IssueFilter, $first: Int!, $after: String) { searchIssues(term: $term, filter: $filter, first: $first, after: $after, includeComments: false) { edges { cursor node { id identifier title url updatedAt state { id name type } } } } }',
        { term: 'lock', filter: { team: { key: { eq: 'BIL' } } }, first: 50, after: 'c1' },
        'search',
      ),
      list: '/data/searchIssues/edges',
    })
  })
  test('one page unless all are asked for', () => {
    const { call, list, next } = look(listLabels, { limit: 5, all: true })
    expect(look(listLabels, { limit: 5 })).toEqual({ call, list })
    expect([list, next]).toEqual([
      '/data/issueLabels/nodes',
      {
        cursor: '/data/issueLabels/pageInfo/endCursor',
        into: '/payload/variables/after',
        more: '/data/issueLabels/pageInfo/hasNextPage',
      },
    ])
  })
  test('people by mail or name, labels of team and workspace', () => {
    expect(look(findUsers, { email: 'Ada@example.com', name: 'ad', limit: 5 }).call).toMatchObject({
      payload: {
        variables: {
          filter: {
            email: { eqIgnoreCase: 'Ada@example.com' },
            or: [{ name: { containsIgnoreCase: 'ad' } }, { displayName: { containsIgnoreCase: 'ad' } }],
          },
          first: 5,
        },
      },
    })
    expect(look(listLabels, {}).call).toMatchObject({
      payload: {
        variables: { filter: { or: [{ team: { id: { eq: TEAM } } }, { team: { null: true } }] }, first: 50 },
      },
    })
  })
})
