import { createTracker } from '@sessionwire/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LinearOptions, linear } from '../src/index.ts'
import { type HostileLinear, hostileLinear } from '../src/testing.ts'

let server: HostileLinear
beforeEach(async () => {
  server = await hostileLinear()
})
afterEach(() => server.close())

const start = async (more: Partial<Omit<LinearOptions, 'as'>> = {}) => {
  const adapter = linear({ teamId: 'BIL', baseUrl: server.url, ...more })
  return createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [{ ...adapter, limits: { rates: {} } }],
    drainOnClose: 0,
    secrets: name => (name === 'LINEAR_API_KEY' ? 'lin_api_test' : undefined),
    policy: { afterMs: 0, backoffMs: 1, backoffMaxMs: 2, timeoutMs: 1_000, downAfter: 1_000 },
  })
}
type Tracker = Awaited<ReturnType<typeof start>>

const drain = (tracker: Tracker) => tracker.drain({ timeoutMs: 60_000 })
const deadOf = async (tracker: Tracker) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => [action, reason])
const card = () => server.issues().at(-1)

describe('words of people in the description of a card', () => {
  test('stay, before and behind the block of the session, over many edits and another spelling', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.edit('BIL-301', text => `## Please read\n\n- ask Ada\n\n${text}\n\nSee also BIL-212.`)
    for (const [place, progress] of [30, 60].entries()) {
      await session.update(`Step ${place}`, { progress, nextSteps: ['one', 'two'] })
      await drain(tracker)
      server.edit('BIL-301', text => `${text}\n\nNote ${place}`)
    }
    await session.close({ summary: 'Fixed', progress: 100 })
    await drain(tracker)
    const text = card()?.description ?? ''
    const [before, , after] = text.split(/[▼▲] Session [0-9a-f-]{36}/)
    expect([before?.trim(), after?.trim()]).toEqual([
      '## Please read\n\n* ask Ada',
      'See also BIL-212.\n\nNote 0\n\nNote 1',
    ])
    expect(text).toContain('`██████████` 0 → 100 % · **completed**')
    expect(text).not.toContain('Step 0')
    expect(text).toMatch(/\nEvent [0-9a-f-]{36} · sessionwire \S+\n▲ Session/)
    expect(await deadOf(tracker)).toEqual([])
  })

  test('stay alone where a person removed the block; the card goes on as one comment', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.edit('BIL-301', () => 'Mine alone')
    await session.decide('Lock per invoice')
    await drain(tracker)
    await session.update('Reproduced', { progress: 50 })
    await drain(tracker)
    await session.close({ summary: 'Fixed', progress: 100 })
    await drain(tracker)
    expect([card()?.description, await deadOf(tracker)]).toEqual(['Mine alone', []])
    const bodies = server.comments('BIL-301').map(({ body }) => body)
    expect(bodies.map(body => body.split('\n')[0])).toEqual([
      '**Decision**',
      '**Stop double charging**',
      expect.stringContaining('Session completed'),
    ])
    expect(bodies[1]).toContain('`██████████` 0 → 100 % · **completed**')
  })

  test('are not pulled into the block by a mark that somebody copied into it', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.edit('BIL-301', text => `${text}\n\nbehind`)
    await session.update(`▲ Session ${session.id}`)
    await drain(tracker)
    await session.update('Done')
    await drain(tracker)
    const text = card()?.description ?? ''
    expect(text.endsWith('behind')).toBe(true)
    expect(text.match(/▲ Session/g)).toHaveLength(1)
  })
})

test('every comment names session, event and version in its last line', async () => {
  await using tracker = await start()
  const session = await tracker.start({ goal: 'x', refs: { linear: { issue: 'BIL-212' } } })
  await session.decide('Lock per invoice')
  await session.close({ summary: 'Fixed' })
  await drain(tracker)
  const last = server.comments('BIL-212').map(({ body }) => body.split('\n').at(-1))
  expect(last).toHaveLength(3)
  for (const line of last)
    expect(line).toMatch(new RegExp(`^\\*Session ${session.id} · event [0-9a-f-]{36} · sessionwire \\S+\\*$`))
})

