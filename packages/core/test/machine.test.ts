import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTrackerError } from '../src/session/errors.ts'
import type { SessionEvent } from '../src/session/events.ts'
import { type Command, evolve, handle, initial, type State } from '../src/session/machine.ts'
import { ENDS } from '../src/session/schema.ts'
import type { Session } from '../src/session/session.ts'

const SESSION = 'session-1'
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 9, minute)).toISOString()

const start = (more: object = {}): Command => ({
  type: 'start',
  sessionId: SESSION,
  id: SESSION,
  resumeId: 'never',
  time: at(0),
  at: at(0),
  input: { project: 'billing', user: 'fixer', progress: 20, refs: {}, metadata: {}, ...more },
})

const command = (type: Command['type'], n: number, input: object): Command =>
  ({ type, sessionId: SESSION, id: `e${n}`, resumeId: `r${n}`, time: at(n), at: at(n), input }) as Command

const run = (
  ...commands: readonly Command[]
): Readonly<{ state: State; events: readonly SessionEvent[] }> => {
  let state: State = initial
  const events: SessionEvent[] = []
  for (const each of commands)
    for (const event of handle(each, state)) {
      events.push(event)
      state = evolve(state, event)
    }
  return { state, events }
}

const refusal = (state: State, given: Command) => {
  try {
    handle(given, state)
  } catch (thrown) {
    if (isTrackerError(thrown)) return [thrown.code, thrown.field, thrown.message]
  }
  return 'accepted'
}

describe('a session', () => {
  test('from start to close, as whole values', () => {
    const { state, events } = run(
      start({ goal: 'Stop double charging\nTwice!', refs: { tool: { issue: 'B-1' } }, metadata: { a: 1 } }),
      command('update', 1, { description: 'Reproduced', progress: 35, tags: ['x'] }),
      command('decision', 2, { content: 'Lock', alternatives: [], relatedEntities: [] }),
      command('decision', 3, {
        content: 'Queue',
        alternatives: ['Lock'],
        supersedes: 'e2',
        relatedEntities: [],
      }),
      command('entity', 4, { name: 'InvoiceLock', type: 'class', properties: {} }),
      command('blocker', 5, { description: 'No key', category: 'external', severity: 'high' }),
      command('resolve', 6, { blockerId: 'e5', resolution: 'Issued' }),
      command('close', 7, { end: 'completed', summary: 'Fixed', progress: 100 }),
    )
    expect(events.map(({ type, sequence, id }) => [type, sequence, id])).toEqual([
      ['start', 1, SESSION],
      ['update', 2, 'e1'],
      ['decision', 3, 'e2'],
      ['decision', 4, 'e3'],
      ['entity', 5, 'e4'],
      ['blocker', 6, 'e5'],
      ['resolve', 7, 'e6'],
      ['close', 8, 'e7'],
    ])
    expect(events[7]).toEqual({
      id: 'e7',
      sessionId: SESSION,
      sequence: 8,
      time: at(7),
      at: at(7),
      version: 2,
      type: 'close',
      payload: { end: 'completed', summary: 'Fixed', progress: 100, durationMs: 420_000 },
    })
    expect(state).toEqual({
      id: SESSION,
      project: 'billing',
      user: 'fixer',
      goal: 'Stop double charging\nTwice!',
      title: 'Stop double charging',
      status: 'completed',
      startProgress: 20,
      progress: 100,
      summary: 'Fixed',
      startedAt: at(0),
      endedAt: at(7),
      lastEventAt: at(7),
      refs: { tool: { issue: 'B-1' } },
      metadata: { a: 1 },
      revision: 8,
      updates: [
        { eventId: 'e1', time: at(1), at: at(1), description: 'Reproduced', progress: 35, tags: ['x'] },
      ],
      decisions: [
        {
          eventId: 'e2',
          time: at(2),
          at: at(2),
          decisionId: 'e2',
          content: 'Lock',
          alternatives: [],
          relatedEntities: [],
        },
        {
          eventId: 'e3',
          time: at(3),
          at: at(3),
          decisionId: 'e3',
          content: 'Queue',
          alternatives: ['Lock'],
          supersedes: 'e2',
          relatedEntities: [],
        },
      ],
      entities: [
        { eventId: 'e4', time: at(4), at: at(4), name: 'InvoiceLock', type: 'class', properties: {} },
      ],
      blockers: [
        {
          eventId: 'e5',
          time: at(5),
          at: at(5),
          blockerId: 'e5',
          description: 'No key',
          category: 'external',
          severity: 'high',
          resolvedAt: at(6),
          resolution: 'Issued',
        },
      ],
    })
  })

  test.for([
    ['Fix it', 'Fix it'],
    ['\n\n  Fix it  \nnow', 'Fix it'],
    ['Fix\u2028it', 'Fix'],
    ['a'.repeat(80), 'a'.repeat(80)],
    ['a'.repeat(81), `${'a'.repeat(79)}…`],
    ['😀'.repeat(80), '😀'.repeat(80)],
    ['😀'.repeat(81), `${'😀'.repeat(79)}…`],
    ['b'.repeat(60_000), `${'b'.repeat(79)}…`],
    [undefined, 'Session of fixer, 2026-01-01'],
  ] as const)('is titled by its goal %#', ([goal, title]) => {
    expect(run(start(goal === undefined ? {} : { goal })).state?.title).toBe(title)
  })

  test('may fall in progress, and keeps it where an update says none', () => {
    const { state } = run(
      start(),
      command('update', 1, { description: 'x', progress: 90, tags: [] }),
      command('update', 2, { description: 'y', progress: 10, tags: [] }),
      command('update', 3, { description: 'z', tags: [] }),
    )
    expect([state?.startProgress, state?.progress]).toEqual([20, 10])
  })

  test('that a clock set back closes took no time', () => {
    const { events } = run(start(), {
      ...command('close', 0, { end: 'completed' }),
      time: at(-5),
      at: at(-5),
    })
    expect(events[1]?.payload).toEqual({ end: 'completed', durationMs: 0 })
  })
})

