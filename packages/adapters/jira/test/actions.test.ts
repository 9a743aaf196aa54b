import { checked, type Descriptor, type HttpCall, type Lookup } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { type JiraOptions, jira } from '../src/index.ts'

const KEY = '01990000-0000-7000-8000-000000000001/jira/0'
/** Of the key above. */
const MARK = 'sw-5c09ac769f174140'
const SHORT = '5c09ac76'

const options: JiraOptions = { baseUrl: 'https://example.atlassian.net', projectKey: 'ENG' }
const cloud = jira(options)
const wiki = jira({ ...options, apiVersion: 2 })
const server = jira({ baseUrl: 'https://jira.example.com/context', projectKey: 'ENG' })
type Jira = typeof cloud

const basic = { basic: ['JIRA_EMAIL', 'JIRA_API_TOKEN'] } as const
const http = (method: HttpCall['method'], path: string, limit: string, more: Partial<HttpCall> = {}) => ({
  kind: 'http',
  method,
  endpoint: `https://example.atlassian.net/rest/${path}`,
  auth: basic,
  limit,
  headers: { accept: 'application/json' },
  ...more,
})
const adf = (text: string) => ({
  version: 1,
  type: 'doc',
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
})
const mark = { key: 'sessionwire', value: { key: KEY, mark: MARK } }

const build = (of: Jira, name: keyof Jira['actions'], input: unknown): Descriptor | Lookup => {
  const action = of.actions[name]
  const at = { key: KEY, config: of.config }
  if (action.effect === 'read')
    return (action.build as (value: unknown, here: typeof at) => Lookup)(
      checked(action.action, action.input, input),
      at,
    )
  return (action as unknown as (raw: unknown) => (here: typeof at) => Descriptor)(input)(at)
}
const descriptor = (of: Jira, name: keyof Jira['actions'], input: unknown) =>
  build(of, name, input) as Descriptor
const payload = (of: Jira, name: keyof Jira['actions'], input: unknown) =>
  (descriptor(of, name, input) as HttpCall).payload

const FRESHNESS = 'Jira does not say how soon a new one shows in the list; it is looked for a minute later.'