describe('a card that a person deleted', () => {
  const goneOf = async (tracker: Tracker) => (await tracker.status()).adapters[0]?.gone
  const next: Readonly<Record<string, (tracker: Tracker, id: string) => Promise<unknown>>> = {
    'a status': (tracker, id) => tracker.act('linear', 'setStatus', { status: 'Done' }, { sessionId: id }),
    labels: (tracker, id) => tracker.act('linear', 'addLabels', { labels: ['Bug'] }, { sessionId: id }),
    'a comment': (tracker, id) => tracker.act('linear', 'createComment', { body: 'x' }, { sessionId: id }),
    'a link': (tracker, id) =>
      tracker.act('linear', 'addLink', { url: 'https://example.com', title: 'x' }, { sessionId: id }),
    'a sub-issue': (tracker, id) =>
      tracker.act('linear', 'createSubIssue', { title: 'x' }, { sessionId: id }),
  }
  test.for(Object.keys(next))('is noticed by %s, and a new one takes its place', async name => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.remove(card()?.id ?? '')
    await next[name]?.(tracker, session.id)
    await session.decide('Lock per invoice')
    await drain(tracker)
    expect(await goneOf(tracker)).toBe(1)
    expect(server.comments()).toEqual([])
    await tracker.recreateCard(session.id, 'linear')
    await drain(tracker)
    expect(server.issues().find(({ identifier }) => identifier === 'BIL-302')).toMatchObject({
      title: 'Stop double charging',
    })
  })
  test('is not taken for gone by a state, label or project of another name', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    const status = '1a2b3c4d-0000-4000-8000-000000000001'
    await tracker.act('linear', 'setStatus', { status }, { sessionId: session.id })
    await session.decide('Lock per invoice')
    await drain(tracker)
    expect(await goneOf(tracker)).toBe(0)
    expect(server.comments('BIL-301')).toHaveLength(1)
    expect((await deadOf(tracker)).map(([action]) => action)).toEqual(['setStatus'])
  })
  test.for([
    ['a page of a proxy', { status: 404, text: '<html>Not Found</html>' }],
    ['JSON of a gateway', { status: 404, body: { message: 'no route' } }],
    ['a status of success without a body', { status: 200, text: '' }],
  ] as const)('is not taken for gone by an answer of somebody else: %s', async ([, answer]) => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.fail({ times: 4, failure: { kind: 'answer', applied: false, answer } })
    await session.decide('Lock per invoice')
    await drain(tracker)
    expect([await goneOf(tracker), await deadOf(tracker)]).toEqual([0, []])
    expect(server.comments('BIL-301')).toHaveLength(1)
    expect(card()?.description).toContain('Lock per invoice')
  })
  test('is noticed where it is the comment at an issue of people', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'x', refs: { linear: { issue: 'BIL-212' } } })
    await drain(tracker)
    server.remove(server.comments()[0]?.id ?? '')
    await session.update('Reproduced')
    await drain(tracker)
    expect(await goneOf(tracker)).toBe(1)
  })
})

describe('rights', () => {
  test('an issue that is closed to the credential rejects its own calls, and nothing pauses', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await drain(tracker)
    server.forbid('BIL-300')
    await tracker.act('linear', 'createComment', { issue: 'BIL-300', body: 'x' }, { sessionId: session.id })
    await session.decide('Lock per invoice')
    await expect
      .poll(() => deadOf(tracker))
      .toEqual([['createComment', expect.stringContaining('You do not have access to this issue')]])
    await drain(tracker)
    expect(server.comments('BIL-301')).toHaveLength(1)
  })
  test('that are missing are named, and nothing is lost: with the right scope it goes on', async () => {
    server.forbid('write')
    await using tracker = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.decide('Lock per invoice')
    await expect
      .poll(() => deadOf(tracker))
      .toEqual([['createCard', expect.stringContaining('Invalid scope: `write` required')]])
    server.allow()
    const [dead] = await tracker.deliveries({ state: 'dead' })
    await tracker.retry([dead?.key ?? ''])
    await drain(tracker)
    expect([server.comments('BIL-301').length, await deadOf(tracker)]).toEqual([1, []])
  })
  test('are told by what reads show of the target', async () => {
    const project = server.idOf('project:Payments')
    const probed = async (more: Partial<Omit<LinearOptions, 'as'>>) => {
      await using tracker = await start(more)
      const { ok, probes, reason, hint } = await tracker.check('linear')
      return { ok, probes: probes.map(each => [each.about, each.ok]), reason, hint }
    }
    expect(
      await probed({
        projectId: project,
        labels: ['bug'],
        statuses: { start: 'in-progress', close: 'Done' },
      }),
    ).toEqual({
      ok: true,
      probes: [
        ['team BIL', true],
        [`project ${project}`, true],
        ['workflow state "in-progress"', true],
        ['workflow state "Done"', true],
        ['label "bug"', true],
      ],
      reason: undefined,
      hint: undefined,
    })
    expect(await probed({ teamId: 'HR' })).toMatchObject({
      ok: false,
      probes: [['team HR', false]],
      hint: expect.stringContaining('Correct teamId'),
    })
    expect(await probed({ statuses: { close: 'Shipped' } })).toMatchObject({
      ok: false,
      reason:
        'workflow state "Shipped": no workflow state "Shipped"; there is: Triage, Backlog, Todo, In Progress, Blocked, Done, Canceled',
    })
    expect(await probed({ labels: ['Pager'] })).toMatchObject({
      ok: false,
      reason: 'label "Pager": no label "Pager"; there is: Bug, agent, On Call, on-call',
    })
    expect(await probed({ projectId: '1a2b3c4d-0000-4000-8000-000000000001' })).toMatchObject({ ok: false })
  })
})