describe('a command', () => {
  const open = run(start(), command('blocker', 1, { description: 'x', category: 'c', severity: 'low' })).state
  const resolved = run(
    start(),
    command('blocker', 1, { description: 'x', category: 'c', severity: 'low' }),
    command('resolve', 2, { blockerId: 'e1' }),
  ).state
  const closed = run(start(), command('close', 3, { end: 'completed' })).state

  test('is refused before the start', () => {
    expect(refusal(initial, command('update', 1, { description: 'x', tags: [] }))).toEqual([
      'NO_SUCH_SESSION',
      'sessionId',
      'There is no session "session-1": start one, or open the store it was recorded in.',
    ])
  })

  test('cannot start twice', () => {
    expect(refusal(open, start())).toEqual([
      'INVALID_INPUT',
      'start',
      'start: the session "session-1" has started already.',
    ])
  })

  test.for(['update', 'decision', 'blocker', 'close'] as const)('cannot %s what was completed', type => {
    expect(refusal(closed, command(type, 9, { end: 'completed' }))).toEqual([
      'SESSION_CLOSED',
      'sessionId',
      `The session "session-1" was completed at ${at(3)}. Start a new one, or reopen it with session.resume().`,
    ])
  })

  test('may resolve and export what was completed, and leaves it completed', () => {
    const { state, events } = run(
      start(),
      command('blocker', 1, { description: 'x', category: 'c', severity: 'low' }),
      command('close', 2, { end: 'completed' }),
      command('resolve', 3, { blockerId: 'e1' }),
      command('export', 4, { format: 'json', content: '{}' }),
    )
    expect(events.map(({ type }) => type)).toEqual(['start', 'blocker', 'close', 'resolve', 'export'])
    expect([state?.status, state?.endedAt, state?.revision]).toEqual(['completed', at(2), 5])
  })

  test('resolves only a blocker that is there, once', () => {
    expect(refusal(open, command('resolve', 2, { blockerId: 'e7' }))).toEqual([
      'INVALID_INPUT',
      'resolve.blockerId',
      'resolve.blockerId: unknown blocker "e7"; expected the id of a blocker of this session, or words of one open blocker.',
    ])
    expect(refusal(resolved, command('resolve', 3, { blockerId: 'e1' }))).toEqual([
      'INVALID_INPUT',
      'resolve.blockerId',
      `resolve.blockerId: the blocker "e1" was resolved at ${at(2)}.`,
    ])
  })

  test('supersedes only a decision that is there', () => {
    const given = { content: 'x', alternatives: [], supersedes: 'e9', relatedEntities: [] }
    expect(refusal(open, command('decision', 2, given))).toEqual([
      'INVALID_INPUT',
      'decide.supersedes',
      'decide.supersedes: unknown decision "e9"; expected the decisionId of an earlier receipt of this session.',
    ])
  })

  test.for([
    ['crashed', 'update was recorded after the session crashed'],
    ['abandoned', 'update was recorded after the session was abandoned'],
  ] as const)('takes a session up again that was %s', ([end, reason]) => {
    const { state, events } = run(
      start(),
      command('close', 1, { end }),
      command('update', 2, { description: 'Back', tags: [] }),
    )
    expect(events.slice(2).map(({ id, type, sequence, payload }) => [id, type, sequence, payload])).toEqual([
      ['r2', 'resume', 3, { reason }],
      ['e2', 'update', 4, { description: 'Back', tags: [] }],
    ])
    expect([state?.status, state?.revision]).toEqual(['active', 4])
    expect(state).not.toHaveProperty('endedAt')
  })

  test('that only exports does not take a session up again', () => {
    const { state } = run(
      start(),
      command('close', 1, { end: 'abandoned' }),
      command('export', 2, { format: 'json', content: '{}' }),
    )
    expect([state?.status, state?.endedAt]).toEqual(['abandoned', at(1)])
  })
})

