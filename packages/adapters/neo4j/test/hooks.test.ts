import {
  type CustomCall,
  type Descriptor,
  plan,
  type Session,
  type SessionEvent,
} from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import type { Statement } from '../src/config.ts'
import { neo4j } from '../src/index.ts'
import { entityId } from '../src/text.ts'

const options = { uri: 'bolt://localhost:7687' } as const
const SESSION = '01990000-0000-7001-8000-00000000a001'
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
const event = (n: number) => `01990000-0000-7001-8000-00000000e00${n}`
const of = (n: number) => ({
  sessionId: SESSION,
  project: 'billing',
  eventId: event(n),
  at: at(n - 1),
  seq: n,
})
const unordered = (n: number) => {
  const { seq: _, ...rest } = of(n)
  return rest
}
const lock = entityId({ project: 'billing', type: 'class', name: 'InvoiceLock' })

const statementOf = (planned: Descriptor | undefined) => planned?.payload as unknown as Statement

const planned = (more = {}, moments = story()) => {
  const adapter = neo4j({ ...options, ...more })
  return moments.flatMap(moment => plan(adapter, moment.event, moment.session))
}

test('a whole session is one statement for each event', () => {
  expect(planned().map(each => [each.key, each.action, statementOf(each).parameters])).toEqual([
    [
      `${event(1)}/neo4j/0`,
      'startSession',
      {
        ...of(1),
        user: 'fixer',
        name: 'Stop double charging',
        progress: 20,
        agent: 'Claude',
        goal: 'Stop double charging\nTwo webhooks at once charge a customer twice.',
        url: null,
        refs: [],
        metadataJson: '{"branch":"fix/double-charge"}',
        previousIds: [],
        parentIds: [],
        continuedIds: [],
        referencedIds: [],
        neededIds: [],
        workspace: null,
        machine: null,
        recordedBy: expect.stringMatching(/^sessionwire \d/) as string,
      },
    ],
    [
      `${event(2)}/neo4j/0`,
      'recordProgress',
      {
        ...of(2),
        message: 'Reproduced with two parallel webhooks',
        progress: 35,
        tags: ['payments'],
        nextSteps: ['Lock per invoice'],
        usage: null,
        total: null,
      },
    ],
    [
      `${event(3)}/neo4j/0`,
      'recordDecision',
      {
        sessionId: SESSION,
        project: 'billing',
        at: at(2),
        decisionId: '01990000-0000-7000-8000-00000000d001',
        content: 'Lock per invoice',
        rationale: 'Stripe retries a webhook while the first is still running',
        impact: 'One row lock more per payment',
        category: 'architecture',
        relatedEntities: ['InvoiceLock'],
        alternatives: [
          { id: '01990000-0000-7000-8000-00000000d001:alt:0', place: 0, content: 'global lock' },
          { id: '01990000-0000-7000-8000-00000000d001:alt:1', place: 1, content: 'queue of one' },
        ],
        supersededIds: [],
        entities: [],
      },
    ],
    [
      `${event(4)}/neo4j/0`,
      'recordEntity',
      {
        ...unordered(4),
        stamp: `${at(3)} ${event(4)}`,
        entityId: lock,
        name: 'InvoiceLock',
        type: 'class',
        path: 'src/lock.ts',
        description: 'Holds one invoice at a time',
        propertiesJson: '{"lines":40,"owner":"payments"}',
        decisionIds: ['01990000-0000-7000-8000-00000000d001'],
      },
    ],
    [
      `${event(5)}/neo4j/0`,
      'openBlocker',
      {
        ...unordered(5),
        blockerId: '01990000-0000-7000-8000-00000000b001',
        description: 'No staging key',
        category: 'external',
        severity: 'high',
        updateIds: [],
        entities: [],
      },
    ],
    [
      `${event(6)}/neo4j/0`,
      'resolveBlocker',
      { ...of(6), blockerId: '01990000-0000-7000-8000-00000000b001', resolution: 'Key issued by ops' },
    ],
    [
      `${event(7)}/neo4j/0`,
      'recordProgress',
      {
        ...of(7),
        message: 'Lock in place, tests green',
        progress: 90,
        tags: [],
        nextSteps: [],
        usage: null,
        total: null,
      },
    ],
    [
      `${event(9)}/neo4j/0`,
      'endSession',
      {
        ...of(9),
        stamp: `${at(8)} ${event(9)}`,
        status: 'completed',
        summary: 'Fixed in #981',
        progress: 100,
        total: null,
      },
    ],
    [
      '01990000-0000-7001-8000-00000000e010/neo4j/0',
      'resumeSession',
      {
        sessionId: SESSION,
        project: 'billing',
        eventId: '01990000-0000-7001-8000-00000000e010',
        at: at(9),
        seq: 10,
        summary: 'Fixed in #981',
      },
    ],
  ])
})

