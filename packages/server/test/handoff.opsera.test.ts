import { describe, expect, it } from 'vitest'
import { type Call, closeScenes, record, scene } from './handoff-stage.ts'
import type { Issue } from './vendors.ts'

closeScenes()

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
