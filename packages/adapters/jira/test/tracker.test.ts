import { createTracker } from '@sessionwire/core'
import type { Json } from '@sessionwire/core/adapter'
import type { Failure } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { sample } from '../../../../test/sample.ts'
import { type JiraOptions, jira } from '../src/index.ts'
import { type HostileJira, type HostileJiraOptions, hostileJira } from '../src/testing.ts'
import { asking } from './asking.ts'

/** A thousand times as fast as the system's: the quarter of an hour that a search may lag is a second. */
const fastClock = () => {
  const began = Date.now()
  return () => began + (Date.now() - began) * 1_000
}

/** Writes to one issue are counted by a clock that gives each its time. */
const roomyClock = () => {
  let at = Date.UTC(2026, 0, 1)
  return () => {
    at += 1_000
    return at
  }
}

const SECRETS: Readonly<Record<string, string>> = {
  JIRA_EMAIL: 'mia@example.com',
  JIRA_API_TOKEN: 'api-token',
  JIRA_PAT: 'pat',
}

const serve = (options: HostileJiraOptions = {}) => hostileJira({ now: roomyClock(), ...options })
const tracked = (server: HostileJira, more: Partial<Omit<JiraOptions, 'as'>> = {}) =>
  createTracker({
    project: 'billing',
    user: 'fixer',
    now: fastClock(),
    pollMs: 5,
    random: () => 0,
    secrets: name => SECRETS[name],
    policy: {
      afterMs: 60_000,
      backoffMs: 1,
      backoffMaxMs: 2,
      timeoutMs: 500,
      readTimeoutMs: 500,
      downAfter: 1_000,
    },
    adapters: [jira({ baseUrl: server.url, apiVersion: 3, projectKey: 'ENG', ...more })],
  })
type Tracked = Awaited<ReturnType<typeof tracked>>
const deadOf = async (tracker: Tracked) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => `${action}: ${reason}`)
/** Far enough on the fast clock for everything to come due. */
const drain = async (tracker: Tracked) => (await tracker.drain({ timeoutMs: 30_000_000 })).done
const firstLines = (issue: { comments: readonly { text: string }[] } | undefined) =>
  issue?.comments.map(({ text }) => text.split('\n')[0])

