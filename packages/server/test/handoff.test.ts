import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { github } from '@sessionwire/github'
import { jira } from '@sessionwire/jira'
import { linear } from '@sessionwire/linear'
import { neo4j } from '@sessionwire/neo4j'
import { opsera } from '@sessionwire/opsera'
import { slack } from '@sessionwire/slack'
import { webhook } from '@sessionwire/webhook'
import { afterEach, describe, expect, it } from 'vitest'
import { viaMcp } from '../src/handoff/via-mcp.ts'
import { type Connected, connect } from './connect.ts'
import {
  type Issue,
  standGithub,
  standJira,
  standLinear,
  standNeo4j,
  standOpsera,
  standSlack,
  type Vendor,
} from './vendors.ts'

const WAYS: Readonly<
  Record<string, readonly [adapter: AnyAdapter, stand: (issues: Map<string, Issue>) => Promise<Vendor>]>
> = {
  linear: [
    viaMcp(linear({ teamId: 'BIL', statuses: { start: 'In Progress', close: 'Done' } }) as AnyAdapter),
    standLinear,
  ],
  github: [viaMcp(github({ owner: 'acme', repo: 'billing' }) as AnyAdapter), standGithub],
  jira: [
    viaMcp(jira({ baseUrl: 'https://acme.atlassian.net', projectKey: 'BIL' }) as AnyAdapter),
    issues => standJira(issues, 2),
  ],
  'jira of the first version': [
    viaMcp(jira({ baseUrl: 'https://acme.atlassian.net', projectKey: 'BIL' }) as AnyAdapter),
    issues => standJira(issues, 1),
  ],
  slack: [viaMcp(slack({ channel: 'C0123456789' }) as AnyAdapter), standSlack],
  neo4j: [viaMcp(neo4j({ uri: 'bolt://localhost:7687' }) as AnyAdapter), standNeo4j],
  opsera: [
    viaMcp(opsera({ baseUrl: 'https://app.opsera.io', hierarchy: { organization: 'Acme' } }) as AnyAdapter),
    standOpsera,
  ],
  'opsera with one project': [
    viaMcp(opsera({ baseUrl: 'https://app.opsera.io', projectId: 'agents' }) as AnyAdapter),
    standOpsera,
  ],
}

type Call = Readonly<{
  key: string
  tool: string
  arguments: Record<string, unknown>
  mark?: string
  givenOut?: true
}>

let open: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.reverse()) await close()
  open = []
})

type Scene = Readonly<{
  tracker: Tracker
  ours: Connected
  vendor: Vendor
  issues: Map<string, Issue>
  tools: readonly unknown[]
  pending: (limit?: number) => Promise<Readonly<{ calls: readonly Call[]; waiting: readonly object[] }>>
  make: (call: Call) => Promise<unknown>
  acknowledge: (key: string, result: unknown) => ReturnType<Connected['call']>
}>

/** A tracker with one adapter, our server, the vendor's stand-in, and a model between them. */
const scene = async (way: string, prefix = (name: string) => `mcp__vendor__${name}`): Promise<Scene> => {
  const [adapter, stand] = WAYS[way] as (typeof WAYS)[string]
  const tracker = (await createTracker({
    ...{ project: 'billing', user: 'Ada', store: memoryStore(), adapters: [adapter], machine: false },
    secrets: () => undefined,
  })) as Tracker
  const issues = new Map<string, Issue>()
  const vendor = await stand(issues)
  const ours = await connect({ tracker, adapters: [adapter], toolsets: ['session', 'review'] })
  open.push(
    () => tracker.close(),
    () => vendor.close(),
    () => ours.close(),
  )
  const listed = (await vendor.client.listTools()).tools
  // Names alone do where a tool has one version; two versions of one name are told apart by their arguments.
  const tools = listed.map(({ name, inputSchema }) =>
    way.startsWith('jira') ? { name: prefix(name), inputSchema } : prefix(name),
  )
  return {
    tracker,
    ours,
    vendor,
    issues,
    tools,
    pending: async limit => {
      const { data, isError, text } = await ours.call('pending_calls', {
        tools,
        ...(limit === undefined ? {} : { limit }),
      })
      if (isError) throw new Error(text)
      return data as never
    },
    make: async ({ tool, arguments: args }) => {
      const name =
        (await vendor.client.listTools()).tools.find(each => prefix(each.name) === tool)?.name ?? tool
      return vendor.client.callTool({ name, arguments: args })
    },
    acknowledge: (key, result) => ours.call('acknowledge', { key, result }),
  }
}

