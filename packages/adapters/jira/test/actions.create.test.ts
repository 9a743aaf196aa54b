import type { HttpCall } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { editCardComment } from '../src/actions/card.ts'
import { type JiraOptions, jira } from '../src/index.ts'
import {
  adf,
  build,
  cloud,
  descriptor,
  FRESHNESS,
  http,
  internal,
  type Jira,
  KEY,
  MARK,
  mark,
  options,
  payload,
  SHORT,
  server,
  typed,
  wiki,
} from './building.ts'

describe('creating', () => {
  test('an issue carries its mark as a label and as a property, and is found by the label', () => {
    const input = {
      title: 'Retry queue\nloses messages',
      body: 'Seen twice',
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
            issuetype: { name: { $ref: 'issueType' } },
            summary: 'Retry queue loses messages',
            description: adf('Seen twice'),
            parent: { key: 'ENG-1' },
            labels: ['agent-session', MARK],
          },
          properties: [{ key: 'agent.run', value: { id: 'x' } }, mark],
        },
      }),
      before: [typed()],
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
      asterisk: 'Found by a search that lags; Jira does not guarantee that a quarter of an hour is enough.',
    })
  })

  test('an issue on Data Center has no property, names people, and is found by the counted search', () => {
    const made = descriptor(server, 'createIssue', { title: 'x', body: 'h1. *y*', assignee: 'mia' })
    expect(made).toMatchObject({
      endpoint: 'https://jira.example.com/context/rest/api/2/issue',
      auth: { header: 'Authorization', prefix: 'Bearer ', secret: 'JIRA_PAT' },
      payload: {
        fields: {
          project: { key: 'ENG' },
          issuetype: { name: { $ref: 'issueType' } },
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
    expect(() => descriptor(server, 'createIssue', { title: 'x', properties: { a: 1 } })).toThrow(
      /setProperty/,
    )
  })

  test('a sub-issue hangs below an issue, by default the one of the session', () => {
    expect(payload(cloud, 'createSubIssue', { parent: '10042', title: 'x' })).toMatchObject({
      fields: { parent: { id: '10042' }, issuetype: { name: { $ref: 'issueType' } } },
    })
    expect(payload(cloud, 'createSubIssue', { title: 'x', type: '10007' })).toMatchObject({
      fields: { parent: { key: { $ref: 'issue' } }, issuetype: { id: '10007' } },
    })
  })

  test('an issue type is found by its name, in the project of the issue; a number stays', () => {
    expect(descriptor(cloud, 'createIssue', { title: 'x', project: 'ops', type: 'story' }).before).toEqual([
      typed('OPS', 'story'),
    ])
    expect(descriptor(cloud, 'createIssue', { title: 'x', type: '10007' })).not.toHaveProperty('before')
  })

  test('a sub-issue has the type of the option subtaskType', () => {
    const german = jira({ ...options, subtaskType: 'Unteraufgabe' })
    expect(descriptor(german, 'createSubIssue', { parent: 'ENG-1', title: 'x' }).before).toEqual([
      typed('ENG', 'Unteraufgabe'),
    ])
  })

  test('on Data Center an issue names its epic in the field for it, and a sub-task its parent', () => {
    const at = (more: Partial<JiraOptions>) =>
      jira({ baseUrl: 'https://jira.example.com', projectKey: 'ENG', ...more })
    const epic = at({ epicField: 'customfield_10008' })
    const fieldsOf = (of: Jira, name: keyof Jira['actions'], input: object) =>
      (payload(of, name, { title: 'x', ...input }) as { fields: Record<string, unknown> }).fields
    expect(fieldsOf(epic, 'createIssue', { parent: 'eng-1' })).toMatchObject({ customfield_10008: 'ENG-1' })
    expect(fieldsOf(epic, 'createIssue', { parent: 'eng-1' })).not.toHaveProperty('parent')
    expect(fieldsOf(epic, 'updateIssue', { parent: 'eng-1' })).toEqual({
      summary: 'x',
      customfield_10008: 'ENG-1',
    })
    expect(fieldsOf(epic, 'createIssue', { parent: 'ENG-1', type: 'Sub-task' })).toMatchObject({
      parent: { key: 'ENG-1' },
    })
    expect(fieldsOf(server, 'createSubIssue', { parent: 'ENG-1' })).toMatchObject({
      parent: { key: 'ENG-1' },
    })
    for (const name of ['createIssue', 'updateIssue'] as const)
      expect(() => fieldsOf(server, name, { parent: 'ENG-1' })).toThrow(
        'parent: not possible on Data Center without the option epicField.',
      )
    expect(() => fieldsOf(epic, 'createIssue', { parent: '10042' })).toThrow(
      'parent: invalid value; expected a key',
    )
  })

  test('a comment is internal on a service request unless the options or the call say otherwise', () => {
    const open = jira({ ...options, internal: false })
    const propertiesOf = (of: Jira, name: keyof Jira['actions'], input: object = {}) =>
      (payload(of, name, { body: 'x', ...input }) as { properties?: unknown }).properties
    expect(propertiesOf(open, 'createComment')).toEqual([mark])
    expect(propertiesOf(open, 'createComment', { internal: true })).toEqual([mark, internal])
    expect(propertiesOf(cloud, 'createComment', { internal: false })).toEqual([mark])
    const status = (of: Jira) =>
      (editCardComment([{ kind: 'line', text: 'x' }])({ key: KEY, config: of.config }) as HttpCall).payload
    expect(status(cloud)).toMatchObject({ properties: [internal] })
    expect(status(open)).not.toHaveProperty('properties')
    expect(propertiesOf(cloud, 'editComment', { comment: '1' })).toEqual([internal])
    expect(propertiesOf(cloud, 'editComment', { comment: '1', internal: false })).toBeUndefined()
    expect(propertiesOf(jira({ ...options, internal: true }), 'createComment')).toEqual([mark, internal])
  })

  test('a comment is found by its property among the newest', () => {
    expect(build(cloud, 'createComment', { issue: 'ENG-12', body: 'Decided' })).toEqual({
      key: KEY,
      action: 'createComment',
      ...http('POST', 'api/3/issue/ENG-12/comment', 'issue:ENG-12', {
        payload: { body: adf('Decided'), properties: [mark, internal] },
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
    expect(payload(server, 'createComment', { body: 'Decided' })).toEqual({
      body: `Decided\n\n{anchor:${MARK}}`,
      properties: [internal],
    })
    expect(payload(wiki, 'createComment', { body: 'Decided' })).toEqual({
      body: 'Decided',
      properties: [mark, internal],
    })
  })

  test('work is logged in the only form of time Jira takes', () => {
    const input = {
      startedAt: '2026-11-20T08:30:00+01:00',
      seconds: 1800,
      body: 'session',
      issue: 'ENG-12',
    }
    expect(build(cloud, 'logWork', input)).toEqual({
      key: KEY,
      action: 'logWork',
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
    expect(payload(server, 'logWork', { startedAt: '2026-11-20T07:30:00Z', seconds: 60 })).toEqual({
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