describe.each([
  ['Cloud', { apiVersion: 3 }, {}],
  ['Data Center', { apiVersion: 2, deployment: 'datacenter' }, { deployment: 'datacenter' }],
] as const)('a session of a real tracker on %s', (_, options, service) => {
  const bold = (text: string) => ('deployment' in options ? `*${text}*` : text)

  test('becomes an issue with comments, in its statuses', async () => {
    await using server = await serve(service)
    await using tracker = await tracked(server, {
      ...options,
      labels: ['agent-session'],
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
      worklog: true,
      sessionUrl: 'https://example.com/s/{id}',
    })
    const session = await tracker.start({ goal: 'Stop double charging', progress: 20 })
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice', { rationale: 'Stripe retries' })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
    await drain(tracker)
    expect(server.issues().map(({ status }) => status)).toEqual(['Blocked'])
    await blocker.resolve('Key issued by ops')
    await session.close({ summary: 'Fixed', progress: 100 })
    const about = { sessionId: session.id }
    await tracker.act('jira', 'createComment', { issue: 'session', body: 'see #981' }, about)
    await tracker.act('jira', 'setStoryPoints', { board: 3, points: 5 }, about)
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    const [issue] = server.issues()
    expect(issue).toMatchObject({
      key: 'ENG-1',
      status: 'Done',
      summary: 'Stop double charging',
      labels: ['agent-session', expect.stringMatching(/^sw-/)],
      description: expect.stringContaining('██████████ 100 %'),
      properties: { 'sessionwire.session': { id: session.id, project: 'billing', by: 'sessionwire 0.1.0' } },
      links: [{ object: { url: `https://example.com/s/${session.id}`, status: { resolved: true } } }],
    })
    expect(firstLines(issue)).toEqual([
      bold('Decision'),
      bold('Blocked (high)'),
      bold('Unblocked'),
      bold('Session completed, 20 → 100 %'),
      'see #981',
    ])
    server.index()
    expect(await tracker.read('jira', 'getIssue', { issue: 'ENG-1' })).toMatchObject({
      fields: { status: { name: 'Done' } },
    })
    expect(
      (await tracker.read('jira', 'search', { query: 'labels = agent-session' })).map(({ key }) => key),
    ).toEqual(['ENG-1'])
    expect((await tracker.read('jira', 'listComments', { issue: 'ENG-1' })).length).toBe(5)
    expect(
      (await tracker.read('jira', 'listTransitions', { issue: 'ENG-1' })).map(({ to }) => to.name),
    ).toEqual(['To Do', 'In Progress', 'In Review', 'Blocked'])
    for (const name of ['getIssue', 'listComments', 'listTransitions'] as const)
      await expect(tracker.read('jira', name, { issue: 'ENG-999' })).rejects.toMatchObject({
        code: 'ADAPTER',
        message: expect.stringMatching(
          `^jira\\.${name}: 404 Issue does not exist.* Check the input, and what the credential may see\\.$`,
        ),
      })
    expect(server.counts().doubled).toBe(0)
  })

  test('adopts an issue: its text stays, one comment shows how it stands', async () => {
    await using server = await serve(service)
    const key = server.addIssue('Customers are charged twice')
    await using tracker = await tracked(server, {
      ...options,
      labels: ['agent-session'],
      statuses: { close: 'Done' },
    })
    const session = await tracker.start({ goal: 'Stop double charging', refs: { jira: { issue: key } } })
    await session.update('Reproduced')
    await session.close({ summary: 'Fixed' })
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    const [issue, ...others] = server.issues()
    expect([issue?.summary, issue?.description, issue?.labels, issue?.status, others]).toEqual([
      'Customers are charged twice',
      '',
      ['agent-session'],
      'Done',
      [],
    ])
    expect(firstLines(issue)).toEqual([bold('Stop double charging'), bold('Session completed')])
    expect(issue?.comments[0]?.text).toContain('completed')
  })

  test('goes on when the issue was moved, and stops when it was deleted, until it is restarted', async () => {
    await using server = await serve(service)
    await using tracker = await tracked(server, options)
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    expect(server.moveIssue('ENG-1', 'OPS')).toBe('OPS-1')
    await session.decide('Lock per invoice')
    await drain(tracker)
    expect(server.issues().map(({ key, comments }) => [key, comments.length])).toEqual([['OPS-1', 1]])
    server.removeIssue('OPS-1')
    await session.update('Still at it')
    await drain(tracker)
    expect(server.issues()).toEqual([])
    await tracker.recreateCard(session.id, 'jira')
    expect(await drain(tracker)).toBe(true)
    expect(server.issues().map(({ key, summary }) => [key, summary])).toEqual([
      ['ENG-2', 'Stop double charging'],
    ])
  })

  const WAYS: readonly Failure[] = [
    { kind: 'refuse' },
    { kind: 'reset', applied: false },
    { kind: 'reset', applied: true },
    { kind: 'cut' },
    // Before the last look-up: nothing that comes later can be told from what never came.
    { kind: 'late', after: 1 },
    { kind: 'throttle', waitSeconds: 0 },
    { kind: 'throttle' },
    { kind: 'error', applied: true },
    { kind: 'error', applied: false, status: 503 },
    { kind: 'inside', applied: true },
    { kind: 'nonsense', applied: true },
    { kind: 'html', applied: false },
    { kind: 'html', applied: true, status: 200 },
  ]
  test.each(sample([1, 2, 3, 4, 5], 5, options.apiVersion))(
    'survives a Jira that fails in every way (%d)',
    async seed => {
      await using server = await serve({ ...service, seed })
      await using tracker = await tracked(server, {
        ...options,
        statuses: { start: 'In Progress', close: 'Done' },
        worklog: true,
      })
      for (const failure of WAYS) server.fail({ chance: 0.03, failure })
      const session = await tracker.start({ goal: 'Stop double charging' })
      for (const content of ['one', 'two', 'three']) await session.decide(content)
      await session.close({ summary: 'Fixed', progress: 100 })
      await drain(tracker)
      server.behave()
      server.applyLate()
      expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
      const [issue, ...others] = server.issues()
      expect([others, server.counts().doubled]).toEqual([[], 0])
      expect(issue?.status).toBe('Done')
      expect(issue?.description).toContain('100 %')
      expect(issue?.comments.map(({ text }) => text.split(/\n+/)[1])).toEqual([
        'one',
        'two',
        'three',
        'Fixed',
      ])
    },
  )
})

