import { randomUUID } from 'node:crypto'
import {
  type Call,
  type Descriptor,
  type Json,
  type Outcome,
  plan,
  type Reply,
  type Role,
  type SessionEvent,
  type Transport,
} from '@sessionwire/core/adapter'
import { type Moment, plainSender, story } from '@sessionwire/core/testing'
import type { Neo4jAdapter, Neo4jOptions } from '../src/index.ts'
import { neo4j } from '../src/index.ts'

const { env } = process
const named = (name: string): string => {
  const value = env[name]
  if (value) return value
  throw new Error(`${name} is not set: run this by scripts/neo4j-server npx vitest run --project services`)
}

/** The real server: see scripts/neo4j-server. */
export const real = {
  bolt: named('TEST_NEO4J_URI'),
  /** Empty where only Bolt is known. */
  http: env.TEST_NEO4J_HTTP ?? '',
  database: env.TEST_NEO4J_DATABASE || 'neo4j',
  /** Kills the server and brings it back; empty for one that is not ours. */
  control: env.TEST_NEO4J_CONTROL ?? '',
  secrets: {
    NEO4J_USERNAME: named('TEST_NEO4J_USERNAME'),
    NEO4J_PASSWORD: named('TEST_NEO4J_PASSWORD'),
  } as Readonly<Record<string, string>>,
}

/** Both ways to the server, as far as they are known. */
export const ways: readonly (readonly [string, string])[] = [
  ['Bolt', real.bolt],
  ...(real.http === '' ? [] : [['HTTP', real.http] as const]),
]

type Row = Readonly<Record<string, Json>>

/** An adapter at the real server, with what tests do with it. */
export type Wire = Readonly<{
  adapter: Neo4jAdapter
  transport: Transport
  send: (call: Call, role?: Role, action?: string) => Promise<Readonly<{ reply: Reply; outcome: Outcome }>>
  /** Sends until it is delivered, as a worker would; throws for what will never be. */
  deliver: (descriptor: Descriptor) => Promise<void>
  /** Runs a statement and gives its rows, by name. */
  rows: (statement: string, parameters?: Row) => Promise<readonly Row[]>
  /** Runs a read of the adapter. */
  read: (name: keyof Neo4jAdapter['actions'], input: unknown) => Promise<unknown>
  close: () => Promise<void>
}>

const tableOf = (reply: Reply): readonly Row[] => {
  if (reply.kind !== 'answer') throw new Error(JSON.stringify(reply))
  const { data } = reply.body as {
    data?: { fields: readonly string[]; values: readonly (readonly Json[])[] }
  }
  if (data === undefined) throw new Error(JSON.stringify(reply.body))
  return data.values.map(row =>
    Object.fromEntries(data.fields.map((field, place) => [field, row[place] ?? null])),
  )
}

/** Opens an adapter at the real server. `again` runs before something is sent once more. */
export const open = (
  uri: string,
  options: Partial<Neo4jOptions> = {},
  secrets = real.secrets,
  again: (outcome: Outcome) => Promise<void> = async () => {},
): Wire => {
  const adapter = neo4j({ uri, database: real.database, ...options })
  const rim = { secrets: (name: string) => secrets[name], http: plainSender(secrets), now: Date.now }
  const transport = adapter.transport?.(rim)
  if (transport === undefined) throw new Error('the adapter has a transport')
  const send: Wire['send'] = async (call, role = 'call', action = 'runCypher') => {
    const reply = await transport.send(call, { timeoutMs: 30_000 })
    return { reply, outcome: adapter.outcome(reply, { action, role }) }
  }
  const read: Wire['read'] = async (name, input) => {
    const action = adapter.actions[name]
    if (action.effect !== 'read') throw new Error(`${name} is no read`)
    const lookup = action.build(action.input.parse(input) as never, { key: 'read', config: adapter.config })
    const { reply, outcome } = await send(lookup.call, 'look-up', name)
    if (outcome.kind !== 'delivered' || reply.kind !== 'answer')
      throw new Error(JSON.stringify([outcome, reply]))
    const { data } = reply.body as { data: { values: Json } }
    return action.output.parse(lookup.list === undefined ? reply.body : data.values)
  }
  return {
    adapter,
    transport,
    send,
    read,
    deliver: async descriptor => {
      for (let left = 200; left > 0; left -= 1) {
        const { outcome, reply } = await send(descriptor, 'call', descriptor.action)
        if (outcome.kind === 'delivered') return
        if (outcome.kind === 'rejected' || outcome.kind === 'denied')
          throw new Error(`${descriptor.action}: ${JSON.stringify([outcome, reply])}`)
        await again(outcome)
      }
      throw new Error(`${descriptor.action} was never delivered`)
    },
    rows: async (statement, parameters = {}) => {
      const { runCypher } = adapter.actions
      const { reply } = await send(
        runCypher({ statement, parameters })({ key: 'rows', config: adapter.config }),
      )
      return tableOf(reply)
    },
    close: async () => transport.close?.(),
  }
}

