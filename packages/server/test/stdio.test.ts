import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { type Running, runCommand, startMcp } from './command.ts'
import { callTool, type Era } from './connect.ts'

/** Calls to a server that is killed after a fifth of them. */
const CALLS = RUNS_ALL ? 200 : 20

let folder: string
let open: Client[] = []

const start = async (
  era: Era,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const running = await startMcp(folder, { era, words, env })
  open.push(running.client)
  return running
}

/** The whole session, as the resource gives it. */
const readSession = async (client: Client, id: string): Promise<string> => {
  const { contents } = await client.readResource({ uri: `session://${id}` })
  return String((contents[0] as { text: string }).text)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sessionwire-mcp-'))
  mkdirSync(join(folder, 'work'))
})

afterEach(async () => {
  for (const each of open) await each.close().catch(() => undefined)
  open = []
  rmSync(folder, { recursive: true, force: true })
})

describe('sessionwire mcp', () => {
  it('records into the store of the folder, once for a key, across a restart and both eras', async () => {
    const first = await start('legacy')
    const begun = await callTool(first.client, 'session_start', { goal: 'Over stdio', key: 'k' })
    const { id } = begun.data.session as { id: string }
    await callTool(first.client, 'session_update', { description: 'Step', key: 'u' })
    await first.client.close()
    const second = await start('auto')
    const again = await callTool(second.client, 'session_update', { description: 'Step', key: 'u' })
    expect(again.text).toContain(
      `The update was recorded before in session "Over stdio" (${id}, active, 0 %), the newest active one of this folder.`,
    )
    const restarted = await callTool(second.client, 'session_start', { goal: 'Over stdio', key: 'k' })
    expect(restarted.data).toMatchObject({ repeated: true, session: { id } })
    const status = await callTool(second.client, 'session_status')
    expect((status.data.session as { updates: unknown[] }).updates).toHaveLength(1)
    expect(second.stderr()).toBe('')
  })

  it('ignores an id of the environment that the store does not know', async () => {
    const { client } = await start('auto', [], {
      SESSIONWIRE_SESSION: 'unknown-session',
      CLAUDE_CODE_SESSION_ID: '1111',
      CLAUDE_PROJECT_DIR: join(folder, 'work'),
    })
    expect((await callTool(client, 'session_status')).text).toBe(
      'NO_SESSION: sessionId: no session is active. Start one first.',
    )
    await callTool(client, 'session_start', { goal: 'Here' })
    expect((await callTool(client, 'session_update', { description: 'x' })).text).toContain('"Here"')
  })
})

it('answers every call of an input that ends with the last of them', () => {
  const LINEAR = { LINEAR_API_KEY: 'lin_api_x', LINEAR_TEAM_ID: 'BIL' }
  const clientInfo = { name: 'pipe', version: '1' }
  const messages = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'session_start', arguments: { goal: 'Piped' } } },
    { id: 3, method: 'tools/call', params: { name: 'record_decision', arguments: { content: 'One lock' } } },
    { id: 4, method: 'tools/call', params: { name: 'session_status', arguments: {} } },
  ]
  const input = messages.map(each => `${JSON.stringify({ jsonrpc: '2.0', ...each })}\n`).join('')
  const printed = runCommand(folder, ['mcp'], LINEAR, input).trim().split('\n')
  expect(printed.map(line => (JSON.parse(line) as { id: number }).id).toSorted()).toEqual([1, 2, 3, 4])
})

it('keeps the sessions of two clients of one folder apart', async () => {
  const [a, b] = [await start('auto'), await start('legacy')]
  await callTool(a.client, 'session_start', { goal: 'Work of A' })
  await callTool(b.client, 'session_start', { goal: 'Work of B' })
  const decided = await callTool(a.client, 'record_decision', { content: 'By A' })
  expect(decided.text).toContain('in session "Work of A"')
  expect(decided.text).toContain(', which this client began')
  await callTool(a.client, 'session_close', { summary: 'A is done' })
  // What A would record now belongs to no session of its own, and not to that of B.
  expect((await callTool(a.client, 'session_update', { description: 'Late' })).text).toBe(
    'NO_SESSION: sessionId: no session is active. Start one first.',
  )
  const status = await callTool(b.client, 'session_status')
  expect(status.data.session).toMatchObject({ title: 'Work of B', status: 'active', decisions: [] })
})

describe('a server that is killed', () => {
  it('has recorded every call that it answered', async () => {
    const { client, transport } = await start('auto')
    const begun = await callTool(client, 'session_start', { goal: 'Killed', key: 'k' })
    const { id } = begun.data.session as { id: string }
    const answered: string[] = []
    const calls = Array.from({ length: CALLS }, async (_, n) => {
      const { data } = await callTool(client, 'session_update', { description: `Step ${n}`, key: `u${n}` })
      answered.push(String(data.eventId))
      if (answered.length === CALLS / 5) process.kill(transport.pid ?? 0, 'SIGKILL')
    })
    await Promise.allSettled(calls)
    expect(answered.length).toBeGreaterThanOrEqual(CALLS / 5)
    const again = await start('auto')
    const sent = await Promise.all(
      calls.map((_, n) =>
        callTool(again.client, 'session_update', { description: `Step ${n}`, key: `u${n}`, sessionId: id }),
      ),
    )
    const repeated = sent.filter(({ data }) => data.repeated).map(({ data }) => String(data.eventId))
    for (const event of answered) expect(repeated).toContain(event)
    const text = await readSession(again.client, id)
    const found = Array.from(
      { length: CALLS },
      (_, n) => text.split(new RegExp(`\\bStep ${n}\\b`)).length - 1,
    )
    expect(new Set(found)).toEqual(new Set([found[0]]))
    expect(found[0]).toBeGreaterThan(0)
  })
})

it('refuses a toolset that there is not', async () => {
  await expect(start('legacy', ['--toolset', 'nothing'])).rejects.toThrow()
})