describe('words of people in the description of a card', () => {
  const paragraph = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] })

  test('survive every edit, in a document', async () => {
    await using server = await serve()
    await using tracker = await tracked(server)
    const person = asking(server)
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    const path = '/rest/api/3/issue/ENG-1'
    const { body } = await person(`GET ${path}?fields=description`)
    const { description } = (body as { fields: { description: { content: Json[] } } }).fields
    const content = [paragraph('Read this first'), ...description.content, paragraph('See also ENG-7')]
    await person(`PUT ${path}`, { fields: { description: { version: 1, type: 'doc', content } } })
    await session.close({ summary: 'Fixed', progress: 100 })
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    const shown = server.issues()[0]?.description ?? ''
    expect(shown.split('\n')[0]).toBe('Read this first')
    expect(shown).toMatch(/completed ██████████ 100 %[\s\S]*\nSee also ENG-7$/)
    expect(shown.match(/██████████/g)).toHaveLength(1)
  })

  test.each([
    ['Data Center', { apiVersion: 2, deployment: 'datacenter' }, { deployment: 'datacenter' }, 'Bearer pat'],
    ['Cloud in wiki text', { apiVersion: 2, deployment: 'cloud' }, {}, undefined],
  ] as const)('survive every edit, in wiki text on %s', async (_, options, service, authorization) => {
    await using server = await serve(service)
    await using tracker = await tracked(server, options)
    const person = authorization === undefined ? asking(server) : asking(server, { authorization })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    const description = `h2. Read this first\n\n${server.issues()[0]?.description}\n\nSee also ENG-7`
    await person('PUT /rest/api/2/issue/ENG-1', { fields: { description } })
    await session.close({ summary: 'Fixed', progress: 100 })
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    const shown = server.issues()[0]?.description ?? ''
    expect(shown).toMatch(
      /^h2\. Read this first\n[\s\S]*\*completed\* ██████████ 100 %[\s\S]*\nSee also ENG-7$/,
    )
    expect(shown.match(/██████████/g)).toHaveLength(1)
  })

  test.each([
    ['Cloud', {}, {}, undefined, 3],
    [
      'Data Center',
      { apiVersion: 2, deployment: 'datacenter' },
      { deployment: 'datacenter' },
      'Bearer pat',
      2,
    ],
  ] as const)(
    'stay alone where they removed our block on %s; the card goes on as one comment',
    async (_, options, service, authorization, version) => {
      await using server = await serve(service)
      await using tracker = await tracked(server, { ...options, statuses: { close: 'Done' } })
      const person = authorization === undefined ? asking(server) : asking(server, { authorization })
      const session = await tracker.start({ goal: 'Stop double charging' })
      await drain(tracker)
      const description =
        version === 2 ? 'Ours now' : { version: 1, type: 'doc', content: [paragraph('Ours now')] }
      await person(`PUT /rest/api/${version}/issue/ENG-1`, { fields: { description } })
      await session.decide('Lock per invoice')
      await drain(tracker)
      await session.update('Half way', { progress: 50 })
      await drain(tracker)
      await session.close({ summary: 'Fixed', progress: 100 })
      expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
      const [issue] = server.issues()
      expect([issue?.description, issue?.status]).toEqual(['Ours now', 'Done'])
      const bars = issue?.comments.filter(({ text }) => text.includes('█'))
      expect([issue?.comments.length, bars?.length]).toEqual([3, 1])
      expect(bars?.[0]?.text).toContain('██████████ 100 %')
      expect(server.effects().filter(({ kind }) => kind === 'comment edit')).toHaveLength(2)
    },
  )
})

describe('check', () => {
  const failed = async (service: HostileJiraOptions, options: Partial<JiraOptions> = {}) => {
    await using server = await serve(service)
    await using tracker = await tracked(server, options as never)
    const { ok, probes } = await tracker.check('jira')
    expect(ok).toBe(probes.every(each => each.ok))
    return probes.filter(each => !each.ok).map(({ about, hint }) => `${about}: ${hint}`)
  }

  test('proves the project, the issue type and the rights', async () => {
    expect(await failed({}, { statuses: { close: 'Done' } })).toEqual([])
    expect(await failed({ deployment: 'datacenter' }, { apiVersion: 2, deployment: 'datacenter' })).toEqual(
      [],
    )
    expect(await failed({}, { issueType: 'chore' })).toEqual([
      'issue type "chore": Set issueType to a type that project ENG offers.',
    ])
    expect(await failed({ forbidden: ['ADD_COMMENTS'] })).toEqual([
      'permission "Add comments": Give the user of the token the permission "Add comments" in project ENG.',
    ])
    expect((await failed({}, { projectKey: 'NOPE' }))[0]).toBe(
      'project NOPE: Correct projectKey, or let the user of the token see project NOPE (permission "Browse projects").',
    )
  })
})

