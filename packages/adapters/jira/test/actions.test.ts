import type { Descriptor, HttpCall, Json, Lookup } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { editCard, editCardComment } from '../src/actions/card.ts'
import { jira } from '../src/index.ts'
import {
  adf,
  build,
  cloud,
  descriptor,
  http,
  internal,
  type Jira,
  KEY,
  options,
  server,
  wiki,
} from './building.ts'

describe('changing', () => {
  test('a transition asks for the status first, then for the way there', () => {
    expect(build(cloud, 'setStatus', { status: 'Done', resolution: 'Fixed' })).toEqual({
      key: KEY,
      action: 'setStatus',
      ...http('POST', 'api/3/issue/{issue}/transitions', 'write', {
        payload: { transition: { id: { $ref: 'transition' } }, fields: { resolution: { name: 'Fixed' } } },
      }),
      before: [
        {
          call: http('GET', 'api/3/issue/{issue}/transitions', 'read', {
            query: { expand: 'transitions.fields' },
          }),
          list: '/transitions',
          where: { pointer: '/to/name', equals: 'Done', anyCase: true },
          captures: { transition: '/id' },
          noun: 'status',
          offer: '/to/name',
        },
      ],
      repeat: {
        by: 'mark',
        first: true,
        call: http('POST', 'api/3/issue/bulkfetch', 'read', {
          payload: { issueIdsOrKeys: [{ $ref: 'issue' }], fields: ['status'] },
        }),
        list: '/issues',
        where: { pointer: '/fields/status/name', equals: 'Done', anyCase: true },
      },
      coalesce: { name: 'status', keep: true, place: 'after' },
    })
  })

  test('a transition on Data Center asks its own index', () => {
    const { repeat, coalesce } = descriptor(server, 'setStatus', { issue: 'ENG-12', status: 'Done' })
    expect(repeat).toMatchObject({
      call: {
        method: 'GET',
        endpoint:
          'https://jira.example.com/context/rest/api/2/search?jql=issue%20%3D%20%22ENG-12%22&fields=status',
      },
      list: '/issues',
    })
    expect(coalesce).toEqual({ name: 'status ENG-12', keep: true, place: 'after' })
  })

  test('a way of several statuses is a step each: to the end, or as near to it as the workflow leads', () => {
    const made = descriptor(cloud, 'setStatus', { status: 'Done', via: ['In Progress', 'In Review'] })
    const oneOf = ['Done', 'In Review', 'In Progress']
    expect(made.before?.[0]?.where).toEqual({ pointer: '/to/name', oneOf, anyCase: true })
    expect(made.repeat).toMatchObject({ where: { pointer: '/fields/status/name', oneOf, anyCase: true } })
    expect(made.coalesce).toEqual({
      name: 'status via In Progress via In Review',
      keep: true,
      place: 'after',
    })
  })

  test('a remote link is sent whole, for what is left out is lost', () => {
    const input = { globalId: 'agent-session=1', url: 'https://example.com/1', title: 'Log', resolved: true }
    expect(build(cloud, 'addLink', input)).toEqual({
      key: KEY,
      action: 'addLink',
      ...http('POST', 'api/3/issue/{issue}/remotelink', 'write', {
        payload: {
          globalId: 'agent-session=1',
          application: { type: 'dev.sessionwire', name: 'Sessionwire' },
          object: { url: 'https://example.com/1', title: 'Log', status: { resolved: true } },
        },
      }),
      repeat: 'safe',
      coalesce: { name: 'link: agent-session=1' },
    })
  })

  test('the blocker is the inward issue', () => {
    expect(build(cloud, 'linkIssues', { issue: 'ENG-1', kind: 'Blocks', to: 'ENG-2' })).toEqual({
      key: KEY,
      action: 'linkIssues',
      ...http('POST', 'api/3/issueLink', 'issue:ENG-1', {
        payload: {
          type: { name: { $ref: 'linkType' } },
          inwardIssue: { key: 'ENG-1' },
          outwardIssue: { key: 'ENG-2' },
        },
      }),
      before: [
        {
          call: http('GET', 'api/3/issueLinkType', 'read'),
          list: '/issueLinkTypes',
          where: { pointer: '/name', equals: 'Blocks', anyCase: true },
          captures: { linkType: '/name' },
          otherwise: { linkType: 'Blocks' },
          noun: 'link type',
          cacheMs: 600_000,
        },
      ],
      repeat: 'safe',
    })
  })

  test('fields are set in one PUT, and only an edit of the same fields replaces one', () => {
    expect(
      build(cloud, 'updateIssue', { issue: 'ENG-12', title: 'x', fixVersions: ['2.1', '10100'] }),
    ).toEqual({
      key: KEY,
      action: 'updateIssue',
      ...http('PUT', 'api/3/issue/ENG-12', 'issue:ENG-12', {
        payload: { fields: { summary: 'x', fixVersions: [{ name: '2.1' }, { id: '10100' }] } },
      }),
      repeat: 'safe',
      coalesce: { name: 'fields ENG-12: fixVersions summary' },
    })
  })

  test('the card is a block of the description, read before it is replaced', () => {
    const edit = (of: Jira) =>
      editCard(
        's1',
        [{ kind: 'line', text: 'Now' }],
        [{ kind: 'line', text: 'As a comment' }],
      )({ key: KEY, config: of.config })
    const mark = 'sw-ac71da113062404e'
    const STATUS_MARK = 'sw-8eee48858ff046b1'
    const status = { key: 's1/status', mark: STATUS_MARK, by: 'sessionwire 0.1.0' }
    const comment = {
      body: adf('As a comment'),
      properties: [{ key: 'sessionwire', value: status }, internal],
    }
    const panel = {
      type: 'panel',
      attrs: { panelType: 'info' },
      content: [
        { type: 'paragraph', content: [{ type: 'text', text: 'Now' }] },
        { type: 'paragraph', content: [{ type: 'text', text: mark, marks: [{ type: 'code' }] }] },
      ],
    }
    const described = (of: Jira, pick: string, otherwise: Json) => ({
      call: {
        ...http('GET', 'api/3/issue/{issue}', 'read', { query: { fields: 'description' } }),
        endpoint: `${of.config.root}/rest/api/${of.config.apiVersion}/issue/{issue}`,
        auth: (of.check.call as HttpCall).auth,
      },
      captures: { description: { pick, otherwise } },
      gone: true,
    })
    expect(edit(cloud)).toEqual({
      key: KEY,
      action: 'editCard',
      ...http('PUT', 'api/3/issue/{issue}', 'write', {
        payload: {
          fields: {
            description: {
              version: 1,
              type: 'doc',
              content: { $ref: 'description', between: [mark, mark], put: [panel] },
            },
          },
        },
      }),
      before: [described(cloud, '/fields/description/content', [])],
      instead: {
        find: {
          call: http('GET', 'api/3/issue/{issue}/comment', 'read', {
            query: { orderBy: '-created', maxResults: 100, expand: 'properties' },
          }),
          list: '/comments',
          where: { pointer: '', contains: STATUS_MARK },
          next: { cursor: '/total', into: '/query/startAt', counted: true },
          captures: { comment: '/id' },
        },
        edit: http('PUT', 'api/3/issue/{issue}/comment/{comment}', 'write', { payload: comment }),
        create: http('POST', 'api/3/issue/{issue}/comment', 'write', { payload: comment }),
      },
      repeat: 'safe',
    })
    const between = [`{anchor:${mark}}`, `{anchor:${mark}-end}`]
    expect(edit(server)).toMatchObject({
      payload: {
        fields: { description: { $ref: 'description', between, put: between.join('\n\nNow\n\n') } },
      },
      before: [described(server, '/fields/description', '')],
    })
    const shown = [`{{${mark}}}`, `{{${mark}-end}}`]
    expect(edit(wiki)).toMatchObject({ payload: { fields: { description: { between: shown } } } })
  })

  test('the status comment of a linked issue is replaced as a whole', () => {
    expect(editCardComment([{ kind: 'line', text: 'Now' }])({ key: KEY, config: cloud.config })).toEqual({
      key: KEY,
      action: 'editCardComment',
      ...http('PUT', 'api/3/issue/{issue}/comment/{comment}', 'write', {
        payload: { body: adf('Now'), properties: [internal] },
      }),
      repeat: 'safe',
    })
  })

  test('edits are quiet only when they were asked to be', () => {
    const quiet = jira({ ...options, notifyUsers: false })
    const blocks = [{ kind: 'line', text: 'Now' }] as const
    const card = (of: Jira) => editCard('s1', blocks, blocks)({ key: KEY, config: of.config })
    const comment = (of: Jira) => editCardComment(blocks)({ key: KEY, config: of.config })
    const edit = (of: Jira) => descriptor(of, 'editComment', { comment: '1', body: 'Now' })
    for (const each of [card, comment, edit]) {
      expect(each(quiet)).toMatchObject({ query: { notifyUsers: 'false' } })
      expect(each(cloud)).not.toHaveProperty('query')
    }
    // Jira has no such parameter for a new comment.
    expect(descriptor(quiet, 'createComment', { body: 'Now' })).not.toHaveProperty('query')
  })

  test('labels are changed one by one', () => {
    expect(build(cloud, 'addLabels', { labels: ['b', 'a'] })).toMatchObject({
      method: 'PUT',
      payload: { update: { labels: [{ add: 'b' }, { add: 'a' }] } },
      repeat: 'safe',
      coalesce: { name: 'labels: a b' },
    })
    expect(build(cloud, 'removeLabels', { issue: 'ENG-12', labels: ['a'] })).toMatchObject({
      payload: { update: { labels: [{ remove: 'a' }] } },
      coalesce: { name: 'labels ENG-12: a' },
    })
    expect(() => build(cloud, 'addLabels', { labels: [] })).toThrow(/labels/)
  })

  // biome-ignore format: a table is read one line at a time
  const CALLS = [
    ['assign', cloud, { issue: 'ENG-1', assignee: 'abc' }, 'PUT', 'api/3/issue/ENG-1/assignee', { accountId: 'abc' }, 'assignee ENG-1'],
    ['assign', cloud, { assignee: null }, 'PUT', 'api/3/issue/{issue}/assignee', { accountId: null }, 'assignee'],
    ['assign', server, { assignee: 'mia' }, 'PUT', 'api/2/issue/{issue}/assignee', { name: 'mia' }, 'assignee'],
    ['setProperty', cloud, { property: 'a.b', value: [1] }, 'PUT', 'api/3/issue/{issue}/properties/a.b', [1], 'property: a.b'],
    ['editComment', cloud, { comment: '10', body: 'x' }, 'PUT', 'api/3/issue/{issue}/comment/10', { body: adf('x'), properties: [internal] }, 'comment: 10'],
    ['addToSprint', cloud, { sprint: 7, issues: ['eng-2', 'ENG-1'] }, 'POST', 'agile/1.0/sprint/7/issue', { issues: ['ENG-2', 'ENG-1'] }, 'sprint: ENG-1 ENG-2'],
    ['addToSprint', cloud, { sprint: 7 }, 'POST', 'agile/1.0/sprint/7/issue', { issues: [{ $ref: 'issue' }] }, 'sprint: session'],
    ['setStoryPoints', cloud, { board: 3, points: 2.5 }, 'PUT', 'agile/1.0/issue/{issue}/estimation', { value: '2.5' }, 'points: 3'],
  ] as const
  test.each(CALLS)('%s is one call', (name, of, input, method, path, body, coalesce) => {
    const made = descriptor(of as Jira, name, input) as Descriptor & HttpCall
    expect([made.method, made.endpoint, made.payload]).toEqual([
      method,
      `${of.config.root}/rest/${path}`,
      body,
    ])
    expect([made.repeat, made.coalesce]).toEqual(['safe', { name: coalesce }])
  })
})