/** Makes every call that is given out and acknowledges it, until none is left. */
const handAll = async ({ pending, make, acknowledge }: Scene): Promise<number> => {
  let made = 0
  for (let round = 0; round < 100; round++) {
    const { calls } = await pending()
    if (calls.length === 0) return made
    for (const call of calls) {
      const done = await acknowledge(call.key, await make(call))
      if (done.isError) throw new Error(done.text)
      made++
    }
  }
  throw new Error('calls without an end')
}

const record = async (tracker: Tracker): Promise<string> => {
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.update('Found the race', { progress: 35 })
  await session.decide('Lock the invoice row', { rationale: 'One writer at a time' })
  const blocker = await session.block('No staging key', { severity: 'high' })
  await blocker.resolve('Got one')
  await session.close({ summary: 'Charged once', progress: 100 })
  return session.id
}

describe.each(Object.keys(WAYS))('a session handed over to %s', way => {
  it('arrives whole, in order, each call once', async () => {
    const all = await scene(way)
    const id = await record(all.tracker)
    await handAll(all)
    const left = await all.tracker.deliveries({ lane: id })
    expect(left.filter(({ state }) => state !== 'delivered' && state !== 'replaced')).toEqual([])
    const told = JSON.stringify([...all.issues])
    for (const words of ['Stop double charging', 'Lock the invoice row']) expect(told).toContain(words)
    if (way !== 'neo4j') expect(all.issues.size).toBe(1)
    if (way !== 'neo4j' && !way.startsWith('opsera')) {
      const [[, issue] = ['', { comments: [] }]] = all.issues
      expect(issue.comments.filter(each => each.includes('Lock the invoice row'))).toHaveLength(1)
      const decided = issue.comments.findIndex(each => each.includes('Lock the invoice row'))
      const blocked = issue.comments.findIndex(each => each.includes('No staging key'))
      expect(decided).toBeLessThan(blocked)
    }
    expect((await all.pending()).calls).toEqual([])
    expect((await all.ours.call('pending_calls', { tools: all.tools })).text).toBe('No call is waiting.')
  })

  it('arrives once through lost answers, wrong answers and a model that acknowledges twice', async () => {
    const all = await scene(way)
    const id = await record(all.tracker)
    const made: string[] = []
    for (;;) {
      const [call] = (await all.pending(1)).calls
      if (call === undefined) break
      const result = await all.make(call)
      made.push(call.key)
      // The answer is lost: the same call is given out again, marked, and the model finds it at the vendor. An edit may have
      // been replaced by a newer one of the same text or state; then that is given out.
      const [again] = (await all.pending(1)).calls
      if (again?.key !== call.key) {
        expect((await all.tracker.deliveries({ keys: [call.key] }))[0]?.state).toBe('replaced')
        continue
      }
      expect(again).toMatchObject({ key: call.key, arguments: call.arguments, givenOut: true })
      // The vendor's refusal of something else is taken for the answer: it settles nothing.
      const refusal = { content: [{ type: 'text', text: 'Not allowed' }], isError: true }
      const wrong = await all.acknowledge(call.key, refusal)
      expect([wrong.isError, wrong.text]).toEqual([
        true,
        'INVALID_INPUT: acknowledge.reply: the reply means rejected: Not allowed.',
      ])
      for (let times = 0; times < 2; times++)
        expect((await all.acknowledge(call.key, result)).text).toContain(`${call.key}: delivered.`)
    }
    expect(new Set(made).size).toBe(made.length)
    expect(all.vendor.calls).toHaveLength(made.length)
    const left = await all.tracker.deliveries({ lane: id })
    expect(left.filter(({ state }) => state !== 'delivered' && state !== 'replaced')).toEqual([])
    if (way !== 'neo4j') expect(all.issues.size).toBe(1)
  })

  it('waits while the host lacks the tool, and says so', async () => {
    const all = await scene(way)
    await record(all.tracker)
    const none = await all.ours.call('pending_calls', { tools: ['mcp__vendor__other', 'Bash'] })
    expect(none.data.calls).toEqual([])
    expect(none.text).toMatch(
      /^Waiting: \d+ calls? \w+ of \w+, because the host has no tool .*; connect .*\.$/m,
    )
    expect(await all.tracker.deliveries({ state: 'begun' })).toEqual([])
    expect(await handAll(all)).toBeGreaterThan(0)
  })
})