describe('a missing scope', () => {
  const scopes = ['read:jira-work', 'write:jira-work', 'read:jira-user']
  test.each([
    ['addToSprint', { sprint: 7, issues: ['ENG-1'] }],
    ['setStoryPoints', { issue: 'ENG-1', board: 3, points: 5 }],
  ] as const)('of %s refuses that call alone', async (name, input) => {
    await using server = await serve({ cloudId: 'c1', scopes })
    server.addIssue('A story')
    await using tracker = await tracked(server, { gateway: server.url, cloudId: 'c1' })
    await tracker.act('jira', name, input as never)
    await drain(tracker)
    await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    expect(server.issues().map(({ summary }) => summary)).toEqual(['A story', 'Stop double charging'])
    expect(await deadOf(tracker)).toEqual([
      `${name}: 401 Unauthorized; scope does not match (the token lacks a scope: it needs read:jira-work, write:jira-work and read:jira-user, and for boards, sprints and estimates granular ones of Jira Software, such as write:sprint:jira-software)`,
    ])
  })
})

test('a linked issue that is done is reopened before it is labelled', async () => {
  await using server = await serve()
  const key = server.addIssue('Done before')
  await asking(server)(`POST /rest/api/3/issue/${key}/transitions`, { transition: { id: '51' } })
  await using tracker = await tracked(server, { labels: ['agent'], statuses: { start: 'In Progress' } })
  await tracker.start({ goal: 'Once more', refs: { jira: { issue: `${server.url}/browse/${key}` } } })
  expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
  expect(server.issues()[0]).toMatchObject({ status: 'In Progress', labels: ['agent'] })
})

describe('a workflow without shortcuts, whose done issues cannot be edited', () => {
  const end = ['In Progress', 'In Review', 'Done']
  const statuses = { start: 'in-progress', blocker: 'Blocked', close: end, abandoned: end }

  test('is walked to its end, with the card edited before it and reopened first', async () => {
    await using server = await serve({ steps: true })
    await using tracker = await tracked(server, { statuses })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.block('No staging key', { severity: 'high' })
    await session[Symbol.asyncDispose]()
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    expect(server.issues()[0]).toMatchObject({
      status: 'Done',
      description: expect.stringContaining('abandoned'),
    })
    const moves = () =>
      server
        .effects()
        .filter(({ kind }) => kind === 'transition')
        .map(({ detail }) => (detail as { to: string }).to)
    expect(moves()).toEqual(['3', '5', '3', '4', '6'])
    await tracker.session(session.id).block('Again')
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    expect(moves().slice(5)).toEqual(['3', '5'])
    expect(server.issues()[0]).toMatchObject({
      status: 'Blocked',
      description: expect.stringContaining('blocked'),
    })
  })

  test('stops where the options name no way, and says which statuses there are', async () => {
    await using server = await serve({ steps: true })
    await using tracker = await tracked(server, { statuses: { start: 'In Progress', close: 'Done' } })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.close({ summary: 'Fixed', progress: 100 })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([
      'setStatus: no status "Done"; there is: To Do, In Review, Blocked',
    ])
    expect(server.issues()[0]?.comments).toHaveLength(1)
  })
})

test('what a session writes on a service request is internal', async () => {
  await using server = await serve()
  const key = server.addIssue('Customer cannot pay')
  await using tracker = await tracked(server)
  const session = await tracker.start({ goal: 'Look into it', refs: { jira: { issue: key } } })
  await session.decide('Refund only if they complain')
  await session.close({ summary: 'Our double charge' })
  expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
  expect(server.issues()[0]?.comments.map(({ internal }) => internal)).toEqual([true, true, true])
})

test('an issue type is found by its name in any case', async () => {
  await using server = await serve()
  await using tracker = await tracked(server, { issueType: 'sub task', parent: 'ENG-1' })
  server.addIssue('Above')
  await tracker.start({ goal: 'Below' })
  await using wrong = await tracked(server, { issueType: 'Chore' })
  await wrong.start({ goal: 'Never' })
  await drain(tracker)
  await drain(wrong)
  expect(await deadOf(tracker)).toEqual([])
  expect(await deadOf(wrong)).toEqual([
    'createIssue: no issue type "Chore"; there is: Task, Bug, Story, Epic, Sub-task',
  ])
  expect(server.issues().map(({ summary }) => summary)).toEqual(['Above', 'Below'])
})

