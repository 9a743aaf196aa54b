import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { OperationContext, Subject } from '../src/operations/operation.ts'
import { createServerFactory, type ServerFactoryOptions } from '../src/tools/server.ts'

/** The two ways to speak: `legacy` begins with `initialize` (2025-06-18), `auto` with `server/discover` (2026-07-28). */
export const ERAS = ['legacy', 'auto'] as const
export type Era = (typeof ERAS)[number]

/** A text result and its object. */
export type Called = Readonly<{
  text: string
  data: Readonly<Record<string, unknown>>
  isError: boolean
}>

export type Connected = Readonly<{
  client: Client
  call: (name: string, input?: object) => Promise<Called>
  close: () => Promise<void>
}>

const URL_OF_NOTHING = new URL('http://127.0.0.1:1/mcp')

/** Opens a tracker in memory with these adapters. */
export const openTracker = (
  adapters: readonly AnyAdapter[] = [],
  secrets: Readonly<Record<string, string>> = {},
): Promise<Tracker> =>
  createTracker({
    project: 'billing',
    user: 'Ada',
    store: memoryStore(),
    adapters,
    machine: false,
    secrets: name => secrets[name],
  }) as Promise<Tracker>

/** Calls a tool and gives its text, its object and whether it failed. */
export const callTool = async (client: Client, name: string, input: object = {}): Promise<Called> => {
  const { content, structuredContent, isError } = await client.callTool({
    name,
    arguments: input as Record<string, unknown>,
  })
  const [first] = content as readonly Readonly<{ type: string; text?: string }>[]
  return {
    text: first?.text ?? '',
    data: (structuredContent ?? {}) as Called['data'],
    isError: isError === true,
  }
}

type Given = Partial<ServerFactoryOptions> &
  Readonly<{
    tracker: Tracker
    era?: Era
    subject?: Subject
    current?: OperationContext['current']
    name?: string
  }>

/** An official client that speaks to our server in this process, as it would over HTTP. */
export const connect = async ({
  tracker,
  adapters = [],
  era = 'auto',
  subject,
  current,
  name: clientName = 'test',
  ...options
}: Given): Promise<Connected> => {
  const factory = createServerFactory({
    adapters,
    toolsets: ['session'],
    allowDestructive: false,
    toolNames: 'snake',
    contextOf: () => ({
      tracker,
      adapters,
      ...(subject === undefined ? {} : { subject }),
      ...(current === undefined ? {} : { current }),
    }),
    report: thrown => {
      throw thrown
    },
    ...options,
  })
  const handler = createMcpHandler(factory)
  const client = new Client({ name: clientName, version: '1' }, { versionNegotiation: { mode: era } })
  await client.connect(
    new StreamableHTTPClientTransport(URL_OF_NOTHING, {
      fetch: (url, init) => handler.fetch(new Request(url, init)),
    }),
  )
  return {
    client,
    call: (name, input) => callTool(client, name, input),
    close: async () => {
      await client.close()
      await handler.close()
    },
  }
}

/** The newest active session, as over stdio in a folder. */
export const newest =
  (tracker: Tracker): NonNullable<OperationContext['current']> =>
  async () => {
    const [found] = await tracker.sessions({ status: 'active', limit: 1 })
    return found === undefined ? undefined : { id: found.id, by: 'newest' }
  }