describe('creating', () => {
  test('an issue carries its mark as a label and as a property, and is found by the label', () => {
    const input = {
      summary: 'Retry queue\nloses messages',
      description: 'Seen twice',
      labels: ['agent-session'],
      priority: 'High',
      assignee: '5b10a2844c20165700ede21g',
      dueDate: '2026-12-31',
      parent: 'eng-1',
      fields: { customfield_10016: 5 },
      properties: { 'agent.run': { id: 'x' } },
      keepAs: 'followUp',
    }
    expect(build(cloud, 'createIssue', input)).toEqual({
      key: KEY,
      action: 'createIssue',
      ...http('POST', 'api/3/issue', 'write', {
        payload: {
          fields: {
            customfield_10016: 5,
            priority: { name: 'High' },
            assignee: { accountId: '5b10a2844c20165700ede21g' },
            duedate: '2026-12-31',
            project: { key: 'ENG' },
            issuetype: { name: 'Task' },
            summary: 'Retry queue loses messages',
            description: adf('Seen twice'),
            parent: { key: 'ENG-1' },
            labels: ['agent-session', MARK],
          },
          properties: [{ key: 'agent.run', value: { id: 'x' } }, mark],
        },
      }),
      captures: { followUp: '/key', followUpId: '/id' },
      repeat: {
        by: 'mark',
        call: http('POST', 'api/3/search/jql', 'search', {
          payload: { jql: `labels = "${MARK}"`, fields: ['labels'], maxResults: 100 },
        }),
        list: '/issues',
        next: { cursor: '/nextPageToken', into: '/payload/nextPageToken' },
        where: { pointer: '/fields/labels', contains: MARK },
        afterMs: 900_000,
        againMs: 20_000,
        captures: { followUp: '/key', followUpId: '/id' },
      },
      asterisk: 'Found again by a search that lags; nobody has promised that a quarter of an hour is enough.',
    })
  })

  test('an issue on Data Center has no property, names people, and is found by the counted search', () => {
    const made = descriptor(server, 'createIssue', { summary: 'x', description: 'h1. *y*', assignee: 'mia' })
    expect(made).toMatchObject({
      endpoint: 'https://jira.example.com/context/rest/api/2/issue',
      auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'JIRA_PAT' },
      payload: {
        fields: {
          project: { key: 'ENG' },
          issuetype: { name: 'Task' },
          assignee: { name: 'mia' },
          description: 'h1&#46; \\*y\\*',
          labels: [MARK],
        },
      },
      captures: { [`issue-${SHORT}`]: '/key', [`issue-${SHORT}Id`]: '/id' },
      repeat: {
        call: {
          method: 'POST',
          endpoint: 'https://jira.example.com/context/rest/api/2/search',
          payload: { jql: `labels = "${MARK}"`, fields: ['labels'], maxResults: 100, startAt: 0 },
        },
        next: { cursor: '/total', into: '/payload/startAt', counted: true },
      },
    })
    expect((made as HttpCall).payload).not.toHaveProperty('properties')
    expect(() => descriptor(server, 'createIssue', { summary: 'x', properties: { a: 1 } })).toThrow(
      /setProperty/,
    )
  })

  test('a sub-issue hangs below an issue, by default the one of the session', () => {
    expect(payload(cloud, 'createSubIssue', { parent: '10042', summary: 'x' })).toMatchObject({
      fields: { parent: { id: '10042' }, issuetype: { name: 'Sub-task' } },
    })
    expect(payload(cloud, 'createSubIssue', { summary: 'x', type: '10007' })).toMatchObject({
      fields: { parent: { key: { $ref: 'issue' } }, issuetype: { id: '10007' } },
    })
  })

  test('a comment is found by its property among the newest', () => {
    expect(build(cloud, 'addComment', { issue: 'ENG-12', body: 'Decided' })).toEqual({
      key: KEY,
      action: 'addComment',
      ...http('POST', 'api/3/issue/ENG-12/comment', 'issue:ENG-12', {
        payload: { body: adf('Decided'), properties: [mark] },
      }),
      captures: { [`comment-${SHORT}`]: '/id' },
      repeat: {
        by: 'mark',
        call: http('GET', 'api/3/issue/ENG-12/comment', 'read', {
          query: { orderBy: '-created', maxResults: 100, expand: 'properties' },
        }),
        list: '/comments',
        where: { pointer: '', contains: MARK },
        next: { cursor: '/total', into: '/query/startAt', counted: true },
        captures: { [`comment-${SHORT}`]: '/id' },
      },
      asterisk: FRESHNESS,
    })
  })

  test('a comment on Data Center carries its mark in its text', () => {
    expect(payload(server, 'addComment', { body: 'Decided' })).toEqual({
      body: `Decided\n\n{anchor:${MARK}}`,
    })
    expect(payload(wiki, 'addComment', { body: 'Decided' })).toEqual({ body: 'Decided', properties: [mark] })
  })

  test('work is logged in the only form of time Jira takes', () => {
    const input = {
      startedAt: '2026-11-20T08:30:00+01:00',
      seconds: 1800,
      comment: 'session',
      issue: 'ENG-12',
    }
    expect(build(cloud, 'addWorklog', input)).toEqual({
      key: KEY,
      action: 'addWorklog',
      ...http('POST', 'api/3/issue/ENG-12/worklog', 'issue:ENG-12', {
        query: { adjustEstimate: 'leave' },
        payload: {
          started: '2026-11-20T07:30:00.000+0000',
          timeSpentSeconds: 1800,
          comment: adf('session'),
          properties: [mark],
        },
      }),
      captures: { [`worklog-${SHORT}`]: '/id' },
      repeat: {
        by: 'mark',
        call: http('GET', 'api/3/issue/ENG-12/worklog', 'read', {
          query: {
            startedAfter: 1_795_159_740_000,
            startedBefore: 1_795_159_860_000,
            maxResults: 1_000,
            expand: 'properties',
          },
        }),
        list: '/worklogs',
        where: { pointer: '', contains: MARK },
        next: { cursor: '/total', into: '/query/startAt', counted: true },
        captures: { [`worklog-${SHORT}`]: '/id' },
      },
      asterisk: FRESHNESS,
    })
    expect(payload(server, 'addWorklog', { startedAt: '2026-11-20T07:30:00Z', seconds: 60 })).toEqual({
      started: '2026-11-20T07:30:00.000+0000',
      timeSpentSeconds: 60,
      comment: `Logged by Sessionwire\n\n{anchor:${MARK}}`,
    })
  })

  test('a version is looked for by its name first', () => {
    expect(
      build(cloud, 'createVersion', { projectId: 10000, name: '2.1', releaseDate: '2026-12-31' }),
    ).toEqual({
      key: KEY,
      action: 'createVersion',
      ...http('POST', 'api/3/version', 'write', {
        payload: { projectId: 10000, name: '2.1', releaseDate: '2026-12-31' },
      }),
      captures: { [`version-${SHORT}`]: '/id' },
      repeat: {
        by: 'mark',
        first: true,
        call: http('GET', 'api/3/project/10000/versions', 'read'),
        list: '',
        where: { pointer: '/name', equals: '2.1' },
        captures: { [`version-${SHORT}`]: '/id' },
      },
    })
  })
})

