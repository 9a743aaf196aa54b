import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import type { McpServer } from '@modelcontextprotocol/server'
import type { Tracker } from '@sessionwire/core'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { currentOf } from '../src/current.ts'
import type { CurrentSession, OperationContext } from '../src/operations/operation.ts'
import { createServerFactory } from '../src/tools/server.ts'
import { connect, ERAS, openTracker } from './connect.ts'

let tracker: Tracker
let ids: Readonly<Record<string, string>>

const start = async (name: string, more: object = {}): Promise<readonly [string, string]> => {
  const session = await tracker.start({ goal: name, writer: 'host', workspace: '/repo', ...more })
  return [name, session.id]
}
const of = (host: string, hostSession: string, more: object = {}) => ({
  metadata: { host, hostSession, ...more },
})

beforeEach(async () => {
  tracker = await openTracker()
  ids = Object.fromEntries([
    await start('claude', of('claude', 'c1')),
    await start('first codex', of('codex', 'x1')),
    await start('second codex', of('codex', 'x2')),
    await start('its helper', of('codex', 'x2', { hostAgent: 'a1' })),
    await start('gemini elsewhere', { ...of('gemini', 'g1'), workspace: '/other' }),
    await start('gemini below', { ...of('gemini', 'g2'), workspace: '/repo/packages/a' }),
    await start('by hand'),
  ])
})
afterEach(() => tracker.close())

/** Which session is taken, where the command would take `found`; an unknown name of the environment is thrown. */
const choose = async (found: CurrentSession | undefined | 'unknown', asker: object) => {
  const chosen = await currentOf(
    {
      ...{ tracker, root: '/repo', adapters: [], problems: [] },
      ingest: async () => undefined,
      current: async () => {
        if (found === 'unknown') throw new Error('unknown id')
        return found
      },
      close: async () => undefined,
    },
    asker,
  )
  const name = Object.entries(ids).find(([, id]) => id === chosen?.id)?.[0]
  return chosen === undefined ? undefined : `${name}, ${chosen.by}`
}
const newest = () => ({ id: ids['by hand'] ?? '', by: 'newest' })

describe('the session of a call without an id', () => {
  test.for([
    ['the one that the host names in the call', { host: 'codex', session: 'x1' }, 'first codex, host'],
    ['the newest of the host', { host: 'codex' }, 'second codex, host'],
    ['none of a helper, and none in another folder', { host: 'gemini' }, 'gemini below, host'],
    ['the newest one, for a client that is no host', {}, 'by hand, newest'],
    ['the newest one, for a host without one', { host: 'copilot' }, 'by hand, newest'],
    [
      'the newest one, for a session that no hook recorded',
      { host: 'codex', session: 'x9' },
      'by hand, newest',
    ],
  ] as const)('is %s', async ([, asker, expected]) => {
    expect(await choose(newest(), asker)).toBe(expected)
  })

  it('is none that a wrong clock dated ahead, while there is another one', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 })
    const ahead = Object.fromEntries([await start('codex ahead', of('codex', 'x3'))])
    vi.useRealTimers()
    ids = { ...ids, ...ahead }
    expect(await choose(undefined, { host: 'codex' })).toBe('second codex, host')
    expect(await choose('unknown', {})).toBe('gemini below, host')
    for (const [name, id] of Object.entries(ids))
      if (name !== 'codex ahead') await tracker.session(id).close()
    expect(await choose(undefined, { host: 'codex' })).toBe('codex ahead, host')
  })

  it('is the one that the environment names, for every caller', async () => {
    const named = { id: ids.claude ?? '', by: 'environment' }
    expect(await choose(named, { host: 'codex', session: 'x1' })).toBe('claude, environment')
    expect(await choose({ ...named, by: 'host' }, { host: 'claude' })).toBe('claude, host')
  })

  it('is the one of the host that the environment leads to, while it goes on', async () => {
    const found = { id: ids['first codex'] ?? '', by: 'host' }
    expect(await choose(found, { host: 'codex' })).toBe('first codex, host')
    await tracker.session(found.id).close({ end: 'left' })
    expect(await choose(found, { host: 'codex' })).toBe('second codex, host')
    await tracker.session(ids['second codex'] ?? '').close({ end: 'left' })
    expect(await choose(found, { host: 'codex' })).toBe('first codex, host')
  })

  it('is the newest of any host, where the environment names an unknown one and the client nothing', async () => {
    expect(await choose('unknown', {})).toBe('gemini below, host')
    expect(await choose('unknown', { host: 'codex' })).toBe('second codex, host')
    expect(await choose('unknown', { host: 'copilot' })).toBe('by hand, newest')
    expect(await choose(undefined, {})).toBe(undefined)
  })
})

/** A connection that stays, as over standard input and output: a client of 2025 says who it is only when it connects. */
const connectOnce = async (name: string, current: NonNullable<OperationContext['current']>) => {
  const factory = createServerFactory({
    ...{ adapters: [], toolsets: ['session'], allowDestructive: false, toolNames: 'snake' },
    contextOf: () => ({ tracker, adapters: [], current }),
    report: () => undefined,
  })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await ((await factory({ era: 'legacy' })) as McpServer).connect(far)
  const client = new Client({ name, version: '1' })
  await client.connect(near)
  return { client, close: () => client.close() }
}

const CODEX = { host: 'codex', agent: 'Codex' }

describe.each(ERAS)('what a call says of its host (%s)', era => {
  it.each([
    ['codex-mcp-client', { 'x-codex-turn-metadata': { session_id: 's1' } }, { ...CODEX, session: 's1' }],
    ['codex-mcp-client', { 'x-codex-turn-metadata': '{"session_id":"s2"}' }, { ...CODEX, session: 's2' }],
    ['codex-mcp-client', { 'x-codex-turn-metadata': '{' }, CODEX],
    ['codex-mcp-client', { 'x-codex-turn-metadata': { session_id: 7 } }, CODEX],
    ['gemini-cli-mcp-client', {}, { host: 'gemini', agent: 'Gemini CLI' }],
    ['claude-code', {}, { host: 'claude', agent: 'Claude Code' }],
    ['copilot-cli', {}, { host: 'copilot', agent: 'Copilot CLI' }],
    ['cursor-vscode', {}, { host: 'cursor', agent: 'Cursor' }],
    ['Visual Studio Code', {}, { host: 'vscode', agent: 'VS Code' }],
    ['anything else', {}, {}],
  ])('%s, with %j', async (name, _meta, asker) => {
    const seen: unknown[] = []
    const current = async (given: object) => {
      seen.push(given)
      return undefined
    }
    const { client, close } =
      era === 'legacy' ? await connectOnce(name, current) : await connect({ tracker, era, name, current })
    await client.callTool({ name: 'session_status', arguments: {}, _meta })
    await close()
    expect(seen).toEqual([asker])
  })
})
