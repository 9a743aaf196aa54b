import type { Json } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import { doc, errors, issue, messages, started } from './asking.ts'

describe('issues', () => {
  test('are moved by ids of transitions, from where they are, with what the screen asks for', async () => {
    await using jira = await started({ strictWorkflow: true })
    const key = jira.server.addIssue('x')
    const path = `POST /rest/api/3/issue/${key}/transitions`
    expect(messages((await jira.ask(path, { transition: { id: 'Finish' } })).body)).toBe(
      "'transition' identifier must be an integer",
    )
    expect(messages((await jira.ask(path, { transition: { id: '11' } })).body)).toMatch(
      /not valid for the current state/,
    )
    expect(errors((await jira.ask(path, { transition: { id: '51' } })).body)).toEqual({
      resolution: 'Resolution is required.',
    })
    expect(
      errors(
        (await jira.ask(path, { transition: { id: '21' }, fields: { resolution: { name: 'Done' } } })).body,
      ),
    ).toMatchObject({
      resolution: expect.stringContaining('cannot be set'),
    })
    expect(
      (await jira.ask(path, { transition: { id: '51' }, fields: { resolution: { name: 'Done' } } })).status,
    ).toBe(204)
    const ways = await jira.ask(`GET /rest/api/3/issue/${key}/transitions?expand=transitions.fields`)
    expect(ways.body).toMatchObject({
      transitions: [{ id: '11', name: 'Reopen', to: { name: 'To Do' } }, {}, {}, {}],
    })
  })

  test('answer to the key they had before they were moved', async () => {
    await using jira = await started()
    const key = jira.server.addIssue('x')
    expect(jira.server.moveIssue(key, 'OPS')).toBe('OPS-1')
    expect((await jira.ask(`GET /rest/api/3/issue/${key.toLowerCase()}?fields=summary`)).body).toMatchObject({
      key: 'OPS-1',
    })
  })

  test('take twenty writes in two seconds, and a hundred in thirty', async () => {
    let now = Date.UTC(2026, 0, 1)
    await using jira = await started({ now: () => now })
    const key = jira.server.addIssue('x')
    const write = async () =>
      (await jira.ask(`PUT /rest/api/3/issue/${key}`, { fields: { summary: 'y' } })).status
    const burst: number[] = []
    for (let n = 0; n < 21; n += 1) burst.push(await write())
    expect([burst.filter(status => status === 204).length, burst.at(-1)]).toEqual([20, 429])
    const refused = await jira.ask(`PUT /rest/api/3/issue/${key}`, { fields: { summary: 'y' } })
    expect(refused.reason).toBe('jira-per-issue-on-write')
    now += 2_000
    for (let n = 0; n < 80; n += 1) {
      now += 250
      expect(await write()).toBe(204)
    }
    now += 250
    expect(await write()).toBe(429)
    expect(
      (await jira.ask(`PUT /rest/api/3/issue/${jira.server.addIssue('z')}`, { fields: { summary: 'y' } }))
        .status,
    ).toBe(204)
  })

  test('keep properties of comments, and show them when asked', async () => {
    await using jira = await started()
    const key = jira.server.addIssue('x')
    const path = `/rest/api/3/issue/${key}/comment`
    await jira.ask(`POST ${path}`, { body: doc('a'), properties: [{ key: 'op', value: { id: 1 } }] })
    await jira.ask(`POST ${path}`, { body: doc('b') })
    expect((await jira.ask(`GET ${path}?orderBy=-created&maxResults=1`)).body).toMatchObject({
      total: 2,
      comments: [{ body: doc('b') }],
    })
    expect((await jira.ask(`GET ${path}?expand=properties`)).body).toMatchObject({
      comments: [{ properties: [{ key: 'op', value: { id: 1 } }] }, { properties: [] }],
    })
    await using server = await started({ deployment: 'datacenter' })
    const other = server.server.addIssue('x')
    const taken = await server.ask(`POST /rest/api/2/issue/${other}/comment`, { body: 'a', properties: [] })
    expect(taken.status).toBe(201)
  })

  test('take work only in the one form of time', async () => {
    await using jira = await started()
    const path = `POST /rest/api/3/issue/${jira.server.addIssue('x')}/worklog`
    const log = async (started: string, timeSpentSeconds = 60) =>
      (await jira.ask(path, { started, timeSpentSeconds })).status
    expect([
      await log('2026-11-20T07:30:00.000Z'),
      await log('2026-11-20T07:30:00+0000'),
      await log('2026-11-20T07:30:00.000+0000'),
      await log('2026-11-20T07:30:00.000+0000', 59),
    ]).toEqual([500, 500, 201, 400])
  })

  test('have one remote link per globalId, which is what was sent last', async () => {
    await using jira = await started()
    const path = `POST /rest/api/3/issue/${jira.server.addIssue('x')}/remotelink`
    const link = (more: Readonly<Record<string, Json>>): Json => ({
      globalId: 'g',
      object: { url: 'https://example.com', title: 't', ...more },
    })
    expect((await jira.ask(path, link({ summary: 's' }))).status).toBe(201)
    expect((await jira.ask(path, link({}))).status).toBe(200)
    expect(jira.server.issues()[0]?.links).toEqual([link({})])
  })

  test('are linked once, and say it in both directions', async () => {
    await using jira = await started()
    const [one, two] = [jira.server.addIssue('x'), jira.server.addIssue('y')]
    const link = { type: { name: 'Blocks' }, inwardIssue: { key: one }, outwardIssue: { key: two } }
    expect([
      (await jira.ask('POST /rest/api/3/issueLink', link)).status,
      (await jira.ask('POST /rest/api/3/issueLink', link)).status,
    ]).toEqual([201, 201])
    expect((await jira.ask(`GET /rest/api/3/issue/${one}?fields=issuelinks`)).body).toMatchObject({
      fields: { issuelinks: [{ type: { outward: 'blocks' }, outwardIssue: { key: two } }] },
    })
    expect((await jira.ask(`GET /rest/api/3/issue/${two}?fields=issuelinks`)).body).toMatchObject({
      fields: { issuelinks: [{ type: { inward: 'is blocked by' }, inwardIssue: { key: one } }] },
    })
  })

  test('count what was made twice by our mark', async () => {
    await using jira = await started()
    const twice = issue({ labels: ['sw-0123456789abcdef'] })
    await jira.ask('POST /rest/api/3/issue', twice)
    await jira.ask('POST /rest/api/3/issue', twice)
    await jira.ask('POST /rest/api/3/issue', issue())
    expect(jira.server.counts()).toMatchObject({ effects: 3, doubled: 1 })
  })
})

test('refuses a second version of one name, and counts it', async () => {
  await using jira = await started()
  const version = { projectId: 10000, name: '2.1' }
  expect((await jira.ask('POST /rest/api/3/version', version)).status).toBe(201)
  expect(errors((await jira.ask('POST /rest/api/3/version', version)).body)).toEqual({
    name: 'A version with this name already exists in this project.',
  })
  expect(jira.server.counts()).toMatchObject({ effects: 1, refusedRepeats: 1, doubled: 1 })
})