test('the final state comes after the last edit of the card, however long nothing could be sent', async () => {
  await using tracker = await start({ statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' } })
  server.fail({ times: 6, failure: { kind: 'reset', applied: false } })
  const session = await tracker.start({ goal: 'Stop double charging' })
  const blocker = await session.block('No key', { category: 'external', severity: 'high' })
  await blocker.resolve('Here')
  await session.close({ summary: 'Fixed', progress: 100 })
  await drain(tracker)
  const changes = server
    .requests()
    .map(({ raw }) => raw)
    .filter(raw => raw.includes('mutation IssueUpdate'))
  expect(changes.at(-1)).toContain('stateId')
  expect([server.stateOf('BIL-301'), await deadOf(tracker)]).toEqual(['Done', []])
  expect(card()?.description).toContain('**completed**')
})

describe('labels', () => {
  test.for([
    ['bug', 'Bug'],
    ['AGENT', 'agent'],
    ['On Call', 'On Call'],
    ['on-call', 'on-call'],
  ] as const)('%s is %s of the team or of the workspace', async ([given, found]) => {
    await using tracker = await start({ labels: [given] })
    await tracker.start({ goal: 'x' })
    await drain(tracker)
    expect([card()?.labelIds, await deadOf(tracker)]).toEqual([[server.idOf(`label:${found}`)], []])
  })
  test('of which two fit is told, not chosen', async () => {
    await using tracker = await start({ labels: ['on_call'] })
    await tracker.start({ goal: 'x' })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([
      ['addLabels', '2 of Bug, agent, On Call, on-call fit "on_call": give the exact label'],
    ])
  })
  test('is not created where the workspace has it in another case', async () => {
    await using tracker = await start()
    const session = await tracker.start({ goal: 'x' })
    await tracker.act('linear', 'createLabel', { name: 'Agent' }, { sessionId: session.id })
    await drain(tracker)
    expect(await deadOf(tracker)).toEqual([])
    expect(server.labels().filter(({ name }) => name.toLowerCase() === 'agent')).toHaveLength(1)
  })
})

test('previews are one line for each request', async () => {
  await using tracker = await start({
    mode: 'preview',
    labels: ['Bug'],
    statuses: { start: 'In Progress' },
    sessionUrl: 'https://example.com/s/{id}',
  })
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.update('Reproduced')
  await session.decide('Lock per invoice')
  const planned = await tracker.deliveries({ state: 'planned' })
  const text = tracker.render(
    planned.flatMap(({ descriptor }) => descriptor ?? []),
    'text',
  )
  expect(text.replaceAll(session.id, 'ID').trim().split('\n')).toEqual([
    'create issue "Stop double charging"',
    "move the session's issue to In Progress",
    "add labels to the session's issue: Bug",
    "link the session's issue to https://example.com/s/ID",
    "edit the session's block in the description of the session's issue",
    "comment on the session's issue: Decision: Lock per invoice",
  ])
})
