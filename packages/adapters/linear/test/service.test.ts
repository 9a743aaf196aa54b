import type { Json, Lookup } from '@sessionwire/core/adapter'
import { afterEach, describe, expect, test } from 'vitest'
import { type LinearOptions, linear } from '../src/index.ts'
import { type HostileLinear, type HostileLinearOptions, hostileLinear } from '../src/testing.ts'
import { carrier, refusalOf, withKey } from './carrier.ts'

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
      const comment = withKey(adapter, actions.createComment({ issue: 'BIL-212', text: 'once' }))
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
    const { adapter, send, lookUp, actions } = await start()
    const card = withKey(adapter, actions.createCard({ title: 'Lock', text: 'text' }))
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
      withKey(adapter, actions.createRelation({ issue: 'BIL-212', type, relatedIssue: 'BIL-300' }), place)
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
      reason: 'INPUT_ERROR: duplicate label name',
    })
  })
})

describe('names', () => {
  test('a workflow state by its name, of the team the issue is in now', async () => {
    const { adapter, send, actions } = await start()
    server.move('BIL-212', 'OPS')
    const { outcome } = await send(withKey(adapter, actions.setState({ issue: 'BIL-212', state: 'Done' })))
    expect([outcome.kind, server.stateOf('OPS-1'), server.stateOf('BIL-212')]).toEqual([
      'delivered',
      'Done',
      'Done',
    ])
    expect(await refusalOf(adapter, server, all => all.setState({ issue: 'BIL-300', state: 'done' }))).toBe(
      'no workflow state "done"; there is: Triage, Backlog, Todo, In Progress, Blocked, Done, Canceled',
    )
    expect(
      await refusalOf(adapter, server, all =>
        all.setState({ issue: 'BIL-300', state: server.idOf('state:OPS/Done') }),
      ),
    ).toBe('INPUT_ERROR: Discrepancy between issue team and state team')
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
      ).toBe(`no label "${name}"; there is: Bug, agent`)
  })

  test('teams by key', async () => {
    const { adapter, send, actions } = await start()
    const issue = actions.createIssue({
      title: 'Disk',
      team: 'ops',
      state: 'Todo',
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

describe('a card that a person deleted', () => {
  test('is gone for its edits and entries, and for nothing else', async () => {
    const { adapter, send, actions } = await start()
    const gone = '1a2b3c4d-0000-4000-8000-000000000001'
    const outcomes = []
    for (const step of [
      actions.editCard({ issue: gone, text: 'x' }),
      actions.createEntry({ issue: gone, text: 'x' }),
      actions.editStatus({ comment: gone, text: 'x' }),
      actions.createComment({ issue: gone, text: 'x' }),
      actions.updateIssue({ issue: gone, title: 'x' }),
    ])
      outcomes.push((await send(withKey(adapter, step))).outcome)
    const rejected = (entity: string) => ({
      kind: 'rejected',
      reason: `INPUT_ERROR: Entity not found: ${entity} Could not find referenced ${entity}.`,
    })
    expect(outcomes).toEqual([
      { ...rejected('Issue'), gone: true },
      { ...rejected('Issue'), gone: true },
      { ...rejected('Comment'), gone: true },
      rejected('Issue'),
      rejected('Issue'),
    ])
  })
})

test('the same link twice is one attachment', async () => {
  const { adapter, send, actions } = await start()
  const link = (subtitle: string) =>
    withKey(
      adapter,
      actions.attachLink({ issue: 'BIL-212', url: 'https://example.com/s/1', title: 'Session', subtitle }),
    )
  await send(link('running'))
  await send(link('done'))
  expect(server.attachments().map(({ title, subtitle }) => [title, subtitle])).toEqual([['Session', 'done']])
})

test('project updates and documents arrive as they were written', async () => {
  const { adapter, send, actions } = await start()
  const projectId = server.idOf('project:Payments')
  await send(
    withKey(adapter, actions.postProjectUpdate({ projectId, text: 'It is *fixed*', health: 'onTrack' })),
  )
  await send(
    withKey(
      adapter,
      actions.createDocument({ issue: 'BIL-212', title: 'Why', text: { markdown: '# Why' } }),
      1,
    ),
  )
  expect(server.projectUpdates()).toMatchObject([{ projectId, text: 'It is \\*fixed\\*', health: 'onTrack' }])
  expect(server.documents()).toMatchObject([{ title: 'Why', text: '# Why', projectId: null }])
})

describe('an empty bucket', () => {
  test('is waited for as long as it takes until there is room', async () => {
    const { adapter, send, actions } = await start({ requests: 1 })
    const comment = withKey(adapter, actions.createComment({ issue: 'BIL-212', text: 'x' }))
    await send(comment)
    expect((await send(comment)).outcome).toEqual({
      kind: 'retry',
      reason: 'RATELIMITED: Rate limit exceeded Rate limit exceeded. Only 1 requests are allowed per 1 hour.',
      throttled: true,
      waitMs: 3_600_000,
    })
    server.fail({ failure: { kind: 'throttle', waitSeconds: 90 } })
    expect((await send(comment)).outcome).toMatchObject({ kind: 'retry', throttled: true, waitMs: 90_000 })
    server.fail({ failure: { kind: 'throttle' } })
    expect((await send(comment)).outcome).toMatchObject({ kind: 'retry', throttled: true, waitMs: 60_000 })
  })
})

describe('reads', () => {
  test('give what their schemas say', async () => {
    const { adapter, send, items, actions } = await start({ longestPage: 3 })
    await send(withKey(adapter, actions.createComment({ issue: 'BIL-212', text: 'one' })))
    await send(
      withKey(
        adapter,
        actions.createRelation({ issue: 'BIL-212', type: 'blocks', relatedIssue: 'BIL-300' }),
        1,
      ),
    )
    await send(
      withKey(
        adapter,
        actions.updateIssue({ issue: 'BIL-212', assigneeId: server.idOf('user:ada'), state: 'In Progress' }),
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
    expect(await names('searchIssues', { term: 'charging' })).toEqual(['BIL-212'])
    expect(await names('activeIssues', {})).toEqual(['BIL-212'])
    expect(await fetch('issue', { issue: 'https://linear.app/acme/issue/BIL-212' })).toMatchObject({
      identifier: 'BIL-212',
      state: { name: 'In Progress' },
      team: { key: 'BIL' },
      assignee: { name: 'Ada Fixer' },
    })
    expect(await names('issueComments', { issue: 'BIL-212' })).toEqual(['one'])
    expect(await names('issueRelations', { issue: 'BIL-212' })).toEqual(['blocks'])
    expect(await names('states', { first: 2 })).toHaveLength(2)
    expect(await names('states', { first: 2, all: true })).toEqual([
      'Triage',
      'Backlog',
      'Todo',
      'In Progress',
      'Blocked',
      'Done',
      'Canceled',
    ])
    expect(await names('labels', { all: true })).toEqual(['Bug', 'agent', 'Area'])
    expect(await names('users', { name: 'FIX' })).toEqual(['Ada Fixer'])
    expect(await names('users', { email: 'ada@example.com', name: 'nobody' })).toEqual([])
    expect(await names('teams', {})).toEqual(['BIL', 'OPS'])
    expect(await names('projects', { name: 'pay' })).toEqual(['Payments'])
  })
})