test('every call goes to the same place with the same credential, and may be repeated', () => {
  for (const each of planned()) {
    const { kind, target, endpoint, auth, repeat, captures, coalesce } = each as CustomCall & typeof each
    const { database } = statementOf(each)
    expect({ kind, target, endpoint, database, auth, repeat, captures, coalesce }).toEqual({
      kind: 'custom',
      target: 'bolt',
      endpoint: 'bolt://localhost:7687',
      database: 'neo4j',
      auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
      repeat: 'safe',
      captures: undefined,
      coalesce: undefined,
    })
  }
})

describe('updates', () => {
  const kinds = (updates: 'each' | 'card' | 'off') => planned({ updates }).map(({ action }) => action)
  test('each makes a node of every step', () =>
    expect(kinds('each').filter(name => name === 'recordProgress')).toHaveLength(2))
  test('card moves the session only, and a newer step takes the place of an older', () => {
    const moved = planned({ updates: 'card' }).filter(({ action }) => action === 'moveSession')
    expect(moved.map(({ coalesce }) => coalesce)).toEqual([
      { name: 'card', everyMs: 5_000 },
      { name: 'card', everyMs: 5_000 },
    ])
    expect(statementOf(moved[0]).parameters).toEqual({
      ...of(2),
      message: 'Reproduced with two parallel webhooks',
      progress: 35,
      total: null,
    })
  })
  test('off leaves steps out', () =>
    expect(kinds('off').filter(name => /recordProgress|moveSession/.test(name))).toEqual([]))
})

describe('init', () => {
  const [moment] = story()
  const init = {
    id: event(0),
    sessionId: 'init',
    sequence: 1,
    time: at(0),
    at: at(0),
    version: 2,
    type: 'init',
    payload: { project: 'billing', adapter: 'neo4j', configuration: 'x', coreVersion: '0.1.0' },
  } as const satisfies SessionEvent
  const plannedAtInit = (more = {}) => plan(neo4j({ ...options, ...more }), init, moment?.session as Session)

  test('makes each constraint and index by a statement of its own, then the project', () => {
    expect(plannedAtInit().map(each => [each.action, statementOf(each).statement.split('\n')[0]])).toEqual([
      ['ensureRule', 'CREATE CONSTRAINT session_id IF NOT EXISTS FOR (n:Session) REQUIRE n.id IS UNIQUE'],
      ['ensureRule', 'CREATE CONSTRAINT project_id IF NOT EXISTS FOR (n:Project) REQUIRE n.id IS UNIQUE'],
      [
        'ensureRule',
        'CREATE CONSTRAINT project_state_name IF NOT EXISTS FOR (n:ProjectState) REQUIRE n.name IS UNIQUE',
      ],
      ['ensureRule', 'CREATE CONSTRAINT progress_id IF NOT EXISTS FOR (n:Progress) REQUIRE n.id IS UNIQUE'],
      ['ensureRule', 'CREATE CONSTRAINT message_id IF NOT EXISTS FOR (n:Message) REQUIRE n.id IS UNIQUE'],
      ['ensureRule', 'CREATE CONSTRAINT decision_id IF NOT EXISTS FOR (n:Decision) REQUIRE n.id IS UNIQUE'],
      [
        'ensureRule',
        'CREATE CONSTRAINT alternative_id IF NOT EXISTS FOR (n:Alternative) REQUIRE n.id IS UNIQUE',
      ],
      ['ensureRule', 'CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE'],
      [
        'ensureRule',
        'CREATE CONSTRAINT observation_id IF NOT EXISTS FOR (n:Observation) REQUIRE n.id IS UNIQUE',
      ],
      ['ensureRule', 'CREATE CONSTRAINT blocker_id IF NOT EXISTS FOR (n:Blocker) REQUIRE n.id IS UNIQUE'],
      [
        'ensureRule',
        'CREATE INDEX session_project_start IF NOT EXISTS FOR (n:Session) ON (n.project, n.startTime)',
      ],
      [
        'ensureRule',
        'CREATE INDEX blocker_project_status IF NOT EXISTS FOR (n:Blocker) ON (n.project, n.status)',
      ],
      [
        'ensureRule',
        'CREATE INDEX decision_project_time IF NOT EXISTS FOR (n:Decision) ON (n.project, n.timestamp)',
      ],
      ['registerProject', 'MERGE (p:Project {id: $project})'],
    ])
  })
  test('leaves the schema to an administrator when it is told to', () =>
    expect(plannedAtInit({ manageSchema: false }).map(({ action }) => action)).toEqual(['registerProject']))
})

test('what came before and what it is part of are followed, and refs are kept as text', () => {
  const [moment] = story({ refs: { linear: { issue: 'BIL-212' } } })
  if (moment === undefined) throw new Error('a story begins')
  const session = { ...moment.session, previousId: 'before', parentId: 'above' }
  const [start] = plan(neo4j({ ...options, sessionUrl: 'https://example.com/s/{id}' }), moment.event, session)
  expect(statementOf(start).parameters).toMatchObject({
    previousIds: ['before'],
    parentIds: ['above'],
    refs: ['linear.issue=BIL-212'],
    url: `https://example.com/s/${SESSION}`,
  })
})