describe('changing', () => {
  test('a transition asks for the status first, then for the way there', () => {
    expect(build(cloud, 'transition', { status: 'Done', resolution: 'Fixed' })).toEqual({
      key: KEY,
      action: 'transition',
      ...http('POST', 'api/3/issue/{issue}/transitions', 'write', {
        payload: { transition: { id: { $ref: 'transition' } }, fields: { resolution: { name: 'Fixed' } } },
      }),
      before: [
        {
          call: http('GET', 'api/3/issue/{issue}/transitions', 'read', {
            query: { expand: 'transitions.fields' },
          }),
          list: '/transitions',
          where: { pointer: '/to/name', equals: 'Done' },
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
        where: { pointer: '/fields/status/name', equals: 'Done' },
      },
      coalesce: { name: 'state' },
    })
  })

  test('a transition on Data Center asks its own index', () => {
    const { repeat, coalesce } = descriptor(server, 'transition', { issue: 'ENG-12', status: 'Done' })
    expect(repeat).toMatchObject({
      call: {
        method: 'GET',
        endpoint:
          'https://jira.example.com/context/rest/api/2/search?jql=issue%20%3D%20%22ENG-12%22&fields=status',
      },
      list: '/issues',
    })
    expect(coalesce).toEqual({ name: 'state ENG-12' })
  })

  test('a remote link is sent whole, for what is left out is lost', () => {
    const input = { globalId: 'agent-session=1', url: 'https://example.com/1', title: 'Log', resolved: true }
    expect(build(cloud, 'setRemoteLink', input)).toEqual({
      key: KEY,
      action: 'setRemoteLink',
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
    expect(build(cloud, 'linkIssues', { from: 'ENG-1', type: 'Blocks', to: 'ENG-2' })).toEqual({
      key: KEY,
      action: 'linkIssues',
      ...http('POST', 'api/3/issueLink', 'issue:ENG-1', {
        payload: { type: { name: 'Blocks' }, inwardIssue: { key: 'ENG-1' }, outwardIssue: { key: 'ENG-2' } },
      }),
      repeat: 'safe',
    })
  })

  test('fields are set in one PUT, and only an edit of the same fields replaces one', () => {
    expect(
      build(cloud, 'updateIssue', { issue: 'ENG-12', summary: 'x', fixVersions: ['2.1', '10100'] }),
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

  test('the card is edited every five seconds at most', () => {
    expect(build(cloud, 'editCard', { body: 'Now' })).toEqual({
      key: KEY,
      action: 'editCard',
      ...http('PUT', 'api/3/issue/{issue}', 'write', { payload: { fields: { description: adf('Now') } } }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    })
    expect(build(cloud, 'editCardComment', { body: 'Now' })).toEqual({
      key: KEY,
      action: 'editCardComment',
      ...http('PUT', 'api/3/issue/{issue}/comment/{comment}', 'write', { payload: { body: adf('Now') } }),
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    })
  })

  test('edits are quiet only when they were asked to be', () => {
    const quiet = jira({ ...options, notifyUsers: false })
    expect(descriptor(quiet, 'editCard', { body: 'Now' })).toMatchObject({ query: { notifyUsers: 'false' } })
    expect(descriptor(cloud, 'editCard', { body: 'Now' })).not.toHaveProperty('query')
  })

  test('labels are changed one by one', () => {
    const input = { add: ['b', 'a'], remove: ['c'] }
    expect(build(cloud, 'changeLabels', input)).toMatchObject({
      method: 'PUT',
      payload: { update: { labels: [{ add: 'b' }, { add: 'a' }, { remove: 'c' }] } },
      repeat: 'safe',
      coalesce: { name: 'labels: a b c' },
    })
    expect(() => build(cloud, 'changeLabels', {})).toThrow(/must add or remove a label/)
  })

  // biome-ignore format: a table is read one line at a time
  const CALLS = [
    ['assign', cloud, { issue: 'ENG-1', to: 'abc' }, 'PUT', 'api/3/issue/ENG-1/assignee', { accountId: 'abc' }, 'assignee ENG-1'],
    ['assign', cloud, { to: null }, 'PUT', 'api/3/issue/{issue}/assignee', { accountId: null }, 'assignee'],
    ['assign', server, { to: 'mia' }, 'PUT', 'api/2/issue/{issue}/assignee', { name: 'mia' }, 'assignee'],
    ['setProperty', cloud, { property: 'a.b', value: [1] }, 'PUT', 'api/3/issue/{issue}/properties/a.b', [1], 'property: a.b'],
    ['updateComment', cloud, { comment: '10', body: 'x' }, 'PUT', 'api/3/issue/{issue}/comment/10', { body: adf('x') }, 'comment: 10'],
    ['addToSprint', cloud, { sprint: 7, issues: ['eng-2', 'ENG-1'] }, 'POST', 'agile/1.0/sprint/7/issue', { issues: ['ENG-2', 'ENG-1'] }, 'sprint: ENG-1 ENG-2'],
    ['addToSprint', cloud, { sprint: 7 }, 'POST', 'agile/1.0/sprint/7/issue', { issues: [{ $ref: 'issue' }] }, 'sprint: session'],
    ['setStoryPoints', cloud, { board: 3, points: 2.5 }, 'PUT', 'agile/1.0/issue/{issue}/estimation', { value: '2.5' }, 'points: 3'],
  ] as const
  test.each(CALLS)('%s is one call', (name, of, input, method, path, body, coalesce) => {
    const made = descriptor(of as Jira, name, input) as Descriptor & HttpCall
    expect([made.method, made.endpoint, made.payload]).toEqual([
      method,
      `${of.config.baseUrl}/rest/${path}`,
      body,
    ])
    expect([made.repeat, made.coalesce]).toEqual(['safe', { name: coalesce }])
  })
})

describe('reading', () => {
  // biome-ignore format: a table is read one line at a time
  const QUERIES = [
    ['search', { jql: 'project = ENG', limit: 5 }, 'project = ENG', 5],
    ['activeIssues', { limit: 20 }, 'assignee = currentUser() AND statusCategory = "In Progress" ORDER BY updated DESC', 20],
    ['activeIssues', { mine: false }, 'project = "ENG" AND statusCategory = "In Progress" ORDER BY updated DESC', 100],
    ['activeIssues', { project: 'OPS' }, 'assignee = currentUser() AND project = "OPS" AND statusCategory = "In Progress" ORDER BY updated DESC', 100],
    ['epics', {}, 'project = "ENG" AND issuetype = Epic AND statusCategory != Done', 100],
    ['epics', { done: true, project: 'OPS' }, 'project = "OPS" AND issuetype = Epic', 100],
    ['children', { issue: 'eng-1' }, 'parent = "ENG-1"', 100],
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
    ['transitions', cloud, { issue: 'ENG-12' }, 'api/3/issue/ENG-12/transitions', { expand: 'transitions.fields' }, '/transitions'],
    ['comments', cloud, { issue: 'ENG-12', limit: 10 }, 'api/3/issue/ENG-12/comment', { orderBy: '-created', maxResults: 10 }, '/comments'],
    ['statuses', cloud, {}, 'api/3/project/ENG/statuses', undefined, ''],
    ['versions', cloud, { project: 'ops' }, 'api/3/project/OPS/versions', undefined, ''],
    ['issueTypes', cloud, {}, 'api/3/issue/createmeta/ENG/issuetypes', { maxResults: 50 }, '/issueTypes'],
    ['issueTypes', server, {}, 'api/2/issue/createmeta/ENG/issuetypes', { maxResults: 50 }, '/values'],
    ['projects', cloud, { query: 'en' }, 'api/3/project/search', { query: 'en', maxResults: 100 }, '/values'],
    ['projects', server, {}, 'api/2/project', undefined, ''],
    ['users', cloud, { query: 'mia' }, 'api/3/user/assignable/search', { project: 'ENG', query: 'mia', maxResults: 50 }, ''],
    ['users', server, { query: 'mia' }, 'api/2/user/assignable/search', { project: 'ENG', username: 'mia', maxResults: 50 }, ''],
    ['linkTypes', cloud, {}, 'api/3/issueLinkType', undefined, '/issueLinkTypes'],
    ['boards', cloud, {}, 'agile/1.0/board', { projectKeyOrId: 'ENG', maxResults: 50 }, '/values'],
    ['sprints', cloud, { board: 3 }, 'agile/1.0/board/3/sprint', { state: 'active', maxResults: 50 }, '/values'],
  ] as const
  test.each(READS)('%s is one read', (name, of, input, path, query, list) => {
    const { call, list: where } = build(of as Jira, name, input) as Lookup & { call: HttpCall }
    expect([call.method, call.endpoint, call.query, where]).toEqual([
      'GET',
      `${of.config.baseUrl}/rest/${path}`,
      query,
      list,
    ])
  })

  test('quotes what goes into a query', () => {
    const lookup = build(cloud, 'children', { issue: 'ENG-1' }) as Lookup & { call: HttpCall }
    expect(lookup.call.payload).toMatchObject({ jql: 'parent = "ENG-1"' })
    expect(() => build(cloud, 'children', { issue: 'ENG-1" OR project = "OPS' })).toThrow(
      /issue: must be the key/,
    )
  })
})

// biome-ignore format: a table is read one line at a time
const WRONG = [
  ['createIssue', { summary: ' \n\t' }, 'createIssue: summary: must have something to see'],
  ['createIssue', { summary: 'x', labels: ['two words'] }, 'createIssue: labels.0: must have no spaces'],
  ['createIssue', { summary: 'x', dueDate: '31.12.2026' }, 'createIssue: dueDate: must be a day'],
  ['createIssue', { summary: 'x', fields: { 'a b': 1 } }, 'createIssue: fields: must be named by ids of fields'],
  ['addComment', { body: '' }, 'addComment: body: must have something to see'],
  ['addComment', { issue: '../../admin', body: 'x' }, 'addComment: issue: must be the key of an issue'],
  ['addWorklog', { startedAt: 'yesterday', seconds: 60 }, 'addWorklog: startedAt: must be a time'],
  ['addWorklog', { startedAt: '2026-11-20T07:30:00Z', seconds: 59 }, 'addWorklog: seconds:'],
  ['setRemoteLink', { globalId: 'a', url: 'javascript:alert(1)', title: 'x' }, 'setRemoteLink: url: must be a web address'],
  ['setProperty', { property: 'a', value: '' }, 'setProperty: value: must not be empty'],
  ['updateComment', { comment: '1/../2', body: 'x' }, 'updateComment: comment: must be the number of a comment'],
  ['transition', { status: '' }, 'transition: status: must have something to see'],
] as const
test.each(WRONG)('%s refuses %j', (name, input, message) => {
  expect(() => build(cloud, name, input)).toThrow(message)
})

test('every summary fits Jira, whatever it was', () => {
  const { fields } = payload(cloud, 'createIssue', { summary: `a\r\nb ${'😀'.repeat(300)}` }) as {
    fields: { summary: string }
  }
  expect(fields.summary.length).toBeLessThanOrEqual(254)
  expect(fields.summary).toMatch(/^a b 😀+…$/u)
})

test('texts inside raw fields are made storable', () => {
  expect(payload(cloud, 'updateIssue', { fields: { customfield_1: ['a\u0000b', { c: '\ud800' }] } })).toEqual(
    {
      fields: { customfield_1: ['ab', { c: '\ufffd' }] },
    },
  )
})