type Step = Readonly<{ type: Command['type']; input: object }>

const text = fc.string({ minLength: 1, maxLength: 8 })
const progress = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined })
const known = fc.integer({ min: 1, max: 12 }).map(n => `e${n}`)
const of = (type: Command['type'], input: fc.Arbitrary<object>): fc.Arbitrary<Step> =>
  input.map(each => ({ type, input: JSON.parse(JSON.stringify(each)) as object }))
const step = fc.oneof(
  of('update', fc.record({ description: text, progress, tags: fc.constant([]) })),
  of(
    'decision',
    fc.record({
      content: text,
      alternatives: fc.constant([]),
      relatedEntities: fc.constant([]),
      supersedes: fc.option(known, { nil: undefined, freq: 3 }),
    }),
  ),
  of('entity', fc.record({ name: text, type: text, properties: fc.constant({}) })),
  of('blocker', fc.record({ description: text, category: text, severity: fc.constantFrom('low', 'high') })),
  of('resolve', fc.record({ blockerId: known })),
  of('close', fc.record({ end: fc.constantFrom(...ENDS), progress })),
  of('message', fc.record({ role: fc.constant('user'), content: text })),
  of('resume', fc.record({ reason: fc.option(text, { nil: undefined }) })),
  of('export', fc.record({ format: fc.constant('json'), content: text })),
)

const frozen = <T>(value: T): T => {
  if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) frozen(inner)
    Object.freeze(value)
  }
  return value
}

test('whatever is asked for, the story holds together', () => {
  let accepted = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), steps => {
      const events: SessionEvent[] = []
      let state: State = initial
      const asked = [start(), ...steps.map(({ type, input }, n) => command(type, n + 1, input))]
      for (const each of asked) {
        const before: Session | undefined = frozen(state)
        let made: readonly SessionEvent[] = []
        try {
          made = handle(frozen(each), before)
        } catch (thrown) {
          expect(isTrackerError(thrown)).toBe(true)
          continue
        }
        accepted++
        // A session that ended by itself is resumed before what changes it, and then only.
        const asleep = ['crashed', 'abandoned', 'left'].includes(before?.status ?? '')
        const quiet = ['export', 'entity', 'message', 'resume'].includes(each.type)
        const isDone =
          (each.type === 'resume' && before?.status === 'active') ||
          (each.type === 'close' && each.input.end === 'left' && before?.status !== 'active')
        expect(made.map(({ type }) => type)).toEqual(
          isDone ? [] : asleep && !quiet ? ['resume', each.type] : [each.type],
        )
        if (['completed', 'failed', 'cancelled'].includes(before?.status ?? '') && !isDone)
          expect(['resolve', 'export', 'entity', 'message', 'resume']).toContain(each.type)
        for (const event of made) {
          events.push(frozen(event))
          state = frozen(evolve(state, event))
        }
      }
      const session = state as Session
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, n) => n + 1))
      expect(session.revision).toBe(events.length)
      expect(session.progress).toBeGreaterThanOrEqual(0)
      expect(session.progress).toBeLessThanOrEqual(100)
      expect(session.status === 'active').toBe(session.endedAt === undefined)
      expect(session.lastEventAt).toBe(events.at(-1)?.time)
      const count = (type: string) => events.filter(event => event.type === type).length
      expect(session.updates).toHaveLength(count('update'))
      expect(session.decisions).toHaveLength(count('decision'))
      expect(session.entities).toHaveLength(count('entity'))
      expect(session.blockers).toHaveLength(count('blocker'))
      expect(session.blockers.filter(each => each.resolvedAt !== undefined)).toHaveLength(count('resolve'))
      // What is stored is JSON, and the same story read back makes the same session.
      const read = JSON.parse(JSON.stringify(events)) as SessionEvent[]
      expect(read.reduce<State>(evolve, initial)).toEqual(session)
      expect(JSON.parse(JSON.stringify(session))).toEqual(session)
    }),
    { numRuns: 300 },
  )
  expect(accepted).toBeGreaterThan(600)
})