/** A project of a test's own, so that tests may run on a server that holds other things. */
export const newProject = (): string => `test-${randomUUID()}`

/** Makes the constraints, as `init` does. */
export const init = async (wire: Wire, project: string): Promise<void> => {
  const [moment] = story()
  if (moment === undefined) throw new Error('a story begins')
  const event = {
    id: `init ${project}`,
    sessionId: 'init',
    sequence: 1,
    time: '2026-01-01T00:00:00.000Z',
    at: '2026-01-01T00:00:00.000Z',
    version: 2,
    type: 'init',
    payload: { project, adapter: 'neo4j', configuration: 'x', coreVersion: '0.1.0' },
  } as const satisfies SessionEvent
  for (const descriptor of plan(wire.adapter, event, moment.session)) await wire.deliver(descriptor)
}

/** A story of a project of its own, with ids that begin with it. */
export const storyOf = (
  project: string,
  number: number,
  more: Parameters<typeof story>[0] = {},
): readonly Moment[] => {
  const moments = story({ number, startsAt: Date.UTC(2026, 0, 1, number), ...more })
  const text = JSON.stringify(moments)
    // Decisions and blockers have the same id in each story.
    .replaceAll('01990000-0000-7000-8000-', `01990000-0000-7${String(number).padStart(3, '0')}-8000-`)
    .replaceAll('01990000-', `${project.slice(-12)}-`)
    .replaceAll('"project":"billing"', `"project":"${project}"`)
  return JSON.parse(text) as readonly Moment[]
}

/** Everything moments plan. */
export const plannedOf = (wire: Wire, moments: readonly Moment[]): readonly Descriptor[] =>
  moments.flatMap(({ event, session }) => plan(wire.adapter, event, session))

const NEAR = `MATCH (n) WHERE n.project = $project OR (n:Project AND n.id = $project)
  OPTIONAL MATCH (n)--(m)
  WITH collect(DISTINCT n) + collect(DISTINCT m) AS near
  UNWIND near AS each
  WITH collect(DISTINCT each) AS found`

type Node = Readonly<{ labels: readonly string[]; properties: Row }>
const nameOf = ({ labels, properties: { id, name } }: Node) => `${labels.join(':')} ${String(id ?? name)}`

/** The whole graph of a project as sorted lines: each node with its properties, each relation with its ends. */
export const dump = async (wire: Wire, project: string): Promise<readonly string[]> => {
  const nodes = await wire.rows(`${NEAR} UNWIND found AS n RETURN n`, { project })
  const relations = await wire.rows(
    `${NEAR} UNWIND found AS a MATCH (a)-[r]->(b) RETURN a, type(r) AS type, properties(r) AS properties, b`,
    { project },
  )
  const sorted = (fields: Row) => JSON.stringify(Object.fromEntries(Object.entries(fields).sort()))
  return [
    ...nodes.map(({ n }) => `${nameOf(n as unknown as Node)} ${sorted((n as unknown as Node).properties)}`),
    ...relations.map(
      ({ a, type, properties, b }) =>
        `(${nameOf(a as unknown as Node)})-[${String(type)} ${sorted(properties as Row)}]->(${nameOf(b as unknown as Node)})`,
    ),
  ].sort()
}

/** Takes a project away. */
export const wipe = (wire: Wire, project: string): Promise<unknown> =>
  wire.rows(`${NEAR} FOREACH (each IN found | DETACH DELETE each)`, { project })

/** A list in another order, by chance. */
export const shuffled = <T>(list: readonly T[], random: () => number): readonly T[] =>
  list
    .map(item => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)

/** Kills the server, or brings it back; done when it is dead, or ready. */
export const control = async (verb: 'kill' | 'start'): Promise<void> => {
  const { ok } = await fetch(`${real.control}/${verb}`, { method: 'POST' })
  if (!ok) throw new Error(`the server could not be told to ${verb}`)
}
