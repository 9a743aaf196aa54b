import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { github } from '@sessionwire/github'
import { jira } from '@sessionwire/jira'
import { linear } from '@sessionwire/linear'
import { neo4j } from '@sessionwire/neo4j'
import { opsera } from '@sessionwire/opsera'
import { slack } from '@sessionwire/slack'
import { afterEach } from 'vitest'
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

/** Services by the way a session gets to them: the adapter, and what stands in for the service's own MCP server. */
export const WAYS: Readonly<
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

/** A call that a model is asked to make. */
export type Call = Readonly<{
  key: string
  tool: string
  arguments: Record<string, unknown>
  mark?: string
  givenOut?: true
}>

let open: (() => Promise<void>)[] = []

/** Closes after each test what its scenes opened. A test file calls it once. */
export const closeScenes = (): void => {
  afterEach(async () => {
    for (const close of open.reverse()) await close()
    open = []
  })
}

/** What a test works with: our server, the stand-in, and a model between them. */
export type Scene = Readonly<{
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
export const scene = async (
  way: string,
  prefix = (name: string) => `mcp__vendor__${name}`,
): Promise<Scene> => {
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
export const handAll = async ({ pending, make, acknowledge }: Scene): Promise<number> => {
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

/** A session with a bit of everything. */
export const record = async (tracker: Tracker): Promise<string> => {
  const session = await tracker.start({ goal: 'Stop double charging' })
  await session.update('Found the race', { progress: 35 })
  await session.decide('Lock the invoice row', { rationale: 'One writer at a time' })
  const blocker = await session.block('No staging key', { severity: 'high' })
  await blocker.resolve('Got one')
  await session.close({ summary: 'Charged once', progress: 100 })
  return session.id
}