it('finds a call whose answer was lost by its mark, and doubles nothing', async () => {
  const all = await scene('github')
  await record(all.tracker)
  const [first] = (await all.pending()).calls
  if (first === undefined) throw new Error('nothing pending')
  await all.make(first) // The model is gone before it acknowledges.
  const again = await all.ours.call('pending_calls', { tools: all.tools })
  const [second] = again.data.calls as readonly Call[]
  expect(second).toEqual({
    ...first,
    givenOut: true,
    advice: [
      `It was given out before. Look for ${first.mark} at the service first: where it is, acknowledge with what you find.`,
    ],
  })
  expect(again.text).toContain(`It was given out before. Look for ${first.mark} at the service first`)
  const [[number, issue] = ['', undefined]] = all.issues
  expect(String(issue?.body)).toContain(first.mark)
  const found = await all.acknowledge(first.key, { number: Number(number) })
  expect(found.isError).toBe(false)
  await handAll(all)
  expect(all.issues.size).toBe(1)
  expect(all.vendor.calls.filter(([, { method }]) => method === 'create')).toHaveLength(1)
})

it('refuses a wrong answer and says what it lacks; the right one and a second one are taken', async () => {
  const all = await scene('linear')
  await record(all.tracker)
  const [first] = (await all.pending()).calls
  if (first === undefined) throw new Error('nothing pending')
  const wrong = await all.acknowledge(first.key, 'All done!')
  expect(wrong.text).toBe(
    'INVALID_INPUT: acknowledge.result: later calls need issueId, which it lacks; expected the whole answer of save_issue, or an object such as {"issueId":"…"}.',
  )
  const failed = await all.acknowledge(first.key, {
    content: [{ type: 'text', text: 'Team not found' }],
    isError: true,
  })
  expect(failed.text).toBe('INVALID_INPUT: acknowledge.reply: the reply means rejected: Team not found.')
  const result = await all.make(first)
  const done = await all.acknowledge(first.key, result)
  expect(done.text).toContain(`${first.key}: delivered.`)
  expect((await all.acknowledge(first.key, result)).text).toContain(`${first.key}: delivered.`)
  expect((await all.acknowledge(first.key, 'All done!')).isError).toBe(false)
  await handAll(all)
  expect(all.issues.size).toBe(1)
  expect((await all.acknowledge('nothing', {})).text).toMatch(/^NO_SESSION: key: unknown delivery/)
})

