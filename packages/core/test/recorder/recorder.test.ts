import { describe, expect, test } from 'vitest'
import { targetOf } from '../../src/delivery/place.ts'
import { TrackerError } from '../../src/session/errors.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import type { Store } from '../../src/store/contract.ts'
import { createSharedMemory } from '../../src/store/memory.ts'
import { fakeClock } from '../../src/testing/fakes.ts'
import { bench, cards, counting, refusal, texts, tool } from './tool.ts'

const START = '2026-01-01T00:00:00.000Z'

describe('a recording call', () => {
  test('stores the event, the session and what it plans in one commit', async () => {
    const { recorder, commits } = bench({ adapters: [tool()] })
    const { id, receipt } = await recorder.start({
      goal: 'Fix it',
      progress: 20,
      refs: { tool: { card: 'C1' }, other: { x: 'y' } },
    })
    const summary = {
      id: 'i1',
      project: 'billing',
      user: 'fixer',
      goal: 'Fix it',
      title: 'Fix it',
      status: 'active',
      startProgress: 20,
      progress: 20,
      startedAt: START,
      lastEventAt: START,
      refs: { tool: { card: 'C1' }, other: { x: 'y' } },
      metadata: {},
      revision: 1,
    }
    const event = {
      id: 'i1',
      sessionId: 'i1',
      sequence: 1,
      time: START,
      at: START,
      version: 2,
      type: 'start',
      payload: {
        project: 'billing',
        user: 'fixer',
        goal: 'Fix it',
        progress: 20,
        refs: { tool: { card: 'C1' }, other: { x: 'y' } },
        metadata: {},
      },
    }
    const descriptor = {
      key: 'i1/tool/0',
      action: 'make',
      kind: 'http',
      method: 'POST',
      endpoint: 'https://tool.test/cards',
      payload: { text: 'Fix it | active 20 | ' },
      repeat: 'unsafe',
      captures: { card: '/id' },
      holds: true,
    }
    expect(id).toBe('i1')
    expect(commits).toEqual([
      {
        session: { summary, expected: 0 },
        events: [event],
        lanes: [
          {
            adapter: 'tool',
            lane: 'i1',
            open: { refs: { card: 'C1' }, target: targetOf(tool()) },
            through: { from: 0, to: 1 },
            deliveries: [
              { key: 'i1/tool/0', action: 'make', via: 'execute', sequence: 1, descriptor, holds: true },
            ],
          },
        ],
      },
    ])
    expect(receipt).toEqual({
      recorded: true,
      event,
      session: { ...summary, updates: [], decisions: [], entities: [], blockers: [] },
      descriptors: [descriptor],
    })
  })

  test('plans each event with the session as it was then', async () => {
    const { recorder, commits } = bench({ adapters: [tool()] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    const first = await recorder.update(id, 'one', { progress: 10 })
    await Promise.all([recorder.update(id, 'two'), recorder.decide(id, 'Lock'), recorder.update(id, 'three')])
    expect(commits.slice(1).flatMap(({ lanes }) => texts(lanes[0]?.deliveries ?? []))).toEqual([
      ['i2/tool/0', 'Fix it | active 10 | one'],
      ['i3/tool/0', 'Fix it | active 10 | one, two'],
      ['i4/tool/0', 'Lock'],
      ['i4/tool/1', 'Fix it | active 10 | one, two'],
      ['i5/tool/0', 'Fix it | active 10 | one, two, three'],
    ])
    expect(commits.map(({ session, lanes }) => [session?.expected, lanes[0]?.through])).toEqual([
      [0, { from: 0, to: 1 }],
      [1, { from: 1, to: 2 }],
      [2, { from: 2, to: 3 }],
      [3, { from: 3, to: 4 }],
      [4, { from: 4, to: 5 }],
    ])
    // A receipt shows the session as it was, however late it is looked at.
    expect(first.recorded && first.session.updates.map(({ description }) => description)).toEqual(['one'])
  })

  test('reads nothing again while nobody else writes', async () => {
    const reads: string[] = []
    const watch = (store: Store): Store => {
      const told =
        <G extends readonly unknown[], R>(name: string, verb: (...given: G) => R) =>
        (...given: G): R => {
          reads.push(name)
          return verb(...given)
        }
      const { load, events, sessions, list } = store
      return {
        ...store,
        load: told('load', load),
        events: told('events', events),
        sessions: told('sessions', sessions),
        list: told('list', list),
      }
    }
    const { recorder } = bench({ adapters: [tool()], change: watch })
    const { id } = await recorder.start({ progress: 0, previousId: 'p' })
    for (let n = 0; n < 20; n++) await recorder.update(id, `update ${n}`)
    expect(reads).toEqual([])
  })

  test('says what is wrong before anything is stored', async () => {
    const { recorder, commits } = bench({ user: undefined as never })
    expect(await refusal(recorder.start())).toEqual([
      'INVALID_INPUT',
      'start.user',
      'start.user: missing; expected a string that names the user. Pass it here, or as `user` to createTracker.',
    ])
    expect(await refusal(recorder.start({ user: 'u', progress: 101 }))).toEqual([
      'INVALID_INPUT',
      'start.progress',
      'start.progress: out of range; expected a number from 0 to 100, got the number 101.',
    ])
    expect(await refusal(recorder.update('nobody', 'x'))).toEqual([
      'NO_SUCH_SESSION',
      'sessionId',
      'There is no session "nobody" in memory: start one, or open the store it was recorded in.',
    ])
    const bare = [
      [recorder.update('nobody', 'x', 35 as never), 'update', '{ progress: 35 }, got the number 35'],
      [
        recorder.decide('nobody', 'x', 'because' as never),
        'decide',
        '{ rationale: "why" }, got the string "because"',
      ],
      [
        recorder.block('nobody', 'x', 'high' as never),
        'block',
        '{ severity: "high" }, got the string "high"',
      ],
    ] as const
    for (const [call, name, like] of bare)
      expect(await refusal(call)).toEqual([
        'INVALID_INPUT',
        name,
        `${name}: invalid options; expected an object such as ${like}.`,
      ])
    expect(commits).toEqual([])
  })

  test('tells once of a progress that looks like a share of one, and keeps it as it is', async () => {
    const told: string[] = []
    const { recorder } = bench({ logger: { warn: text => told.push(text), error: text => told.push(text) } })
    const { id } = await recorder.start({ progress: 0 })
    await recorder.update(id, 'one', { progress: 1 })
    await recorder.update(id, 'half', { progress: 0.5 })
    await recorder.update(id, 'more', { progress: 0.7 })
    expect(told).toEqual(['update.progress: 0.5 means 0.5 %; for 50 % give 50'])
    expect((await recorder.load(id)).updates.map(({ progress }) => progress)).toEqual([1, 1, 1])
  })

  test('goes on after one that was refused, in the order of calls', async () => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    const results = await Promise.allSettled([
      recorder.update(id, 'a'),
      recorder.update(id, ''),
      recorder.resolve(id, 'none'),
      recorder.update(id, 'b'),
      recorder.close(id),
      recorder.update(id, 'c'),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect((await recorder.load(id)).updates.map(({ description }) => description)).toEqual(['a', 'b'])
  })
})

describe('a new session', () => {
  test('begins at 0 and names its predecessor, and goes on where its project stood only by `continue`', async () => {
    const { recorder, clock } = bench()
    const first = await recorder.start({ progress: 10 })
    await recorder.update(first.id, 'x', { progress: 60 })
    clock.advance(1_000)
    const second = await recorder.start()
    const other = await recorder.start({ project: 'shipping' })
    clock.advance(1_000)
    const third = await recorder.start({ progress: 5, previousId: first.id })
    await recorder.update(first.id, 'x', { progress: 70 })
    clock.advance(1_000)
    const fourth = await recorder.start({ continue: true })
    const shown = [second, other, third, fourth].map(({ receipt }) =>
      receipt.recorded ? [receipt.session.startProgress, receipt.session.previousId] : [],
    )
    expect(shown).toEqual([
      [0, first.id],
      [0, undefined],
      [5, first.id],
      [5, third.id],
    ])
  })
})

describe('two recorders on one session', () => {
  const pair = () => {
    const clock = fakeClock()
    const memory = createSharedMemory({ now: clock.now })
    const open = (letter: string, adapters: readonly ReturnType<typeof tool>[]) =>
      bench({ clock, store: memory.open(), newId: counting(letter), adapters })
    return { clock, open }
  }

  test('never lose an event, and see each other', async () => {
    const { open } = pair()
    const [a, b] = [open('a', []), open('b', [])]
    const { id } = await a.recorder.start()
    await b.recorder.update(id, 'b0')
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => [
        a.recorder.update(id, `a${n}`),
        b.recorder.update(id, `b${n}`),
      ]).flat(),
    )
    const { updates, revision } = await a.recorder.load(id)
    expect(revision).toBe(22)
    const said = updates.map(({ description }) => description)
    expect(said.filter(each => each.startsWith('a'))).toEqual(Array.from({ length: 10 }, (_, n) => `a${n}`))
    expect(await b.recorder.load(id)).toEqual(await a.recorder.load(id))
  })

  test('believe an objection only of a session just read', async () => {
    const { open } = pair()
    const [a, b] = [open('a', []), open('b', [])]
    const { id } = await a.recorder.start()
    const block = await b.recorder.block(id, 'No key')
    const blockerId = block.recorded ? block.event.payload.blockerId : ''
    expect((await a.recorder.resolve(id, blockerId)).recorded).toBe(true)
    expect(await refusal(b.recorder.resolve(id, blockerId))).toEqual([
      'INVALID_INPUT',
      'resolve.blockerId',
      `resolve.blockerId: the blocker "${blockerId}" was resolved at ${START}.`,
    ])
  })

  test('plan what the other could not, each event with the session as it was', async () => {
    const { open } = pair()
    const [a, b] = [open('a', [tool()]), open('b', [])]
    const { id } = await a.recorder.start({ goal: 'Fix it' })
    await b.recorder.update(id, 'one')
    await b.recorder.update(id, 'two')
    const receipt = await a.recorder.update(id, 'three')
    const { session, lanes } = a.commits.at(-1) ?? {}
    expect(session?.expected).toBe(3)
    expect(lanes?.map(({ through, deliveries }) => [through, texts(deliveries)])).toEqual([
      [
        { from: 1, to: 4 },
        [
          ['b1/tool/0', 'Fix it | active 0 | one'],
          ['b2/tool/0', 'Fix it | active 0 | one, two'],
          ['a2/tool/0', 'Fix it | active 0 | one, two, three'],
        ],
      ],
    ])
    expect(receipt.recorded && receipt.descriptors.map(({ key }) => key)).toEqual(['a2/tool/0'])
  })

  test('mirror what the other opened a lane for, at the latest when the session is closed', async () => {
    const { open, clock } = pair()
    const [a, b] = [open('a', []), open('b', [tool()])]
    const { id } = await a.recorder.start({ goal: 'Fix it' })
    const other = open('c', [tool()])
    await other.recorder.update(id, 'one')
    await b.recorder.backfill('tool', { sessionId: id })
    await other.recorder.update(id, 'two')
    expect(other.commits.at(-1)?.lanes).toEqual([])
    clock.advance(30_000)
    await other.recorder.update(id, 'three')
    expect(other.commits.at(-1)?.lanes[0]?.through).toEqual({ from: 2, to: 4 })
    await other.recorder.close(id)
    expect(other.commits.at(-1)?.lanes[0]?.through).toEqual({ from: 4, to: 5 })
  })
})

describe('a store that fails', () => {
  const failing =
    (times: number, error: Error) =>
    (store: Store): Store => {
      let left = times
      return { ...store, commit: async given => (left-- > 0 ? Promise.reject(error) : store.commit(given)) }
    }

  test('is said to the caller, and leaves memory as the store is', async () => {
    let broken = false
    const { recorder } = bench({
      adapters: [tool()],
      change: store => ({
        ...store,
        commit: async given => {
          if (broken) throw new TrackerError('STORE', 'The disk is full.')
          return store.commit(given)
        },
      }),
    })
    const { id } = await recorder.start()
    await recorder.update(id, 'one')
    broken = true
    expect(await refusal(recorder.update(id, 'lost', { progress: 90 }))).toEqual([
      'STORE',
      undefined,
      'The disk is full.',
    ])
    broken = false
    const receipt = await recorder.update(id, 'two')
    expect(receipt.recorded && receipt.session.updates.map(({ description }) => description)).toEqual([
      'one',
      'two',
    ])
    expect(receipt.recorded && [receipt.session.progress, receipt.session.revision]).toEqual([0, 3])
  })

  test('that may have written before it failed is compared first', async () => {
    let lose = false
    const { recorder } = bench({
      change: store => ({
        ...store,
        commit: async given => {
          const placed = await store.commit(given)
          if (lose) throw new Error('The answer was lost.')
          return placed
        },
      }),
    })
    const { id } = await recorder.start()
    lose = true
    expect(await refusal(recorder.update(id, 'written'))).toEqual([
      'STORE',
      undefined,
      'The store failed; the event may or may not have been saved: The answer was lost.',
    ])
    lose = false
    const receipt = await recorder.update(id, 'next')
    expect(receipt.recorded && receipt.session.updates.map(({ description }) => description)).toEqual([
      'written',
      'next',
    ])
  })

  test('only reports, where the host asked for it', async () => {
    const { recorder } = bench({
      onError: 'report',
      change: failing(1, new TrackerError('STORE', 'The disk is full.')),
    })
    const errors: unknown[] = []
    recorder.on('error', ({ error, where }) => errors.push([where, error.message]))
    const { receipt } = await recorder.start()
    expect(receipt).toEqual({ recorded: false, error: new TrackerError('STORE', 'The disk is full.') })
    expect(await recorder.update('nobody', '')).toMatchObject({
      recorded: false,
      error: { code: 'INVALID_INPUT' },
    })
    expect(await recorder.act('none', 'x', {})).toMatchObject({
      recorded: false,
      error: { code: 'INVALID_INPUT' },
    })
    expect(await recorder.export('nobody')).toBe('')
    expect(errors).toEqual([
      ['start', 'The disk is full.'],
      ['update', 'update.description: empty; expected a string that says what was done.'],
      ['act', 'act.adapter: unknown adapter "none"; there is none here.'],
      ['export', 'There is no session "nobody" in memory: start one, or open the store it was recorded in.'],
    ])
  })

  test('that always answers with a conflict is given up', async () => {
    let calls = 0
    const { recorder } = bench({
      change: store => ({
        ...store,
        commit: async given => {
          if (given.session?.expected === 0) return store.commit(given)
          calls++
          throw new TrackerError('VERSION_CONFLICT', 'Another writer was faster.')
        },
      }),
    })
    const { id } = await recorder.start()
    expect(await refusal(recorder.update(id, 'x'))).toEqual([
      'VERSION_CONFLICT',
      undefined,
      'Another writer was faster.',
    ])
    expect(calls).toBe(50)
  })

  test('that lost events of a session says so', async () => {
    const { recorder, store } = bench()
    const { id } = await recorder.start()
    await recorder.update(id, 'one')
    const { recorder: other } = bench({
      store: { ...store, events: async (of, after) => (await store.events(of, after)).slice(0, 1) },
    })
    expect(await refusal(other.update(id, 'x'))).toEqual([
      'STORE_CORRUPT',
      'sessionId',
      'The session "i1" counts 2 events, and memory has 1.',
    ])
  })
})

describe('a hook that throws', () => {
  const boom = () => {
    throw new Error('boom')
  }

  test('leaves a dead delivery with the reason, and the call succeeds', async () => {
    const { recorder, commits } = bench({ adapters: [tool({ hooks: { ...cards, update: boom } })] })
    const dead: unknown[] = []
    recorder.on('dead', each => dead.push(each))
    const { id } = await recorder.start()
    const receipt = await recorder.update(id, 'x')
    expect(receipt.recorded && receipt.descriptors).toEqual([])
    expect(commits[1]?.lanes[0]?.deliveries).toEqual([
      {
        key: 'i2/tool/0',
        action: 'update',
        via: 'execute',
        sequence: 2,
        reason: 'The update hook failed: boom',
        holds: false,
      },
    ])
    expect(dead).toEqual([
      {
        adapter: 'tool',
        lane: 'i1',
        key: 'i2/tool/0',
        action: 'update',
        attempts: 0,
        reason: 'The update hook failed: boom',
        inDoubt: false,
      },
    ])
  })

  test('holds the lane where others need what it should have made', async () => {
    const { recorder, commits } = bench({ adapters: [tool({ hooks: { ...cards, start: boom } })] })
    await recorder.start()
    expect(commits[0]?.lanes[0]?.deliveries.map(({ holds, reason }) => [holds, reason])).toEqual([
      [true, 'The start hook failed: boom'],
    ])
  })

  test.for([
    ['a `when` that throws', { when: boom }, 'The start hook failed: boom'],
    [
      'a hook that gives a promise',
      { hooks: { start: async () => [] } },
      'The start hook failed: tool.hooks.start: invalid result; expected a value, got a promise. The function must not be async.',
    ],
  ] as const)('is treated like %s', async ([, more, reason]) => {
    const { recorder, commits } = bench({ adapters: [tool(more as never)] })
    await recorder.start()
    expect(commits[0]?.lanes[0]?.deliveries[0]?.reason).toBe(reason)
  })

  test('is treated like one that plans what cannot be stored', async () => {
    const wrong = {
      ...cards,
      start: () => [(at: { key: string }) => ({ key: at.key, action: 'x', kind: 'http' }) as never],
    }
    const { recorder, commits } = bench({ adapters: [tool({ hooks: wrong })] })
    await recorder.start()
    expect(commits[0]?.lanes[0]?.deliveries).toMatchObject([
      { key: 'i1/tool/0', action: 'start', holds: true },
    ])
    expect(commits[0]?.lanes[0]?.deliveries[0]?.reason).toMatch(/^The start hook failed: x \(i1\/tool\/0\): /)
  })

  test('that is left out by `when` plans nothing, and its lane moves on', async () => {
    const adapter = tool({ when: event => event.type !== 'update' })
    const { recorder, commits } = bench({ adapters: [adapter] })
    const { id } = await recorder.start()
    await recorder.update(id, 'x')
    expect(commits[1]?.lanes).toEqual([
      { adapter: 'tool', lane: 'i1', through: { from: 1, to: 2 }, deliveries: [] },
    ])
  })
})

describe('observers', () => {
  test('hear after the commit what was stored and planned, and when to wake', async () => {
    let woken = 0
    const { recorder, commits } = bench({
      adapters: [tool(), tool({ name: 'look', mode: 'preview' })],
      wake: () => woken++,
    })
    const heard: unknown[] = []
    recorder.on('event', ({ event, session }) => heard.push([event.type, session.revision, commits.length]))
    recorder.on('planned', ({ key, state, via, replaced }) => heard.push([key, state, via, replaced]))
    const { id } = await recorder.start()
    await recorder.update(id, 'a')
    await recorder.update(id, 'b')
    expect(heard).toEqual([
      ['start', 1, 1],
      ['i1/tool/0', 'waiting', 'execute', []],
      ['i1/look/0', 'planned', 'preview', []],
      ['update', 2, 2],
      ['i2/tool/0', 'waiting', 'execute', []],
      ['i2/look/0', 'planned', 'preview', []],
      ['update', 3, 3],
      ['i3/tool/0', 'waiting', 'execute', ['i2/tool/0']],
      ['i3/look/0', 'planned', 'preview', ['i2/look/0']],
    ])
    expect(woken).toBe(3)
  })

  test('that throw do not hurt the call', async () => {
    const { recorder } = bench()
    const errors: string[] = []
    recorder.on('event', () => {
      throw new Error('listener broke')
    })
    recorder.on('error', ({ error, where }) => errors.push(`${where}: ${error.message}`))
    expect((await recorder.start()).receipt.recorded).toBe(true)
    expect(errors).toEqual(['listener of "event": listener broke'])
  })
})

describe('a session that ended by itself', () => {
  test('is taken up again, and the adapter hears of it', async () => {
    const seen: string[] = []
    const hear = (_: unknown, __: unknown, event: SessionEvent) => {
      seen.push(event.type)
      return []
    }
    const { recorder, commits } = bench({
      adapters: [tool({ hooks: { start: hear, close: hear, resume: hear, update: hear } as never })],
    })
    const { id } = await recorder.start()
    await recorder.abandon(id)
    expect(await recorder.abandon(id)).toBeUndefined()
    const receipt = await recorder.update(id, 'Back')
    expect(receipt.recorded && [receipt.event.type, receipt.session.status]).toEqual(['update', 'active'])
    expect(commits.at(-1)?.events.map(({ id: of, type, sequence }) => [of, type, sequence])).toEqual([
      ['i5', 'resume', 3],
      ['i4', 'update', 4],
    ])
    expect(seen).toEqual(['start', 'close', 'resume', 'update'])
  })
})

describe('an export', () => {
  test('reads, and is an event only where it is published', async () => {
    const { recorder, commits } = bench()
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.close(id)
    const before = commits.length
    const text = await recorder.export(id, 'context', { budget: 60 })
    expect(commits).toHaveLength(before)
    expect(await recorder.export(id, 'context', { budget: 60, publish: true })).toBe(text)
    expect(text).toBe('[i1] goal: Fix it\n[i1] standing: completed, 0 %, fixer, las…')
    expect(commits.at(-1)?.events[0]?.payload).toEqual({ format: 'context', content: text })
    expect(await recorder.export(id)).toMatch(/^# Fix it\n/)
    const whole = JSON.parse(await recorder.export(id, 'json')) as { session: { revision: number } }
    expect(whole.session.revision).toBe(3)
  })

  test('keeps a large text whole for its caller, and cut in its event', async () => {
    const { recorder, commits } = bench()
    const { id } = await recorder.start({ goal: '"'.repeat(60_000) })
    for (let n = 0; n < 5; n++) await recorder.update(id, '"'.repeat(60_000))
    const text = await recorder.export(id, 'json', { publish: true })
    expect(JSON.parse(text)).toMatchObject({ session: { revision: 6 } })
    expect(JSON.stringify(commits.at(-1)?.events[0]?.payload).length).toBeLessThan(262_144)
  })

  test.for([
    [-1, 'out of range'],
    [1.5, 'invalid value'],
    [Number.NaN, 'out of range'],
  ] as const)('refuses a budget of %d', async ([budget, problem]) => {
    const { recorder } = bench()
    const { id } = await recorder.start()
    expect(await refusal(recorder.export(id, 'context', { budget }))).toEqual([
      'INVALID_INPUT',
      'export.budget',
      `export.budget: ${problem}; expected a whole number from 0, got the number ${budget}.`,
    ])
  })
})

test('a preview shows what nobody sent yet, in its order', async () => {
  const { recorder } = bench({ adapters: [tool({ mode: 'preview' }), tool({ name: 'other' })] })
  const { id } = await recorder.start({ goal: 'Fix it' })
  await recorder.update(id, 'one')
  await recorder.decide(id, 'Lock')
  const keys = async (filter?: { adapter: string }) =>
    (await recorder.preview(id, filter)).map(({ key }) => key)
  expect(await keys({ adapter: 'tool' })).toEqual(['i1/tool/0', 'i3/tool/1', 'i3/tool/0'])
  expect(await keys()).toEqual([
    'i1/other/0',
    'i3/other/1',
    'i3/other/0',
    'i1/tool/0',
    'i3/tool/1',
    'i3/tool/0',
  ])
})

test('a session that was used long ago is read again', async () => {
  const { recorder } = bench({ cacheSessions: 2 })
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push((await recorder.start({ goal: `goal ${n}` })).id)
  for (const [n, id] of ids.entries()) {
    const receipt = await recorder.update(id, `update ${n}`)
    expect(receipt.recorded && [receipt.session.title, receipt.session.revision]).toEqual([`goal ${n}`, 2])
  }
})
