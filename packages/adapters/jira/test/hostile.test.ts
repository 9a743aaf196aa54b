import type { Json } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { asking, doc, errors, issue, messages, started } from './asking.ts'

describe('who is let in', () => {
  test('nobody without proof, with a wrong one, or by the wrong address', async () => {
    await using jira = await started()
    const path = 'GET /rest/api/3/myself'
    expect((await jira.ask(path)).status).toBe(200)
    expect((await asking(jira.server, {})(path)).status).toBe(401)
    expect((await asking(jira.server, { authorization: 'Bearer x' })(path)).status).toBe(401)
    expect((await jira.ask('GET /ex/jira/c1/rest/api/3/myself')).status).toBe(401)
  })

  test('a scoped token by the gateway only, and only for its scopes', async () => {
    await using jira = await started({ cloudId: 'c1', scopes: ['read:jira-work', 'read:jira-user'] })
    expect((await jira.ask('GET /rest/api/3/myself')).status).toBe(401)
    expect((await jira.ask('GET /ex/jira/c1/rest/api/3/myself')).status).toBe(200)
    const refused = await jira.ask('POST /ex/jira/c1/rest/api/3/issue', issue())
    expect([refused.status, refused.body]).toEqual([
      401,
      { code: 401, message: 'Unauthorized; scope does not match' },
    ])
  })

  test('no write of what looks like a browser', async () => {
    await using jira = await started()
    const answer = await jira.ask('POST /rest/api/3/issue', issue(), { 'user-agent': 'Mozilla/5.0' })
    expect([answer.status, answer.body]).toEqual([403, 'XSRF check failed'])
  })
})