describe('reading', () => {
  // biome-ignore format: a table is read one line at a time
  const QUERIES = [
    ['search', { query: 'project = ENG', limit: 5 }, 'project = ENG', 5],
    ['listActiveIssues', { limit: 20 }, 'assignee = currentUser() AND statusCategory = "In Progress" ORDER BY updated DESC', 20],
    ['listActiveIssues', { mine: false }, 'project = "ENG" AND statusCategory = "In Progress" ORDER BY updated DESC', 100],
    ['listActiveIssues', { project: 'OPS' }, 'assignee = currentUser() AND project = "OPS" AND statusCategory = "In Progress" ORDER BY updated DESC', 100],
    ['listEpics', {}, 'project = "ENG" AND issuetype = Epic AND statusCategory != Done', 100],
    ['listEpics', { done: true, project: 'OPS' }, 'project = "OPS" AND issuetype = Epic', 100],
    ['listChildren', { issue: 'eng-1' }, 'parent = "ENG-1"', 100],
  ] as const
  test.each(QUERIES)('%s asks %j', (name, input, jql, maxResults) => {
    const lookup = build(cloud, name, input) as Lookup
    expect(lookup.call).toMatchObject({ method: 'POST', limit: 'search', payload: { jql, maxResults } })
    expect(lookup.list).toBe('/issues')
    // With a limit one page is all.
    expect(lookup.next === undefined).toBe('limit' in input)
  })

  // biome-ignore format: a table is read one line at a time
  const READS = [
    ['getIssue', cloud, { issue: 'ENG-12', fields: ['summary'] }, 'api/3/issue/ENG-12', { fields: 'summary' }, undefined],
    ['listTransitions', cloud, { issue: 'ENG-12' }, 'api/3/issue/ENG-12/transitions', { expand: 'transitions.fields' }, '/transitions'],
    ['listComments', cloud, { issue: 'ENG-12', limit: 10 }, 'api/3/issue/ENG-12/comment', { orderBy: '-created', maxResults: 10 }, '/comments'],
    ['listStatuses', cloud, {}, 'api/3/project/ENG/statuses', undefined, ''],
    ['listVersions', cloud, { project: 'ops' }, 'api/3/project/OPS/versions', undefined, ''],
    ['listIssueTypes', cloud, {}, 'api/3/issue/createmeta/ENG/issuetypes', { maxResults: 50 }, '/issueTypes'],
    ['listIssueTypes', server, {}, 'api/2/issue/createmeta/ENG/issuetypes', { maxResults: 50 }, '/values'],
    ['listProjects', cloud, { query: 'en' }, 'api/3/project/search', { query: 'en', maxResults: 100 }, '/values'],
    ['listProjects', server, {}, 'api/2/project', undefined, ''],
    ['findUsers', cloud, { query: 'mia' }, 'api/3/user/assignable/search', { project: 'ENG', query: 'mia', maxResults: 50 }, ''],
    ['findUsers', server, { query: 'mia' }, 'api/2/user/assignable/search', { project: 'ENG', username: 'mia', maxResults: 50 }, ''],
    ['listLinkTypes', cloud, {}, 'api/3/issueLinkType', undefined, '/issueLinkTypes'],
    ['listBoards', cloud, {}, 'agile/1.0/board', { projectKeyOrId: 'ENG', maxResults: 50 }, '/values'],
    ['listSprints', cloud, { board: 3 }, 'agile/1.0/board/3/sprint', { state: 'active', maxResults: 50 }, '/values'],
  ] as const
  test.each(READS)('%s is one read', (name, of, input, path, query, list) => {
    const { call, list: where } = build(of as Jira, name, input) as Lookup & { call: HttpCall }
    expect([call.method, call.endpoint, call.query, where]).toEqual([
      'GET',
      `${of.config.root}/rest/${path}`,
      query,
      list,
    ])
  })

  test('quotes what goes into a query', () => {
    const lookup = build(cloud, 'listChildren', { issue: 'ENG-1' }) as Lookup & { call: HttpCall }
    expect(lookup.call.payload).toMatchObject({ jql: 'parent = "ENG-1"' })
    expect(() => build(cloud, 'listChildren', { issue: 'ENG-1" OR project = "OPS' })).toThrow(
      /issue: invalid value; expected the key/,
    )
  })
})
