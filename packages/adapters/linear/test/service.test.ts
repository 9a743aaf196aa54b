import type { Json, Lookup } from '@sessionwire/core/adapter'
import { afterEach, describe, expect, test } from 'vitest'
import { createCard } from '../src/actions/cards.ts'
import { type LinearOptions, linear } from '../src/index.ts'
import { type HostileLinear, type HostileLinearOptions, hostileLinear } from '../src/testing.ts'
import { carrier, refusalOf, withKey } from './carrier.ts'

const ORIGIN = { session: { id: 's1' }, event: { id: 'e1' } }

let server: HostileLinear
afterEach(() => server.close())

const start = async (options: HostileLinearOptions = {}, more: Partial<LinearOptions> = {}) => {
  server = await hostileLinear(options)
  const adapter = linear({ teamId: 'BIL', baseUrl: server.url, ...more })
  return { adapter, ...carrier(adapter, server), actions: adapter.actions }
}

describe('what was made is found again', () => {
  test.for(['refuse', 'break', 'accept'] as const)(
    'and not made twice when a repeated id is answered by: %s',
    async repeatedId => {
      const { adapter, send, lookUp, actions } = await start({ repeatedId })
      const comment = withKey(adapter, actions.createComment({ issue: 'BIL-212', body: 'once' }))
      server.fail({ failure: { kind: 'late' } })
      expect((await send(comment)).outcome.kind).toBe('unknown')
      expect(await lookUp(comment)).toBeUndefined()
      // Applied after the look-up: the repeated call meets its own id.
      expect(server.applyLate()).toBe(1)
      const { outcome } = await send(comment)
      expect(outcome.kind).toBe({ refuse: 'rejected', break: 'unknown', accept: 'delivered' }[repeatedId])
      expect(server.comments('BIL-212').map(({ body }) => body)).toEqual(['once'])
      expect(Object.values((await lookUp(comment)) ?? {})).toEqual([
        expect.stringMatching(/^https:\/\/linear\.app\//),
      ])
    },
  )

  test('even if a person archived it meanwhile', async () => {
    const { adapter, send, lookUp } = await start()
    const card = withKey(adapter, createCard('Lock', 'text', ORIGIN))
    server.fail({ skip: 1, failure: { kind: 'cut' } })
    expect((await send(card)).outcome.kind).toBe('unknown')
    const made = server.issues().at(-1)
    server.archive(made?.id ?? '')
    expect(await lookUp(card)).toEqual({
      issueId: made?.id,
      identifier: 'BIL-301',
      url: 'https://linear.app/acme/issue/BIL-301/lock',
    })
  })

  test('at its issue when it is a relation, page by page', async () => {
    const { adapter, send, lookUp, actions } = await start({ longestPage: 1 })
    const relate = (place: number, type: 'blocks' | 'related') =>
      withKey(adapter, actions.linkIssues({ issue: 'BIL-212', kind: type, to: 'BIL-300' }), place)
    const first = relate(0, 'blocks')
    expect(await lookUp(first)).toBeUndefined()
    await send(first)
    await send(relate(1, 'related'))
    await send(relate(2, 'related'))
    expect(Object.values((await lookUp(first)) ?? {})).toEqual([server.relations()[0]?.id])
    server.remove(server.issues()[0]?.id ?? '')
    expect(await lookUp(first)).toBeUndefined()
  })

  test('when it is a label, by its name: one that is there is enough', async () => {
    const { adapter, send, lookUp, actions } = await start()
    const label = withKey(adapter, actions.createLabel({ name: 'flaky' }))
    expect(await lookUp(label)).toBeUndefined()
    expect((await send(label)).outcome).toEqual({ kind: 'delivered' })
    const again = withKey(adapter, actions.createLabel({ name: 'flaky' }), 1)
    expect(Object.values((await lookUp(again)) ?? {})).toEqual([server.labels().at(-1)?.id])
    expect((await send(again)).outcome).toMatchObject({
      kind: 'rejected',
      reason: '200 INPUT_ERROR: duplicate label name',
    })
  })
})

describe('names', () => {
  test('a workflow state by its name, of the team the issue is in now', async () => {
    const { adapter, send, actions } = await start()
    server.move('BIL-212', 'OPS')
    const { outcome } = await send(withKey(adapter, actions.setStatus({ issue: 'BIL-212', status: 'Done' })))
    expect([outcome.kind, server.stateOf('OPS-1'), server.stateOf('BIL-212')]).toEqual([
      'delivered',
      'Done',
      'Done',
    ])
    expect(await refusalOf(adapter, server, all => all.setStatus({ issue: 'BIL-300', status: 'done' }))).toBe(
      'no workflow state "done"; there is: Triage, Backlog, Todo, In Progress, Blocked, Done, Canceled',
    )
    expect(
      await refusalOf(adapter, server, all =>
        all.setStatus({ issue: 'BIL-300', status: server.idOf('state:OPS/Done') }),
      ),
    ).toBe('200 INPUT_ERROR: Discrepancy between issue team and state team')
  })

  test('labels are added to those there are, of the team and of the workspace only', async () => {
    const { adapter, send, actions } = await start({ longestPage: 1 })
    const labelsOf = () => server.issues()[0]?.labelIds
    await send(withKey(adapter, actions.addLabels({ issue: 'BIL-212', labels: ['Bug'] })))
    await send(withKey(adapter, actions.addLabels({ issue: 'BIL-212', labels: ['agent'] })))
    expect(labelsOf()).toEqual([server.idOf('label:Bug'), server.idOf('label:agent')])
    await send(withKey(adapter, actions.removeLabels({ issue: 'BIL-212', labels: ['Bug'] })))
    expect(labelsOf()).toEqual([server.idOf('label:agent')])
    for (const name of ['Pager', 'Area'])
      expect(
        await refusalOf(adapter, server, all => all.addLabels({ issue: 'BIL-212', labels: [name] })),
      ).toBe(`no label "${name}"; there is: Bug, agent, On Call, on-call`)
  })

  test('teams by key', async () => {
    const { adapter, send, actions } = await start()
    const issue = actions.createIssue({
      title: 'Disk',
      team: 'ops',
      status: 'Todo',
      labels: ['Pager'],
      parent: 'BIL-212',
    })
    expect((await send(withKey(adapter, issue))).outcome).toEqual({ kind: 'delivered' })
    expect(server.issues().at(-1)).toMatchObject({
      identifier: 'OPS-1',
      stateId: server.idOf('state:OPS/Todo'),
      labelIds: [server.idOf('label:Pager')],
      parentId: server.issues()[0]?.id,
    })
    expect(await refusalOf(adapter, server, all => all.createIssue({ title: 'x', team: 'HR' }))).toBe(
      'no team "HR"; there is: BIL, OPS',
    )
  })
})

describe('an issue or comment that is not there', () => {
  test('is told as missing, so that the card is looked for', async () => {
    const { adapter, send, actions } = await start()
    const gone = '1a2b3c4d-0000-4000-8000-000000000001'
    const outcomes = []
    for (const step of [
      actions.createComment({ issue: gone, body: 'x' }),
      actions.updateIssue({ issue: gone, title: 'x' }),
      actions.editComment({ comment: gone, body: 'x' }),
    ])
      outcomes.push((await send(withKey(adapter, step))).outcome)
    const missing = (entity: string) => ({
      kind: 'rejected',
      reason: `200 INPUT_ERROR: Entity not found: ${entity} Could not find referenced ${entity}. (${entity.toLowerCase()} ${gone})`,
      missing: true,
    })
    expect(outcomes).toEqual([missing('Issue'), missing('Issue'), missing('Comment')])
  })
})

test('the same link twice is one attachment', async () => {
  const { adapter, send, actions } = await start()
  const link = (subtitle: string) =>
    withKey(
      adapter,
      actions.addLink({ issue: 'BIL-212', url: 'https://example.com/s/1', title: 'Session', subtitle }),
    )
  await send(link('running'))
  await send(link('done'))
  expect(server.attachments().map(({ title, subtitle }) => [title, subtitle])).toEqual([['Session', 'done']])
})

test('project updates and documents arrive as they were written', async () => {
  const { adapter, send, actions } = await start()
  const projectId = server.idOf('project:Payments')
  await send(
    withKey(adapter, actions.createProjectUpdate({ projectId, body: 'It is *fixed*', health: 'onTrack' })),
  )
  await send(
    withKey(
      adapter,
      actions.createDocument({ issue: 'BIL-212', title: 'Why', body: { markdown: '# Why' } }),
      1,
    ),
  )
  expect(server.projectUpdates()).toMatchObject([{ projectId, text: 'It is \\*fixed\\*', health: 'onTrack' }])
  expect(server.documents()).toMatchObject([{ title: 'Why', text: '# Why', projectId: null }])
})

describe('an empty bucket', () => {
  test('is waited for as long as it takes until there is room', async () => {
    const { adapter, send, actions } = await start({ requests: 1 })
    const comment = withKey(adapter, actions.createComment({ issue: 'BIL-212', body: 'x' }))
    await send(comment)
    expect((await send(comment)).outcome).toEqual({
      kind: 'retry',
      reason:
        '400 RATELIMITED: Rate limit exceeded Rate limit exceeded. Only 1 requests are allowed per 1 hour.',
      throttled: true,
      waitMs: 3_600_000,
    })
    server.fail({ failure: { kind: 'throttle', waitSeconds: 90 } })
    expect((await send(comment)).outcome).toMatchObject({ kind: 'retry', throttled: true, waitMs: 90_000 })
    server.fail({ failure: { kind: 'throttle' } })
    expect((await send(comment)).outcome).toMatchObject({ kind: 'retry', throttled: true, waitMs: 30_000 })
  })
})

describe('reads', () => {
  test('give what their schemas say', async () => {
    const { adapter, send, items, actions } = await start({ longestPage: 3 })
    await send(withKey(adapter, actions.createComment({ issue: 'BIL-212', body: 'one' })))
    await send(withKey(adapter, actions.linkIssues({ issue: 'BIL-212', to: 'BIL-300', kind: 'blocks' }), 1))
    await send(
      withKey(
        adapter,
        actions.updateIssue({ issue: 'BIL-212', assignee: server.idOf('user:ada'), status: 'In Progress' }),
      ),
    )
    const at = { key: 'fetch', config: adapter.config }
    const fetch = async (name: keyof typeof actions, input: object): Promise<Json> => {
      const read = actions[name]
      if (read.effect !== 'read') throw new Error(`${name} writes`)
      const lookup = (read.build as (value: unknown, here: unknown) => Lookup)(read.input.parse(input), at)
      const found = (await items(lookup, name, {})) as readonly Json[]
      return read.output.parse(lookup.list === undefined ? found[0] : found) as Json
    }
    const names = async (name: keyof typeof actions, input: object) =>
      ((await fetch(name, input)) as readonly Readonly<Record<string, Json>>[]).map(
        each => each.identifier ?? each.key ?? each.name ?? each.body ?? each.type,
      )
    expect(await names('search', { query: 'charging' })).toEqual(['BIL-212'])
    expect(await names('listActiveIssues', {})).toEqual(['BIL-212'])
    expect(await fetch('getIssue', { issue: 'https://linear.app/acme/issue/BIL-212' })).toMatchObject({
      identifier: 'BIL-212',
      state: { name: 'In Progress' },
      team: { key: 'BIL' },
      assignee: { name: 'Ada Fixer' },
    })
    expect(await names('listComments', { issue: 'BIL-212' })).toEqual(['one'])
    expect(await names('listRelations', { issue: 'BIL-212' })).toEqual(['blocks'])
    expect(await names('listStatuses', { limit: 2 })).toHaveLength(2)
    expect(await names('listStatuses', { limit: 2, all: true })).toEqual([
      'Triage',
      'Backlog',
      'Todo',
      'In Progress',
      'Blocked',
      'Done',
      'Canceled',
    ])
    expect(await names('listLabels', { all: true })).toEqual(['Bug', 'agent', 'Area', 'On Call', 'on-call'])
    expect(await names('findUsers', { name: 'FIX' })).toEqual(['Ada Fixer'])
    expect(await names('findUsers', { email: 'ada@example.com', name: 'nobody' })).toEqual([])
    expect(await names('listTeams', {})).toEqual(['BIL', 'OPS'])
    expect(await names('listProjects', { name: 'pay' })).toEqual(['Payments'])
    expect(await fetch('whoAmI', {})).toMatchObject({ name: 'Ada Fixer', organization: { name: 'Acme' } })
  })
  test('a search goes on behind the cursor of an issue', async () => {
    const { adapter, send, items, actions } = await start()
    for (const [place, title] of ['Lock one', 'Lock two', 'Lock three'].entries())
      await send(withKey(adapter, actions.createIssue({ title }), place))
    const { build, input, output } = actions.search
    const at = { key: 'search', config: adapter.config }
    const page = async (cursor?: string) =>
      output.parse(
        await items(
          build(input.parse({ query: 'lock', limit: 2, ...(cursor && { cursor }) }), at),
          'search',
          {},
        ),
      )
    const first = await page()
    const second = await page(first.at(-1)?.cursor)
    expect([first.length, second.length]).toEqual([2, 1])
    expect(new Set([...first, ...second].map(({ title }) => title)).size).toBe(3)
  })
})