describe('fields', () => {
  // biome-ignore format: a table is read one line at a time
  const WRONG = [
    ['plain text in v3', { description: 'text' }, { description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' }],
    ['a summary with a line end', { summary: 'a\nb' }, { summary: 'The summary is invalid because it contains newline characters.' }],
    ['a summary of 255', { summary: 'x'.repeat(255) }, { summary: 'Summary must be less than 255 characters.' }],
    ['no summary', { summary: ' ' }, { summary: 'You must specify a summary of the issue.' }],
    ['a label with a space', { labels: ['x y'] }, { labels: "The label 'x y' contains spaces which is invalid." }],
    ['an unknown field', { storyPoints: 5 }, { storyPoints: "Field 'storyPoints' cannot be set. It is not on the appropriate screen, or unknown." }],
    ['an unknown priority', { priority: { name: 'Urgent' } }, { priority: "Specify a valid 'priority' ID or name" }],
    ['an unknown project', { project: { key: 'NO' } }, { project: 'valid project is required' }],
    ['a day in another form', { duedate: '31.12.2026' }, { duedate: 'Operation value must be a string in the format yyyy-MM-dd' }],
    ['a text that is too long', { description: doc('x'.repeat(32_767)) }, { description: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.' }],
  ] as const
  test.each(WRONG)('refuses %s', async (_, fields, expected) => {
    await using jira = await started()
    const answer = await jira.ask('POST /rest/api/3/issue', issue(fields as unknown as Record<string, Json>))
    expect([answer.status, errors(answer.body)]).toEqual([400, expected])
    expect(jira.server.effects()).toEqual([])
  })

  test('refuses a document the schema refuses, without saying where', async () => {
    await using jira = await started()
    const answer = await jira.ask('POST /rest/api/3/issue', issue({ description: doc('') }))
    expect([answer.status, answer.body]).toEqual([400, { errorMessages: ['INVALID_INPUT'], errors: {} }])
  })

  test('takes wiki text in v2 and no document', async () => {
    await using jira = await started()
    expect((await jira.ask('POST /rest/api/2/issue', issue({ description: 'h2. x' }))).status).toBe(201)
    expect(errors((await jira.ask('POST /rest/api/2/issue', issue({ description: doc('x') }))).body)).toEqual(
      {
        description: 'Operation value must be a string',
      },
    )
  })

  test('knows people by account on Cloud and by name on Data Center', async () => {
    await using cloud = await started()
    await using server = await started({ deployment: 'datacenter' })
    const byName = issue({ assignee: { name: 'mia' } })
    const byId = issue({ assignee: { accountId: '5b10a2844c20165700ede21g' } })
    expect((await cloud.ask('POST /rest/api/3/issue', byId)).status).toBe(201)
    expect((await cloud.ask('POST /rest/api/3/issue', byName)).status).toBe(400)
    expect((await server.ask('POST /rest/api/2/issue', byName)).status).toBe(201)
    expect((await server.ask('POST /rest/api/2/issue', byId)).status).toBe(400)
  })

  test('a field stands in fields or in update, not in both', async () => {
    await using jira = await started()
    const key = jira.server.addIssue('x')
    const both = { fields: { labels: ['a'] }, update: { labels: [{ add: 'b' }] } }
    expect((await jira.ask(`PUT /rest/api/3/issue/${key}`, both)).status).toBe(400)
  })
})

describe('search', () => {
  const query = (jql: string, more: Readonly<Record<string, Json>> = {}): Json => ({
    jql,
    fields: ['labels'],
    ...more,
  })

  test('misses what was just made, and finds it later', async () => {
    await using jira = await started({ searchLag: 2 })
    await jira.ask('POST /rest/api/3/issue', issue({ labels: ['ours'] }))
    const found = async () =>
      ((await jira.ask('POST /rest/api/3/search/jql', query('labels = ours'))).body as { issues: [] }).issues
        .length
    expect([await found(), await found(), await found()]).toEqual([0, 0, 1])
  })

  test('gives ids alone unless fields are named, and pages by a token', async () => {
    await using jira = await started({ searchLag: 0 })
    for (const summary of ['a', 'b', 'c']) jira.server.addIssue(summary)
    const first = await jira.ask('POST /rest/api/3/search/jql', { jql: 'project = ENG', maxResults: 2 })
    expect(first.body).toEqual({
      issues: [{ id: '20000' }, { id: '20001' }],
      isLast: false,
      nextPageToken: 'page-2',
    })
    const second = await jira.ask('POST /rest/api/3/search/jql', {
      jql: 'project = ENG',
      maxResults: 2,
      nextPageToken: 'page-2',
    })
    expect(second.body).toEqual({ issues: [{ id: '20002' }], isLast: true })
  })

  test('is bounded, and refuses what it cannot read', async () => {
    await using jira = await started()
    const said = async (jql: string) =>
      messages((await jira.ask('POST /rest/api/3/search/jql', query(jql))).body)
    expect(await said('ORDER BY created')).toMatch(/^Unbounded JQL/)
    expect(await said('project = NO')).toBe("The value 'NO' does not exist for the field 'project'.")
    expect(await said('nonsense = 1')).toMatch(/^Field 'nonsense' does not exist/)
    expect(await said('project = "ENG')).toMatch(/^Error in the JQL Query/)
  })

  test('has moved on Cloud, and stays where it was on Data Center', async () => {
    await using cloud = await started()
    const gone = await cloud.ask('POST /rest/api/3/search', query('project = ENG'))
    expect([gone.status, messages(gone.body)]).toEqual([410, expect.stringContaining('CHANGE-2046')])
    await using server = await started({ deployment: 'datacenter' })
    server.server.addIssue('x')
    expect((await server.ask('POST /rest/api/2/search', query('project = ENG'))).body).toMatchObject({
      startAt: 0,
      total: 1,
    })
    const unknown = await server.ask('POST /rest/api/2/search/jql', query('project = ENG'))
    expect([unknown.status, unknown.body]).toEqual([
      404,
      { message: 'null for uri: /rest/api/2/search/jql', 'status-code': 404 },
    ])
  })
})

test('refuses what nobody documents: keys of a body, parameters of an address', async () => {
  await using jira = await started()
  const key = jira.server.addIssue('x')
  expect(
    messages((await jira.ask(`POST /rest/api/3/issue/${key}/comment`, { body: doc('a'), text: 'x' })).body),
  ).toBe('Unrecognized field "text"')
  expect((await jira.ask(`GET /rest/api/3/issue/${key}/comment?order=desc`)).status).toBe(400)
  expect((await jira.ask('GET /rest/api/3/unheard/of')).status).toBe(404)
})

test('throttles in its own words', async () => {
  await using jira = await started()
  jira.server.fail({ failure: { kind: 'throttle', waitSeconds: 3 } })
  const answer = await jira.ask('GET /rest/api/3/myself')
  expect([answer.status, answer.reason, answer.body]).toEqual([
    429,
    'jira-burst-based',
    'Rate limit exceeded',
  ])
})
