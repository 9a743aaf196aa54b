import type { AnyAdapter } from '@sessionwire/core/adapter'
import { webhook } from '@sessionwire/webhook'
import { describe, expect, it } from 'vitest'
import { viaMcp } from '../src/handoff/via-mcp.ts'
import { type Call, closeScenes, record, scene } from './handoff-stage.ts'

closeScenes()

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

it('has no tool for a service without a table of them', () => {
  expect(() => viaMcp(webhook({}) as AnyAdapter)).toThrow(
    "adapters.webhook.via: no tool of webhook's MCP server writes what this adapter writes; expected one of linear, jira, github, slack, neo4j, opsera.",
  )
})
