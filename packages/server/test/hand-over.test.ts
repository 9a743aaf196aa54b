import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sample } from '../../../test/sample.ts'
import { type Running, runCommand, startMcp } from './command.ts'
import { callTool, ERAS, type Era } from './connect.ts'
import { type Issue, standLinear, type Vendor } from './vendors.ts'

let folder: string
let vendor: Vendor
let issues: Map<string, Issue>
let open: Running[]

const configure = (linear: object): void => {
  const config = { project: 'billing', adapters: { linear } }
  writeFileSync(join(folder, 'work', 'sessionwire.config.json'), JSON.stringify(config))
  runCommand(folder, ['trust'])
}

const serve = async (era: Era): Promise<Running['client']> => {
  const running = await startMcp(folder, { era, words: ['--toolset', 'session', '--toolset', 'review'] })
  open.push(running)
  return running.client
}

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sessionwire-via-')))
  mkdirSync(join(folder, 'work'))
  issues = new Map()
  vendor = await standLinear(issues)
  open = []
})
afterEach(async () => {
  for (const { client } of open) await client.close().catch(() => undefined)
  await vendor.close()
  rmSync(folder, { recursive: true, force: true })
})

type Call = Readonly<{ key: string; tool: string; arguments: Record<string, unknown>; givenOut?: true }>

/** What the model of a host does: it asks which calls wait, makes each with the vendor's tool, and acknowledges it. */
const makeAll = async (client: Running['client'], limit?: number): Promise<readonly string[]> => {
  const tools = (await vendor.client.listTools()).tools.map(({ name, inputSchema }) => ({
    ...{ name: `mcp__linear__${name}`, inputSchema },
  }))
  const made: string[] = []
  for (;;) {
    const { data, text, isError } = await callTool(client, 'pending_calls', { tools })
    if (isError) throw new Error(text)
    const [call] = data.calls as readonly Call[]
    if (call === undefined || made.length === limit) return made
    const name = call.tool.replace('mcp__linear__', '')
    const result = await vendor.client.callTool({ name, arguments: call.arguments })
    const acknowledged = await callTool(client, 'acknowledge', { key: call.key, result })
    expect(acknowledged.text).toContain(`${call.key}: delivered.`)
    made.push(name)
  }
}

// What differs between the eras is tried over one connection, without a process of its own.
describe.each(sample(ERAS, 2))('a workspace that hands Linear over (%s)', era => {
  it('has a session made by the tools of the host, through an end of the server in the middle', async () => {
    configure({ via: 'mcp', teamId: 'BIL', statuses: { close: 'Done' } })
    const first = await serve(era)
    await callTool(first, 'session_start', { goal: 'Stop double charging', key: 's' })
    await callTool(first, 'record_decision', { content: 'Lock the invoice row', key: 'd' })
    expect(await makeAll(first, 1)).toEqual(['save_issue'])
    await first.close()

    const second = await serve(era)
    const closed = await callTool(second, 'session_close', { summary: 'Charged once', progress: 100 })
    const { id } = closed.data.session as { id: string }
    await makeAll(second)
    expect([...issues]).toEqual([
      [
        'BIL-1',
        expect.objectContaining({
          ...{ title: 'Stop double charging', team: 'BIL', state: 'Done' },
          description: expect.stringContaining('Charged once'),
          comments: expect.arrayContaining([expect.stringContaining('Lock the invoice row')]),
        }),
      ],
    ])
    const decided = issues.get('BIL-1')?.comments.filter(each => each.includes('Lock the invoice row'))
    expect(decided).toHaveLength(1)
    const { data } = await callTool(second, 'deliveries', { sessionId: id })
    const states = (data.deliveries as readonly { state: string }[]).map(({ state }) => state)
    expect(new Set(states.filter(state => state !== 'replaced'))).toEqual(new Set(['delivered']))
    expect((await callTool(second, 'session_status', { sessionId: id })).text).toContain('BIL-1')
  })
})

it('shows the waiting calls to a person, and refuses a mode that does not go with it', async () => {
  configure({ via: 'mcp', teamId: 'BIL' })
  const client = await serve('auto')
  await callTool(client, 'session_start', { goal: 'Stop double charging' })
  await client.close()
  expect(runCommand(folder, ['preview', '--as', 'mcp'])).toContain('"name": "save_issue"')
  configure({ via: 'mcp', teamId: 'BIL', mode: 'execute' })
  const refused = await startMcp(folder, { era: 'auto' })
  open.push(refused)
  await callTool(refused.client, 'session_status')
  expect(refused.stderr()).toContain('adapters.linear.mode: conflicts with via; expected handoff or nothing')
})
