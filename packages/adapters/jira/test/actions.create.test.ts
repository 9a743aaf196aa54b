import type { HttpCall } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import {
  adf,
  build,
  cloud,
  descriptor,
  FRESHNESS,
  http,
  KEY,
  MARK,
  mark,
  payload,
  SHORT,
  server,
  wiki,
} from './building.ts'

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
