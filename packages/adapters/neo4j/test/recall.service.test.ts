import { type Moment, plainSender } from '@sessionwire/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { neo4j } from '../src/index.ts'
import { hostileNeo4j } from '../src/testing.ts'
import { entityId } from '../src/text.ts'
import { init, newProject, open, plannedOf, storyOf, type Wire, ways, wipe } from './real.ts'

/** Hooks that the first, second and third session of the tests have. */
const HOOKS = [
  ['update', 'decision', 'entity', 'blocker', 'resolve', 'update', 'close'],
  ['update', 'decision', 'entity', 'blocker'],
  ['update', 'entity', 'close', 'resume'],
] as const

const sessionsOf = (project: string): readonly (readonly Moment[])[] =>
  HOOKS.map((hooks, place) => storyOf(project, place + 1, { hooks: [...hooks] }))

describe.for(ways)('recall over %s', ([, uri]) => {
  const wire: Wire = open(uri)
  const project = newProject()
  const [id1, id2, id3] = [1, 2, 3].map(number => `${project.slice(-12)}-0000-700${number}-8000-00000000a001`)
  const decisionOf = (number: number) => `${project.slice(-12)}-0000-700${number}-8000-00000000d001`
  const lock = entityId({ project, type: 'class', name: 'InvoiceLock' })
  const fetched = (name: Parameters<Wire['read']>[0], more = {}) => wire.read(name, { project, ...more })

  beforeAll(async () => {
    await init(wire, project)
    for (const moments of sessionsOf(project))
      for (const descriptor of plannedOf(wire, moments)) await wire.deliver(descriptor)
  })
  afterAll(async () => {
    await wipe(wire, project)
    await wire.close()
  })

  test('recent sessions, newest first', async () => {
    const rows = (await fetched('listSessions')) as readonly { id: string }[]
    expect(rows.map(({ id }) => id)).toEqual([id3, id2, id1])
    expect(rows[2]).toEqual({
      id: id1,
      name: 'Stop double charging',
      goal: 'Stop double charging\nTwo webhooks at once charge a customer twice.',
      user: 'fixer',
      agent: 'Claude',
      project,
      url: null,
      ...{ workspace: null, machine: null, inputTokens: null, outputTokens: null, costUsd: null },
      status: 'completed',
      progress: 100,
      startProgress: 20,
      summary: 'Fixed in #981',
      lastMessage: 'Lock in place, tests green',
      duration: 7 / 60,
      startTime: '2026-01-01T01:00:00Z',
      endTime: '2026-01-01T01:07:00Z',
      lastUpdate: '2026-01-01T01:07:00Z',
      ...{ updates: 2, decisions: 1, entities: 1, blockers: 1 },
    })
    const ids = async (more: object) =>
      ((await fetched('listSessions', more)) as readonly { id: string }[]).map(row => row.id)
    expect(await ids({ limit: 1 })).toEqual([id3])
    expect(await ids({ status: 'completed' })).toEqual([id1])
    expect(await ids({ user: 'nobody' })).toEqual([])
    expect(await ids({ since: '2026-01-01T02:00:00Z', until: '2026-01-01T03:00:00Z' })).toEqual([id2])
    expect(await ids({ project: 'another' })).toEqual([])
  })

  test('the last session, and those that are not over', async () => {
    expect(await fetched('getLastSession')).toMatchObject([{ id: id3, status: 'active', endTime: null }])
    expect(await fetched('getLastSession', { user: 'nobody' })).toEqual([])
    expect(await fetched('listActiveSessions')).toMatchObject([{ id: id3 }, { id: id2 }])
    expect(await fetched('listActiveSessions', { user: 'fixer', limit: 1 })).toMatchObject([{ id: id3 }])
  })

  test('open blockers', async () =>
    expect(await fetched('listOpenBlockers')).toEqual([
      {
        id: `${project.slice(-12)}-0000-7002-8000-00000000b001`,
        description: 'No staging key',
        category: 'external',
        severity: 'high',
        createdAt: '2026-01-01T02:04:00Z',
        sessions: [id2],
      },
    ]))

  test('decisions', async () => {
    const rows = await fetched('listDecisions', { category: 'architecture' })
    expect(rows).toMatchObject([{ id: decisionOf(2) }, { id: decisionOf(1) }])
    expect((rows as readonly unknown[])[1]).toEqual({
      id: decisionOf(1),
      content: 'Lock per invoice',
      rationale: 'Stripe retries a webhook while the first is still running',
      impact: 'One row lock more per payment',
      category: 'architecture',
      relatedEntities: ['InvoiceLock'],
      at: '2026-01-01T01:02:00Z',
      sessionId: id1,
      alternatives: ['global lock', 'queue of one'],
      supersededBy: null,
    })
    expect(await fetched('listDecisions', { category: 'naming' })).toEqual([])
  })

  test('progress over time', async () => {
    const step = (sessionId: string | undefined, at: string, percentage: number, message: string) => ({
      at,
      percentage,
      message,
      sessionId,
    })
    expect(await fetched('listProgress')).toEqual([
      step(id1, '2026-01-01T01:01:00Z', 35, 'Reproduced with two parallel webhooks'),
      step(id1, '2026-01-01T01:06:00Z', 90, 'Lock in place, tests green'),
      step(id2, '2026-01-01T02:01:00Z', 35, 'Reproduced with two parallel webhooks'),
      step(id2, '2026-01-01T02:05:00Z', 90, 'Lock in place, tests green'),
      step(id3, '2026-01-01T03:01:00Z', 35, 'Reproduced with two parallel webhooks'),
      step(id3, '2026-01-01T03:03:00Z', 90, 'Lock in place, tests green'),
    ])
    expect(await fetched('listProgress', { limit: 1 })).toMatchObject([{ at: '2026-01-01T03:03:00Z' }])
  })

  test('one session, whole', async () => {
    expect(await wire.read('getSession', { sessionId: 'none' })).toEqual([])
    expect(await wire.read('getSession', { sessionId: id1 })).toMatchObject([
      {
        session: {
          id: id1,
          status: 'completed',
          metadataJson: '{"branch":"fix/double-charge"}',
          follows: null,
          refs: [],
        },
        progress: [
          { seq: 2, percentage: 35, tags: ['payments'], nextSteps: ['Lock per invoice'] },
          { seq: 7, percentage: 90, tags: [], nextSteps: [] },
        ],
        decisions: [{ id: decisionOf(1), alternatives: ['global lock', 'queue of one'] }],
        entities: [{ id: lock, name: 'InvoiceLock', observations: [] }],
        blockers: [
          { status: 'resolved', resolution: 'Key issued by ops', resolvedAt: '2026-01-01T01:05:00Z' },
        ],
      },
    ])
  })

  test('how a project stands, and what to know of it', async () => {
    expect(await fetched('getProjectState')).toEqual([
      {
        project,
        progress: 100,
        phase: 'Initialization',
        note: null,
        lastSessionId: id3,
        lastUpdated: '2026-01-01T03:04:00Z',
        progressAt: '2026-01-01T03:04:00Z',
      },
    ])
    expect(await fetched('getProjectContext', { since: '2026-01-01T02:00:00Z' })).toMatchObject([
      {
        state: { progress: 100, lastSessionId: id3 },
        sessions: [{ id: id3 }, { id: id2 }],
        decisions: [{ id: decisionOf(2) }],
        entities: [{ id: lock, touchedAt: '2026-01-01T03:02:00Z' }],
        blockers: [{ description: 'No staging key' }],
      },
    ])
    expect(await wire.read('getProjectContext', { project: 'none' })).toEqual([
      { state: null, sessions: [], decisions: [], entities: [], blockers: [] },
    ])
  })

  test('totals, and by user', async () => {
    expect(await fetched('getSessionStats')).toEqual([
      {
        ...{ sessions: 3, users: 1, projects: 1, active: 2, completed: 1, crashed: 0, abandoned: 0 },
        ...{ failed: 0, cancelled: 0, left: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 },
        hours: 7 / 60,
        averageHours: 7 / 60,
        longestHours: 7 / 60,
        bestProgress: 100,
        progressGained: 80 + 70 + 80,
      },
    ])
    expect(await fetched('getSessionsByUser')).toEqual([
      {
        ...{ user: 'fixer', sessions: 3, completed: 1, decisions: 2, blockers: 2, progressGained: 230 },
        hours: 7 / 60,
        averageHours: 7 / 60,
        lastStart: '2026-01-01T03:00:00Z',
      },
    ])
    expect(await fetched('getSessionStats', { since: '2027-01-01T00:00:00Z' })).toMatchObject([
      { sessions: 0 },
    ])
  })

  test('velocity, decisions by project, blockers', async () => {
    expect(await fetched('getVelocity')).toEqual([
      {
        date: '2026-01-01',
        sessions: 3,
        hours: 7 / 60,
        progress: 100,
        progressGained: 230,
        progressPerHour: 230 / (7 / 60),
      },
    ])
    const all = (await wire.read('getDecisionsByProject', {})) as readonly { project: string }[]
    expect(all.filter(row => row.project === project)).toEqual([
      { project, category: 'architecture', decisions: 2, lastAt: '2026-01-01T02:02:00Z' },
    ])
    expect(await fetched('getBlockerStats')).toEqual([
      { category: 'external', blockers: 2, open: 1, averageHours: 1 / 60 },
    ])
  })

  test('what is touched most, and by whom else', async () => {
    expect(await fetched('listBusiestEntities')).toEqual([
      {
        ...{ id: lock, name: 'InvoiceLock', type: 'class', path: 'src/lock.ts', sessions: 3, users: 1 },
        lastAt: '2026-01-01T03:02:00Z',
      },
    ])
    expect(await wire.read('listRelatedSessions', { sessionId: id1 })).toMatchObject([
      { id: id3, shared: 1, names: ['InvoiceLock'] },
      { id: id2, shared: 1, names: ['InvoiceLock'] },
    ])
  })

  test('what does not add up', async () => {
    expect(await fetched('listInconsistencies')).toEqual([])
    const stub = `${project} stub`
    await wire.rows('MERGE (:Session {id: $stub, project: $project})', { stub, project })
    expect(await fetched('listInconsistencies')).toEqual([
      { sessionId: stub, project, problem: 'its start has not arrived' },
    ])
    await wire.rows('MATCH (s:Session {id: $stub}) DELETE s', { stub })
  })

  test('a statement of one’s own', async () => {
    expect(
      await wire.read('queryCypher', {
        statement: 'MATCH (s:Session {project: $project}) RETURN s.user AS user, count(s) AS sessions',
        parameters: { project },
      }),
    ).toEqual([{ user: 'fixer', sessions: 3 }])
    await expect(
      wire.read('queryCypher', { statement: 'CREATE (n:Session {id: "x"}) RETURN n' }),
    ).rejects.toThrow(/"kind":"rejected".*Statement\.AccessMode/)
  })

  test('the hostile Neo4j of the test kit answers alike', async () => {
    await using server = await hostileNeo4j()
    const adapter = neo4j({ uri: server.url })
    const secrets = { NEO4J_USERNAME: server.username, NEO4J_PASSWORD: server.password }
    const { send } = plainSender(secrets)
    const alike = open(server.url, { database: 'neo4j' }, secrets)
    await init(alike, project)
    for (const moments of sessionsOf(project))
      for (const descriptor of plannedOf(alike, moments)) await alike.deliver(descriptor)
    for (const name of [
      ...([
        'listSessions',
        'getLastSession',
        'listActiveSessions',
        'listOpenBlockers',
        'listDecisions',
        'listProgress',
      ] as const),
      'getProjectState' as const,
    ])
      expect(await alike.read(name, { project }), name).toEqual(await fetched(name))
    for (const sessionId of [id1, id2, id3, 'none'])
      expect(await alike.read('getSession', { sessionId })).toEqual(
        await wire.read('getSession', { sessionId }),
      )
    expect((await send(adapter.check.call, { timeoutMs: 1_000 })).kind).toBe('answer')
    await alike.close()
  })
})