it('takes an answer as each host passes it on', async () => {
  const shapes: readonly ((result: { content: { text: string }[] }) => unknown)[] = [
    result => result,
    ({ content }) => content,
    ({ content }) => content[0]?.text,
    ({ content }) => JSON.parse(content[0]?.text ?? ''),
    ({ content }) => ({ structuredContent: JSON.parse(content[0]?.text ?? ''), content: [] }),
    ({ content }) => `The issue is ${String(JSON.parse(content[0]?.text ?? '').url)}`,
  ]
  for (const shape of shapes) {
    const all = await scene('github')
    await record(all.tracker)
    const [first] = (await all.pending()).calls
    if (first === undefined) throw new Error('nothing pending')
    const done = await all.acknowledge(first.key, shape((await all.make(first)) as never))
    expect(done).toMatchObject({ isError: false })
    const [next] = (await all.pending()).calls
    expect(next?.arguments).toMatchObject({ owner: 'acme', repo: 'billing', issue_number: 12 })
  }
})

it('gives out no more than was asked for, in order, and keeps the rest', async () => {
  const all = await scene('linear')
  await record(all.tracker)
  await record(all.tracker)
  const { calls } = await all.pending(1)
  expect(calls).toHaveLength(1)
  expect(await all.tracker.deliveries({ state: 'begun' })).toHaveLength(1)
  expect((await all.pending(10)).calls.map(({ givenOut }) => givenOut)).toEqual([true, undefined])
})

describe('the tools of a host', () => {
  it.each([['mcp__linear__'], ['mcp_linear_'], ['linear-'], ['linear.'], ['']])(
    'are known behind %j',
    async prefix => {
      const all = await scene('linear', name => `${prefix}${name}`)
      await record(all.tracker)
      expect((await all.pending()).calls[0]?.tool).toBe(`${prefix}save_issue`)
    },
  )

  it('are compared by their arguments where these are given', async () => {
    const all = await scene('linear')
    await record(all.tracker)
    const tool = (properties: object) => [{ name: 'save_issue', inputSchema: { type: 'object', properties } }]
    const changed = await all.ours.call('pending_calls', { tools: tool({ title: {}, team: {}, body: {} }) })
    expect(changed.text).toBe(
      'Waiting: 1 call createCard of linear, because save_issue has no argument description: the vendor changed it.',
    )
    const same = await all.ours.call('pending_calls', {
      tools: tool({ title: {}, team: {}, description: {} }),
    })
    expect(same.data.calls).toHaveLength(1)
  })

  it('may be of an older version, which is told', async () => {
    const all = await scene('jira')
    await record(all.tracker)
    const named = await all.ours.call('pending_calls', { tools: ['createJiraIssue'] })
    const [first] = named.data.calls as readonly (Call & { ifRefused: object })[]
    expect(first?.arguments).toMatchObject({
      cloudId: 'acme.atlassian.net',
      projectKey: 'BIL',
      issueType: 'Task',
    })
    expect(first?.ifRefused).toMatchObject({ issueTypeName: 'Task' })
    expect(named.text).toContain('If it refuses an argument: {"cloudId":"acme.atlassian.net"')
  })

  it('must be one', async () => {
    const all = await scene('github')
    await record(all.tracker)
    const two = await all.ours.call('pending_calls', { tools: ['a__issue_write', 'b__issue_write'] })
    expect(two.data.calls).toEqual([])
    expect(two.text).toContain(
      '2 tools of the host are named issue_write: a__issue_write, b__issue_write; pass only the one of',
    )
  })
})

it('plans calls of tools that can be looked at', async () => {
  const all = await scene('linear')
  const session = await all.tracker.start({ goal: 'Stop double charging' })
  const [card, status] = await all.tracker.preview(session.id)
  if (card === undefined || status === undefined) throw new Error('nothing planned')
  expect(all.tracker.render(status, 'mcp', { comments: false }).trimEnd()).toBe(
    JSON.stringify(
      {
        method: 'tools/call',
        params: { name: 'save_issue', arguments: { id: '<issueId>', state: 'In Progress' } },
      },
      null,
      2,
    ),
  )
  expect(all.tracker.render(card, 'text')).toContain('call save_issue of https://mcp.linear.app/mcp')
  expect(card).toMatchObject({ kind: 'custom', target: 'mcp', repeat: 'unsafe', holds: true })
})

