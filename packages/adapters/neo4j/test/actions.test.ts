import { type Descriptor, type HttpCall, isTrackerError, uuidFrom } from '@sessionwire/core/adapter'
import { describe, expect, test } from 'vitest'
import type { Statement } from '../src/config.ts'
import { neo4j } from '../src/index.ts'
import { moveSession } from '../src/steps.ts'
import { entityId } from '../src/text.ts'

const { actions, config } = neo4j({ uri: 'bolt://localhost:7687' })
const at = { key: 'act/neo4j/0', config }
const lock = { type: 'class', name: 'InvoiceLock' }

const sent = {
  kind: 'custom',
  target: 'bolt',
  endpoint: 'bolt://localhost:7687',
  auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
} as const

const errorOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (isTrackerError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return undefined
}

describe('whole drafts', () => {
  test('relateEntities', () =>
    expect(actions.relateEntities(actions.relateEntities.example)(at)).toEqual({
      ...sent,
      key: 'act/neo4j/0',
      action: 'relateEntities',
      payload: {
        database: 'neo4j',
        statement: [
          'MERGE (a:Entity {id: $fromId})',
          'SET a.name = $fromName, a.type = $fromType, a.project = $project',
          'MERGE (b:Entity {id: $toId})',
          'SET b.name = $toName, b.type = $toType, b.project = $project',
          'MERGE (a)-[r:RELATES_TO {kind: $kind}]->(b)',
          'RETURN a.id AS id',
        ].join('\n'),
        parameters: {
          project: 'billing',
          fromId: entityId({ project: 'billing', type: 'class', name: 'PaymentService' }),
          fromName: 'PaymentService',
          fromType: 'class',
          toId: entityId({ project: 'billing', ...lock }),
          toName: 'InvoiceLock',
          toType: 'class',
          kind: 'uses',
        },
      },
      repeat: 'safe',
    }))

  test('the same by the Query API', () => {
    const there = neo4j({ uri: 'https://db.example.com' }).config
    const { payload, ...rest } = actions.forgetSession({ sessionId: 'x' })({
      ...at,
      config: there,
    }) as HttpCall & Descriptor
    expect(rest).toEqual({
      kind: 'http',
      method: 'POST',
      endpoint: 'https://db.example.com/db/neo4j/query/v2',
      headers: { accept: 'application/json' },
      auth: { basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'] },
      key: 'act/neo4j/0',
      action: 'forgetSession',
      repeat: 'safe',
    })
    expect(payload).toMatchObject({ parameters: { sessionId: 'x' } })
  })

  test('a step of a hook has the values that its statement names, cleaned, and null for the others', () =>
    expect(
      moveSession({
        sessionId: 'x',
        project: 'b',
        eventId: 'e',
        at: 'now',
        seq: 2,
        message: 'a\0',
        other: 1,
      })(at),
    ).toEqual({
      ...sent,
      key: 'act/neo4j/0',
      action: 'moveSession',
      payload: {
        database: 'neo4j',
        statement: moveSession.statement,
        parameters: {
          sessionId: 'x',
          project: 'b',
          eventId: 'e',
          at: 'now',
          seq: 2,
          message: 'a',
          progress: null,
          total: null,
        },
      },
      repeat: 'safe',
      coalesce: { name: 'card', everyMs: 5_000 },
    }))

  test('a statement of one’s own runs once, unless it is said to be repeatable', () => {
    const statement = 'MERGE (n:Note {id: $id})'
    expect(actions.runCypher({ statement, parameters: { id: 1 } })(at)).toEqual({
      ...sent,
      key: 'act/neo4j/0',
      action: 'runCypher',
      payload: { database: 'neo4j', statement, parameters: { id: 1 } },
      repeat: 'unsafe',
    })
    expect(actions.runCypher({ statement, repeatable: true })(at).repeat).toBe('safe')
    expect(actions.runCypher.guarantee(config)).toEqual({ guarantee: 'at-most-once' })
    expect(actions.addObservation.guarantee(config)).toEqual({ guarantee: 'upsert' })
  })
})

describe('ids and times', () => {
  const parametersOf = (step: (here: typeof at) => Descriptor, key = 'act/neo4j/0') =>
    (step({ ...at, key }).payload as unknown as Statement).parameters

  test('an observation has the id of its key', () => {
    const observe = actions.addObservation({ project: 'billing', entity: lock, content: 'x' })
    expect(parametersOf(observe)).toEqual({
      project: 'billing',
      ...lock,
      entityId: entityId({ project: 'billing', ...lock }),
      observationId: uuidFrom('act/neo4j/0'),
      content: 'x',
      at: null,
    })
    expect(parametersOf(observe, 'another').observationId).toBe(uuidFrom('another'))
  })
  test('a time of any zone is kept in UTC, so that stamps compare as text', () => {
    const state = actions.setProjectState({ project: 'billing', at: '2026-01-31T11:00:00+01:00', phase: 'x' })
    expect(parametersOf(state)).toMatchObject({
      at: '2026-01-31T10:00:00.000Z',
      stamp: '2026-01-31T10:00:00.000Z act/neo4j/0',
      progress: null,
      note: null,
    })
  })
  test('progress is whole', () =>
    expect(
      parametersOf(actions.setProjectState({ project: 'b', at: '2026-01-31T10:00:00Z', progress: 33.4 })),
    ).toMatchObject({ progress: 33 }))
  test('NUL and half surrogates are gone from every text', () =>
    expect(
      parametersOf(
        actions.relateEntities({
          project: 'b\0',
          from: { type: 't', name: 'a\ud83d' },
          to: lock,
          kind: '\0k',
        }),
      ),
    ).toMatchObject({ project: 'b', fromName: 'a\ufffd', kind: 'k' }))
})

const wrong = [
  [
    'a field that is not known',
    () => actions.forgetSession({ sessionId: 'x', force: true } as never),
    'forgetSession.force: unknown option; expected one of sessionId.',
  ],
  [
    'an empty id',
    () => actions.forgetSession({ sessionId: '\0' }),
    'forgetSession.sessionId: invalid value; expected at least one character, got the string "\\u0000".',
  ],
  [
    'a time without zone',
    () => actions.setProjectState({ project: 'b', at: '2026-01-31 10:00:00' }),
    'setProjectState.at: invalid value; expected a time such as 2026-01-31T10:00:00.000Z, got the string "2026-01-31 10:00:00".',
  ],
  [
    'progress above 100',
    () => actions.setProjectState({ project: 'b', at: '2026-01-31T10:00:00Z', progress: 101 }),
    'setProjectState.progress: invalid value; expected a number from 0 to 100, got the number 101.',
  ],
  [
    'a rule nobody knows',
    () => actions.ensureRule({ name: 'x' }),
    /^INVALID_INPUT ensureRule\.name: invalid value; expected one of session_id, /,
  ],
  [
    'no statement',
    () => actions.runCypher({ statement: '  ' }),
    'runCypher.statement: invalid value; expected a Cypher statement, got the string "  ".',
  ],
  [
    'parameters that are no object',
    () => actions.runCypher({ statement: 'RETURN 1', parameters: [1] }),
    /runCypher\.parameters: invalid value; expected an object of JSON values/,
  ],
  [
    'a placeholder in the parameters',
    () => actions.runCypher({ statement: 'RETURN 1', parameters: { a: [{ $ref: 'x' }] } }),
    /runCypher\.parameters: .*without keys that begin with \$/,
  ],
  [
    'a number that is none',
    () => actions.runCypher({ statement: 'RETURN 1', parameters: { a: Number.NaN } }),
    /runCypher\.parameters: /,
  ],
  [
    'a function',
    () => actions.runCypher({ statement: 'RETURN 1', parameters: { a: () => 1 } }),
    /runCypher\.parameters: /,
  ],
  [
    'parameters without end',
    () => {
      const endless: Record<string, unknown> = {}
      endless.self = endless
      return actions.runCypher({ statement: 'RETURN 1', parameters: endless })
    },
    /runCypher\.parameters: /,
  ],
] as const

describe('wrong input', () => {
  test.for(wrong)('%s', ([, run, message]) => {
    const error = errorOf(run)
    if (typeof message === 'string') expect(error).toBe(`INVALID_INPUT ${message}`)
    else expect(error).toMatch(message)
  })
})

test('rows of a custom read come by name', () =>
  expect(
    actions.queryCypher.output.parse({
      data: {
        fields: ['a', 'b'],
        values: [
          [1, { x: null }],
          [null, 'y'],
        ],
      },
      bookmarks: [],
    }),
  ).toEqual([
    { a: 1, b: { x: null } },
    { a: null, b: 'y' },
  ]))

test('what a newer server adds to a row is kept, and what it leaves out is not missed', () =>
  expect(actions.getLastSession.output.parse([[{ id: 'x', status: null, mood: 'good' }]])).toEqual([
    { id: 'x', status: null, mood: 'good' },
  ]))

test('what removes something is said to be destructive', () =>
  expect(
    Object.values(actions)
      .filter(({ effect }) => effect === 'destructive')
      .map(({ action }) => action),
  ).toEqual(['unrelateEntities', 'forgetSession', 'runCypher']))