test('an issue of an epic on Data Center names it in the field for it', async () => {
  await using server = await serve({ deployment: 'datacenter' })
  const epic = server.addIssue('The epic')
  await using tracker = await tracked(server, {
    apiVersion: 2,
    deployment: 'datacenter',
    parent: epic,
    epicField: 'customfield_10008',
  })
  await tracker.start({ goal: 'Below the epic' })
  expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
  const below = await tracker.read('jira', 'listChildren', { issue: epic })
  expect(below.map(({ fields }) => fields?.summary)).toEqual(['Below the epic'])
})

describe('what a person must know', () => {
  test('a status that does not exist is said with those there are, and stops nothing else', async () => {
    await using server = await serve()
    await using tracker = await tracked(server, { statuses: { start: 'Doing' } })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.decide('Lock per invoice')
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([
      'setStatus: no status "Doing"; there is: In Progress, In Review, Blocked, Done',
    ])
    expect(server.issues()[0]?.comments).toHaveLength(1)
  })

  test('an issue that is in its status already is not moved', async () => {
    await using server = await serve()
    await using tracker = await tracked(server, { statuses: { start: 'to do' } })
    await tracker.start({ goal: 'Stop double charging' })
    expect([await drain(tracker), await deadOf(tracker)]).toEqual([true, []])
    expect(server.effects().filter(({ kind }) => kind === 'transition')).toEqual([])
  })

  test('a field a transition asks for is named', async () => {
    await using server = await serve({ strictWorkflow: true })
    const key = server.addIssue('An issue')
    await using tracker = await tracked(server)
    await tracker.act('jira', 'setStatus', { issue: key, status: 'done' })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual(['setStatus: 400 resolution: Resolution is required.'])
    await tracker.act('jira', 'setStatus', { issue: key, status: 'Done', resolution: "Won't Do" })
    await drain(tracker)
    expect(server.issues()[0]?.status).toBe('Done')
  })

  test('a create screen without labels is said with what to do', async () => {
    await using server = await serve({ hidden: ['labels'] })
    await using tracker = await tracked(server)
    await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([
      expect.stringContaining('(new issues are found again by a label: put Labels on the create screen)'),
    ])
  })

  test('time tracking that is off stops nothing else', async () => {
    await using server = await serve({ timeTracking: false })
    const key = server.addIssue('An issue')
    await using tracker = await tracked(server)
    await tracker.act('jira', 'logWork', { issue: key, startedAt: '2026-11-20T07:30:00Z', seconds: 60 })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([
      'logWork: 400 Time Tracking is not enabled. (turn on time tracking in Jira, or worklog off)',
    ])
  })

  test('a scoped token at the address of the site is denied, and works at the gateway', async () => {
    await using server = await serve({ cloudId: 'c1' })
    await using site = await tracked(server)
    expect(await site.check('jira')).toMatchObject({ ok: false })
    await using gateway = await tracked(server, { gateway: server.url, cloudId: 'c1' })
    expect(await gateway.check('jira')).toMatchObject({ ok: true })
  })
})

test('an issue whose answer was lost is found as soon as the search knows it, and is not made twice', async () => {
  await using server = await serve({ searchLag: 4 })
  await using tracker = await tracked(server)
  server.fail({ path: '/rest/api/3/issue', failure: { kind: 'reset', applied: true } })
  await tracker.start({ goal: 'Stop double charging' })
  expect(await drain(tracker)).toBe(true)
  expect(server.issues()).toHaveLength(1)
  const searches = server.requests().filter(({ path }) => path.endsWith('/search/jql'))
  expect(searches.length).toBeGreaterThanOrEqual(5)
})

test('a comment whose answer was lost is found behind hundreds of newer ones', async () => {
  await using server = await serve()
  const key = server.addIssue('A busy issue')
  await using tracker = await tracked(server)
  server.fail({
    path: `/rest/api/3/issue/${key}/comment`,
    method: 'POST',
    failure: { kind: 'reset', applied: true },
  })
  // Others write more than two pages before we look.
  tracker.on('inDoubt', () => {
    for (let n = 0; n < 250; n += 1) server.addComment(key, `theirs ${n}`)
  })
  await tracker.act('jira', 'createComment', { issue: key, body: 'Ours' })
  expect(await drain(tracker)).toBe(true)
  expect(await deadOf(tracker)).toEqual([])
  const texts = server.issues()[0]?.comments.map(({ text }) => text) ?? []
  expect([texts.length, texts[0], texts.lastIndexOf('Ours')]).toEqual([251, 'Ours', 0])
  const pages = server.requests().filter(({ method, path }) => method === 'GET' && path.endsWith('/comment'))
  expect(pages.map(({ query }) => query.startAt)).toEqual([undefined, '100', '200'])
})