describe('a project of Opsera', () => {
  const UNSEEN =
    'Check its arguments against your tool first: the name stands in one guide, and no schema of this server is published.'
  const JOINS =
    'Others write there too, and the call may replace all of it. Read it first and pass what it has and these arguments lack; in assets replace only the fields given here and keep the rest as it is. Where you cannot read it, make no call.'

  it('is made by the fields of the request, and found by its id when the answer was lost', async () => {
    const all = await scene('opsera')
    const { id } = await all.tracker.start({ goal: 'Stop double charging' })
    const [first] = (await all.pending()).calls
    expect(first).toEqual({
      ...{ key: expect.stringMatching(/./), adapter: 'opsera', sessionId: id, server: 'opsera-public-api' },
      tool: 'mcp__vendor__post_api_v2_data_project',
      arguments: {
        projectId: `session-${id}`,
        projectName: 'Stop double charging: in progress, 0 %',
        externalId: id,
        organization: 'Acme',
        assets: { [`session-${id}`]: expect.objectContaining({ Session: 'Stop double charging' }) },
      },
      mark: `session-${id}`,
      advice: [
        `Look for projectId session-${id} at the service first: where it is, make no call and acknowledge with what you find.`,
        UNSEEN,
      ],
    })
    expect((await all.pending()).calls[0]).toMatchObject({ mark: `session-${id}`, givenOut: true })
  })

  it.each(['opsera', 'opsera with one project'])('%s keeps what others wrote, by its advice', async way => {
    const all = await scene(way)
    const id = await record(all.tracker)
    for (;;) {
      const [call] = (await all.pending(1)).calls as readonly (Call & { advice: readonly string[] })[]
      if (call === undefined) break
      const there = all.issues.get(String(call.arguments.projectId))
      const isEdit = call.tool.endsWith('put_api_v2_data_project_projectId')
      expect(call.advice.includes(JOINS)).toBe(isEdit)
      if (isEdit && way !== 'opsera')
        expect(Object.keys(call.arguments).sort()).toEqual(['assets', 'projectId'])
      // What the advice says, done by a model that keeps to it.
      const { comments: _, ...kept }: Issue = there ?? { comments: [] }
      const assets = { ...(kept.assets as object), ...(call.arguments.assets as object) }
      await all.acknowledge(
        call.key,
        await all.make({ ...call, arguments: { ...kept, ...call.arguments, assets } }),
      )
      const [[project = '', now] = []] = all.issues
      if (now !== undefined && !isEdit)
        all.issues.set(project, { ...now, assets: { ...(now.assets as object), Runbook: 'theirs' } })
    }
    const [[, project] = []] = all.issues
    expect(project?.assets).toMatchObject({
      Runbook: 'theirs',
      [`session-${id}`]: { Summary: 'Charged once' },
    })
    expect(project?.projectName).toBeTypeOf('string')
  })

  it('waits for a server whose tools take the fields elsewhere, and says so', async () => {
    const all = await scene('opsera')
    await record(all.tracker)
    const inputSchema = { type: 'object', properties: { body: { type: 'object' } } }
    const other = await all.ours.call('pending_calls', {
      tools: [{ name: 'post_api_v2_data_project', inputSchema }],
    })
    expect(other.data.calls).toEqual([])
    expect(other.text).toBe(
      'Waiting: 1 call createCard of opsera, because post_api_v2_data_project has no argument projectId, projectName, externalId, organization, assets: the vendor changed it.',
    )
  })
})

it('has no tool for a service without a table of them', () => {
  expect(() => viaMcp(webhook({}) as AnyAdapter)).toThrow(
    "adapters.webhook.via: no tool of webhook's MCP server writes what this adapter writes; expected one of linear, jira, github, slack, neo4j, opsera.",
  )
})
