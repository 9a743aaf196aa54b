import { createTracker } from '@sessionwire/core'
import type { Failure } from '@sessionwire/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type LinearOptions, linear } from '../src/index.ts'
import { type HostileLinear, type HostileLinearOptions, hostileLinear } from '../src/testing.ts'

let server: HostileLinear
afterEach(() => server.close())

const start = async (more: Partial<Omit<LinearOptions, 'as'>> = {}, options: HostileLinearOptions = {}) => {
  server = await hostileLinear(options)
  const adapter = linear({ teamId: 'BIL', baseUrl: server.url, ...more })
  const tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [adapter],
    secrets: name => (name === 'LINEAR_API_KEY' ? 'lin_api_test' : undefined),
    policy: {
      afterMs: 0,
      backoffMs: 1,
      backoffMaxMs: 2,
      timeoutMs: 500,
      readTimeoutMs: 500,
      downAfter: 1_000,
    },
  })
  return { tracker, adapter }
}
const deadOf = async (tracker: Awaited<ReturnType<typeof start>>['tracker']) =>
  (await tracker.deliveries({ state: 'dead' })).map(({ action, reason }) => [action, reason])

describe('a session of a real tracker', () => {
  test.each([{}, { linear: { issue: 'BIL-212' } }])(
    'is linked by its issue in the report, with %j',
    async refs => {
      const { tracker } = await start()
      const session = await tracker.start({ goal: 'Stop double charging', refs })
      await session.decide('Lock per invoice')
      await tracker.drain({ timeoutMs: 60_000 })
      const [, url, name] = /<a href="([^"]*)"[^>]*>([^<]*)</.exec(await tracker.report(session.id)) ?? []
      expect(name).toBe('linear' in refs ? 'BIL-212' : 'BIL-301')
      expect(url).toMatch(new RegExp(`^https://linear\\.app/[^/]+/issue/${name}/[^#?]*$`))
      await tracker.close()
    },
  )
  test('shows a changed goal as its title, and leaves the title of a linked issue alone', async () => {
    const { tracker } = await start()
    const session = await tracker.start({ goal: 'Old goal' })
    const linked = await tracker.start({ goal: 'Old goal', refs: { linear: { issue: 'BIL-212' } } })
    const title = server.issues().find(({ identifier }) => identifier === 'BIL-212')?.title
    await tracker.drain({ timeoutMs: 60_000 })
    for (const each of [session, linked]) await each.update('Seen twice', { goal: 'New goal' })
    await session.close({})
    await linked.close({})
    await tracker.drain({ timeoutMs: 60_000 })
    expect(server.issues().map(issue => [issue.identifier, issue.title])).toEqual(
      expect.arrayContaining([
        ['BIL-301', 'New goal'],
        ['BIL-212', title],
      ]),
    )
    await tracker.close()
  })
  test('becomes an issue with comments, in its states', async () => {
    const { tracker } = await start({
      labels: ['agent', 'Bug'],
      statuses: { start: 'In Progress', blocker: 'Blocked', close: 'Done' },
      sessionUrl: 'https://example.com/s/{id}',
    })
    const session = await tracker.start({ goal: 'Stop double charging', progress: 20 })
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice', { rationale: 'Stripe retries' })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
    await tracker.drain({ timeoutMs: 60_000 })
    expect(server.stateOf('BIL-301')).toBe('Blocked')
    await blocker.resolve('Key issued by ops')
    await session.close({ summary: 'Fixed', progress: 100 })
    await tracker.act('linear', 'createComment', { body: 'see #981' }, { sessionId: session.id })
    const drained = await tracker.drain({ timeoutMs: 60_000 })
    expect([drained.done, await deadOf(tracker)]).toEqual([true, []])
    const [, , issue] = server.issues()
    expect(issue).toMatchObject({
      identifier: 'BIL-301',
      title: 'Stop double charging',
      labelIds: [server.idOf('label:agent'), server.idOf('label:Bug')],
      description: expect.stringContaining('100 % · **completed**'),
    })
    expect(server.stateOf('BIL-301')).toBe('Done')
    expect(server.attachments().map(({ url }) => url)).toEqual([`https://example.com/s/${session.id}`])
    expect(server.comments('BIL-301').map(({ body }) => body.split('\n')[0])).toEqual([
      '**Decision**',
      '**Blocked (high)**',
      '**Unblocked**',
      '**Session completed, 20 → 100 %**',
      'see #981',
    ])
    expect(await tracker.read('linear', 'getIssue', { issue: 'BIL-301' })).toMatchObject({
      state: { name: 'Done' },
    })
    for (const name of ['getIssue', 'listComments', 'listRelations'] as const)
      await expect(tracker.read('linear', name, { issue: 'BIL-999' })).rejects.toMatchObject({
        code: 'ADAPTER',
        message: expect.stringMatching(
          `^linear\\.${name}: 200 INPUT_ERROR: Entity not found: Issue .*\\(issue BIL-999\\)\\. Check the input, and what the credential may see\\.$`,
        ),
      })
    expect((await tracker.read('linear', 'listTeams', {})).map(({ key }) => key)).toEqual(['BIL', 'OPS'])
    await tracker.close()
  })

  test('adopts an issue: its text stays, one comment shows how it stands', async () => {
    const { tracker } = await start({ statuses: { start: 'in progress', close: 'DONE' } })
    const session = await tracker.start({
      goal: 'Stop double charging',
      refs: { linear: { issue: 'BIL-212' } },
    })
    await session.update('Reproduced')
    await session.close({ summary: 'Fixed' })
    await tracker.drain({ timeoutMs: 60_000 })
    expect(await deadOf(tracker)).toEqual([])
    expect(server.issues().map(({ identifier, description }) => [identifier, description])).toEqual([
      ['BIL-212', null],
      ['BIL-300', null],
    ])
    const [status, summary] = server.comments('BIL-212')
    expect(status?.body).toMatch(/^\*\*Stop double charging\*\*\n\n\*\*completed\*\*\n/)
    expect(summary?.body).toMatch(/^\*\*Session completed/)
    expect(server.stateOf('BIL-212')).toBe('Done')
    await tracker.close()
  })

  test('a wrong state name stops nothing else, and says what there is', async () => {
    const { tracker } = await start({ statuses: { start: 'Doing' } })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.decide('Lock per invoice')
    await tracker.drain({ timeoutMs: 60_000 })
    expect(await deadOf(tracker)).toEqual([
      [
        'setStatus',
        'no workflow state "Doing"; there is: Triage, Backlog, Todo, In Progress, Blocked, Done, Canceled',
      ],
    ])
    expect(server.comments('BIL-301')).toHaveLength(1)
    await tracker.close()
  })

  test('a card that a person deleted stops its lane, and a new one can be made', async () => {
    const { tracker } = await start()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await tracker.drain({ timeoutMs: 60_000 })
    server.remove(server.issues().at(-1)?.id ?? '')
    await session.decide('Lock per invoice')
    await session.decide('Not a global one')
    await tracker.drain({ timeoutMs: 60_000 })
    expect(server.comments()).toEqual([])
    await tracker.recreateCard(session.id, 'linear')
    await tracker.drain({ timeoutMs: 60_000 })
    expect(server.issues().at(-1)).toMatchObject({ identifier: 'BIL-302', title: 'Stop double charging' })
    await tracker.close()
  })

  const WAYS: readonly Failure[] = [
    { kind: 'refuse' },
    { kind: 'reset', applied: false },
    { kind: 'reset', applied: true },
    { kind: 'cut' },
    { kind: 'late', after: 2 },
    { kind: 'throttle', waitSeconds: 0 },
    { kind: 'error', applied: true },
    { kind: 'error', applied: false, status: 503 },
    { kind: 'inside', applied: true },
    { kind: 'nonsense', applied: true },
    { kind: 'html', applied: false },
    { kind: 'other', applied: true },
  ]
  test.for(['refuse', 'break', 'accept'] as const)(
    'survives a Linear that fails in every way, repeated ids: %s',
    async repeatedId => {
      const { tracker } = await start(
        { labels: ['Bug'], statuses: { start: 'In Progress', close: 'Done' } },
        { repeatedId, seed: 7 },
      )
      for (const failure of WAYS) server.fail({ chance: 0.03, failure })
      const session = await tracker.start({ goal: 'Stop double charging' })
      for (const content of ['one', 'two', 'three']) await session.decide(content)
      await session.close({ summary: 'Fixed', progress: 100 })
      await tracker.drain({ timeoutMs: 20_000 })
      server.behave()
      server.applyLate()
      await tracker.drain({ timeoutMs: 20_000 })
      expect(await deadOf(tracker)).toEqual([])
      expect(server.issues()).toHaveLength(3)
      expect(server.issues().at(-1)?.description).toContain('100 % · **completed**')
      expect(server.comments().map(({ body }) => body.split('\n')[2])).toEqual([
        'one',
        'two',
        'three',
        'Fixed',
      ])
      expect(server.stateOf('BIL-301')).toBe('Done')
      await tracker.close()
    },
  )
})