test('a decision is tied to the entities the session knows by then', () => {
  const moments = story()
  const known = moments.find(({ event: { type } }) => type === 'entity')?.session
  const decision = moments.find(({ event: { type } }) => type === 'decision')
  if (known === undefined || decision === undefined) throw new Error('the story has both')
  const [planned] = plan(neo4j(options), decision.event, known)
  expect(statementOf(planned).parameters.entities).toEqual([{ id: lock, type: 'class', name: 'InvoiceLock' }])
})

test('a very long project name stays one project, cut for the index', () => {
  const [first] = planned({}, story({ text: 'x'.repeat(5_000) }))
  const { project } = statementOf(first).parameters as { project: string }
  expect(project).toHaveLength(898)
  expect(project).toMatch(/^x{860}… [0-9a-f-]{36}$/)
})

test('an id without a visible character is refused, by its field', () => {
  const moment = story().find(({ event: { type } }) => type === 'blocker')
  if (moment === undefined) throw new Error('the story has a blocker')
  const event = { ...moment.event, payload: { ...moment.event.payload, blockerId: '\0' } } as SessionEvent
  expect(() => plan(neo4j(options), event, moment.session)).toThrow('blockerId: no visible character')
})

describe('what the second edition records', () => {
  const find = (type: string) => {
    const found = story().find(({ event }) => event.type === type)
    if (found === undefined) throw new Error(`no ${type} in the story`)
    return found
  }
  const parametersOf = (type: string, payload: object, sessionFields: object = {}, more: object = {}) => {
    const { event, session } = find(type)
    const changed = { ...event, payload: { ...event.payload, ...payload } } as SessionEvent
    const [first] = plan(neo4j({ ...options, ...more }), changed, { ...session, ...sessionFields } as Session)
    return first === undefined ? undefined : { action: first.action, ...statementOf(first).parameters }
  }

  test('links between sessions become edges by their kind', () =>
    expect(
      parametersOf('start', {
        links: [
          { kind: 'continues', sessionId: 'a' },
          { kind: 'references', sessionId: 'b' },
          { kind: 'depends_on', sessionId: 'c' },
          { kind: 'depends_on', sessionId: 'd' },
        ],
        workspace: '/home/ada/billing',
        machine: 'laptop',
      }),
    ).toMatchObject({
      continuedIds: ['a'],
      referencedIds: ['b'],
      neededIds: ['c', 'd'],
      workspace: '/home/ada/billing',
      machine: 'laptop',
    }))

  test('usage belongs to its update, and its sum to the session', () => {
    const usage = { inputTokens: 100, costUsd: 0.25 }
    const sum = { inputTokens: 300, costUsd: 0.75 }
    expect(parametersOf('update', { usage }, { usage: sum })).toMatchObject({ usage, total: sum })
    expect(parametersOf('update', { usage }, { usage: sum }, { updates: 'card' })).toMatchObject({
      action: 'moveSession',
      total: sum,
    })
    expect(parametersOf('close', {}, { usage: sum })).toMatchObject({ total: sum })
  })

  test.for(['failed', 'cancelled', 'left'] as const)('a session that was %s has that status', end =>
    expect(parametersOf('close', { end })).toMatchObject({ action: 'endSession', status: end }),
  )

  test('a blocker points to the updates and entities it concerns', () => {
    const related = { relatedUpdates: [event(2)], relatedEntities: ['InvoiceLock', 'unknown'] }
    expect(parametersOf('blocker', related)).toMatchObject({
      updateIds: [event(2)],
      entities: [{ id: lock, type: 'class', name: 'InvoiceLock' }],
    })
    expect(parametersOf('blocker', related, {}, { updates: 'card' })).toMatchObject({ updateIds: [] })
  })

  test('messages are planned only where the option asks for them', () => {
    const { event: update, session } = find('update')
    const message = {
      ...update,
      type: 'message',
      payload: { role: 'assistant', content: 'Done\0', replyTo: 'm1', usage: { outputTokens: 7 } },
    } as SessionEvent
    const withUsage = { ...session, usage: { outputTokens: 9 } }
    expect(neo4j(options).hooks).not.toHaveProperty('message')
    expect(plan(neo4j(options), message, withUsage)).toEqual([])
    const [planned] = plan(neo4j({ ...options, messages: true }), message, withUsage)
    expect(statementOf(planned).parameters).toEqual({
      ...of(2),
      role: 'assistant',
      content: 'Done',
      turnId: null,
      name: null,
      model: null,
      answeredIds: ['m1'],
      usage: { outputTokens: 7 },
      total: { outputTokens: 9 },
    })
  })
})
