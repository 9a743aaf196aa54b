import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { targetOf } from '../../src/delivery/place.ts'
import { isTrackerError, TrackerError } from '../../src/session/errors.ts'
import { sqliteStore } from '../../src/sqlite.ts'
import type { Store } from '../../src/store/contract.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { bench, cards, counting, deliver, refusal, texts, tool } from './tool.ts'

/** A session with a bit of everything, recorded before the adapter was there. */
const past = async (close = true) => {
  const { recorder, store, clock } = bench({ newId: counting('p') })
  const { id } = await recorder.start({ goal: 'Fix it', refs: { tool: { card: 'C1' } } })
  await recorder.update(id, 'one', { progress: 10 })
  await recorder.decide(id, 'Lock')
  await recorder.update(id, 'two', { progress: 20 })
  if (close) await recorder.close(id, { summary: 'Done' })
  return { id, store, clock }
}

const lane = async (store: Store, id: string) =>
  (await store.list({ lane: id })).map(({ key, state, descriptor }) => [
    key,
    state,
    descriptor?.kind === 'http' ? (descriptor.payload as { text: string }).text : undefined,
  ])

describe('back-fill', () => {
  test('makes the card as it is now, its last edit and one summary', async () => {
    const { id, store } = await past()
    const { recorder, commits } = bench({ store, adapters: [tool()] })
    expect(await recorder.backfill('tool')).toEqual({ sessions: [id], deliveries: 3 })
    const [only] = commits[0]?.lanes ?? []
    expect([only?.open, only?.through]).toEqual([
      { refs: { card: 'C1' }, target: targetOf(tool()) },
      { from: 0, to: 5 },
    ])
    expect(texts(only?.deliveries ?? [])).toEqual([
      ['p1/tool/0', 'Fix it | completed 20 | one, two'],
      ['p5/tool/0', 'Fix it | completed 20 | one, two'],
      ['p5/tool/1', 'Done'],
    ])
  })

  test('makes every entry where it is asked for', async () => {
    const { store } = await past()
    const { recorder, commits } = bench({ store, adapters: [tool()] })
    await recorder.backfill('tool', { log: 'each' })
    expect(texts(commits[0]?.lanes[0]?.deliveries ?? [])).toEqual([
      ['p1/tool/0', 'Fix it | active 0 | '],
      ['p2/tool/0', 'Fix it | active 10 | one'],
      ['p3/tool/0', 'Lock'],
      ['p3/tool/1', 'Fix it | active 10 | one'],
      ['p4/tool/0', 'Fix it | active 20 | one, two'],
      ['p5/tool/0', 'Fix it | completed 20 | one, two'],
      ['p5/tool/1', 'Done'],
    ])
  })

  test('gives an adapter that keeps no card every event', async () => {
    const { store } = await past()
    const graph = {
      start: cards.start,
      decision: (decision: { content: string }) => [tool().actions.comment({ text: decision.content })],
    }
    const { recorder, commits } = bench({ store, adapters: [tool({ hooks: graph as never })] })
    await recorder.backfill('tool')
    expect(texts(commits[0]?.lanes[0]?.deliveries ?? [])).toEqual([
      ['p1/tool/0', 'Fix it | active 0 | '],
      ['p3/tool/0', 'Lock'],
    ])
  })

  test('of a session under way goes on with what is recorded next', async () => {
    const { id, store } = await past(false)
    const { recorder, commits } = bench({ store, adapters: [tool()], newId: counting('n') })
    expect(await recorder.backfill('tool', { sessionId: id })).toEqual({ sessions: [id], deliveries: 2 })
    await recorder.update(id, 'three')
    expect(commits[1]?.lanes).toMatchObject([
      { through: { from: 4, to: 5 }, deliveries: [{ key: 'n1/tool/0' }] },
    ])
  })

  test('does nothing twice, and only what is missing', async () => {
    const { id, store } = await past()
    const { recorder } = bench({ store, adapters: [tool()], newId: counting('n') })
    const mirrored = await recorder.start({ goal: 'New' })
    await recorder.start({ goal: 'Elsewhere', project: 'shipping' })
    expect(await recorder.backfill('tool')).toEqual({ sessions: [id], deliveries: 3 })
    expect(await recorder.backfill('tool')).toEqual({ sessions: [], deliveries: 0 })
    expect(await recorder.backfill('tool', { sessionId: mirrored.id })).toEqual({
      sessions: [],
      deliveries: 0,
    })
  })

  test('that two processes begin at once is done once', async () => {
    const { store } = await past()
    const [a, b] = [bench({ store, adapters: [tool()] }), bench({ store, adapters: [tool()] })]
    const done = await Promise.all([a.recorder.backfill('tool'), b.recorder.backfill('tool')])
    expect(done.map(({ deliveries }) => deliveries).sort()).toEqual([0, 3])
  })

  test.for([
    [['none'], 'backfill.adapter: unknown adapter "none"; expected one of tool.'],
    [['tool', { log: 'all' }], 'backfill.log: unknown value "all"; expected one of summary, each.'],
    [
      ['tool', { sessionId: 'gone' }],
      'There is no session "gone" in memory: start one, or open the store it was recorded in.',
    ],
  ] as const)('refuses %j', async ([given, message]) => {
    const { recorder } = bench({ adapters: [tool()] })
    const backfill = recorder.backfill as (...all: readonly unknown[]) => Promise<unknown>
    expect(await refusal(backfill(...given))).toMatchObject({ 2: message })
  })
})

describe('recreateCard', () => {
  const deleted = async () => {
    const made = bench({ adapters: [tool()] })
    const { recorder, store } = made
    const { id } = await recorder.start({ goal: 'Fix it', refs: { tool: { board: 'B1' } } })
    await recorder.update(id, 'one')
    await deliver(store, 'tool', action => (action === 'make' ? { captures: { card: 'C1' } } : {}))
    await recorder.update(id, 'two')
    await deliver(store, 'tool', () => ({ dead: '404 no such card', gone: true }))
    await recorder.decide(id, 'Lock')
    return { ...made, id }
  }

  test('puts a new card, as things stand, before all that waits', async () => {
    const { recorder, store, id } = await deleted()
    expect(await recorder.recreateCard(id, 'tool')).toEqual({ sessions: [id], deliveries: 1 })
    const sent: string[] = []
    await deliver(store, 'tool', (action, key) => {
      sent.push(key)
      return action === 'make' ? { captures: { card: 'C2' } } : {}
    })
    expect(sent).toEqual(['i1/tool/0/r2', 'i4/tool/0', 'i4/tool/1'])
    expect(await store.listCaptures(id)).toMatchObject([{ name: 'card', value: 'C2', key: 'i1/tool/0/r2' }])
    expect(await lane(store, id)).toContainEqual([
      'i1/tool/0/r2',
      'delivered',
      'Fix it | active 0 | one, two',
    ])
  })

  test('can be needed again, and then has keys of its own', async () => {
    const { recorder, store, id } = await deleted()
    await recorder.recreateCard(id, 'tool')
    await deliver(store, 'tool', action =>
      action === 'make' ? { captures: { card: 'C2' } } : { dead: '404 again', gone: true },
    )
    await recorder.recreateCard(id, 'tool')
    const sent = await deliver(store, 'tool', action =>
      action === 'make' ? { captures: { card: 'C3' } } : {},
    )
    expect(sent[0]).toBe('i1/tool/0/r3')
    expect(await store.listCaptures(id)).toMatchObject([{ value: 'C3' }])
    const { states } = (await store.counts())[0] ?? {}
    expect(states).not.toHaveProperty('waiting')
    expect(states).not.toHaveProperty('dead')
  })

  test('retries an entry that died with the card', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    await deliver(store, 'tool', () => ({ captures: { card: 'C1' } }))
    await recorder.decide(id, 'Lock')
    await deliver(store, 'tool', action => (action === 'comment' ? { dead: '404 no card', gone: true } : {}))
    await recorder.recreateCard(id, 'tool')
    const sent = await deliver(store, 'tool', action =>
      action === 'make' ? { captures: { card: 'C2' } } : {},
    )
    expect(sent).toEqual(['i1/tool/0/r2', 'i2/tool/0', 'i2/tool/1'])
  })

  test('shows the hooks that follow a session to which nothing was handed over', async () => {
    const made = tool()
    const seen: unknown[] = []
    const hooks = {
      ...made.hooks,
      update: (...given: Parameters<NonNullable<typeof made.hooks.update>>) => {
        seen.push(given[1].refs)
        return made.hooks.update?.(...given) ?? []
      },
    }
    const { recorder, store } = bench({ adapters: [{ ...made, hooks }] })
    const { id } = await recorder.start({ refs: { tool: { board: 'B1' }, other: { page: 'P1' } } })
    await deliver(store, 'tool', () => ({ captures: { card: 'C1' } }))
    await recorder.update(id, 'one')
    await deliver(store, 'tool', () => ({ dead: '404 no such card', gone: true }))
    await recorder.recreateCard(id, 'tool')
    await recorder.update(id, 'two')
    expect(seen.at(0)).toEqual({ tool: { board: 'B1' }, other: { page: 'P1' } })
    expect(seen.at(-1)).toEqual({ other: { page: 'P1' } })
    // And so they do in a process that only reads it.
    let n = 0
    const later = bench({ adapters: [{ ...made, hooks }], store, newId: () => `j${++n}` })
    await later.recorder.update(id, 'three')
    expect(seen.at(-1)).toEqual({ other: { page: 'P1' } })
  })

  test('is refused while the card is there', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    expect(await refusal(recorder.recreateCard(id, 'tool'))).toEqual([
      'INVALID_INPUT',
      'recreateCard',
      'recreateCard: the card of "i1" in tool is fine: it was not deleted, and nothing it needs is dead or dropped.',
    ])
    await deliver(store, 'tool', action => (action === 'make' ? { captures: { card: 'C1' } } : {}))
    await recorder.decide(id, 'Lock')
    await deliver(store, 'tool', () => ({ dead: '400 too long' }))
    expect(await refusal(recorder.recreateCard(id, 'tool'))).toMatchObject({ 0: 'INVALID_INPUT' })
  })

  test('is refused where the adapter has no card at all', async () => {
    const { id, store } = await past()
    const { recorder } = bench({ store, adapters: [tool()] })
    expect(await refusal(recorder.recreateCard(id, 'tool'))).toMatchObject({
      2: `recreateCard: "${id}" is not mirrored to tool: tracker.backfill makes its card.`,
    })
  })

  describe.for(['memory', 'sqlite'] as const)('of a card that never was, in %s', kind => {
    const folder = mkdtempSync(join(tmpdir(), 'sessionwire-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const stores: Store[] = []
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close()
    })
    let n = 0
    const stopped = async (answer: 'dead' | 'dropped' | 'retried') => {
      const store = kind === 'memory' ? memoryStore() : sqliteStore(join(folder, `${++n}.db`))
      stores.push(store)
      const mistaken = tool({ config: { base: 'https://wrong.test' } })
      const wrong = bench({ store, adapters: [mistaken] })
      const { id } = await wrong.recorder.start({ goal: 'Fix it', refs: { tool: { board: 'nope' } } })
      await wrong.recorder.update(id, 'one')
      await wrong.recorder.decide(id, 'Lock')
      await deliver(store, 'tool', () => ({ dead: 'no board nope' }), targetOf(mistaken))
      if (answer === 'dropped') {
        await store.move(['i1/tool/0'], { kind: 'drop' })
        const needy = { dead: 'needs card, which can no longer come' }
        await deliver(store, 'tool', () => needy, targetOf(mistaken))
      }
      // Nobody takes it up: the adapter points elsewhere now.
      if (answer === 'retried') await store.move(['i1/tool/0'], { kind: 'retry' })
      const right = bench({ store, adapters: [tool()], newId: counting('j') })
      return { ...right, store, id }
    }

    test.for(['dead', 'dropped', 'retried'] as const)(
      '%s, plans everything anew as it is set up now',
      async answer => {
        const { recorder, store, id } = await stopped(answer)
        expect(await recorder.recreateCard(id, 'tool')).toEqual({ sessions: [id], deliveries: 3 })
        const sent = await deliver(store, 'tool', action =>
          action === 'make' ? { captures: { card: 'C1' } } : {},
        )
        expect(sent).toEqual(['i1/tool/0/r2', 'i3/tool/0/r2', 'i3/tool/1/r2'])
        const there = await store.list({ lane: id, state: 'delivered' })
        expect(there.map(({ descriptor }) => descriptor?.kind === 'http' && descriptor.endpoint)).toEqual([
          'https://tool.test/cards',
          'https://tool.test/cards/{card}/comments',
          'https://tool.test/cards/{card}',
        ])
        expect(await store.list({ lane: id, state: ['dead', 'waiting'] })).toEqual([])
        expect((await store.load(id))?.lanes[0]?.refs ?? {}).toEqual({})
        expect(await refusal(recorder.recreateCard(id, 'tool'))).toMatchObject({ 0: 'INVALID_INPUT' })
        await recorder.decide(id, 'Ship')
        expect(await deliver(store, 'tool', () => ({}))).toEqual(['j1/tool/0', 'j1/tool/1'])
      },
    )

    test('is refused again while the new one is under way, and taken when that dies, too', async () => {
      const { recorder, store, id } = await stopped('dropped')
      await recorder.recreateCard(id, 'tool')
      expect(await refusal(recorder.recreateCard(id, 'tool'))).toMatchObject({ 0: 'INVALID_INPUT' })
      await deliver(store, 'tool', () => ({ dead: 'still no board' }))
      expect(await recorder.recreateCard(id, 'tool')).toMatchObject({ deliveries: 3 })
    })
  })

  test('makes a card where the adapter points now, with what waited for the old place', async () => {
    const old = tool({ config: { base: 'https://old.test' } })
    const { recorder, store } = bench({ adapters: [old] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.decide(id, 'Lock')
    await deliver(store, 'tool', act => (act === 'make' ? { captures: { card: 'C1' } } : {}), targetOf(old))
    await recorder.decide(id, 'Ship')
    const now = bench({ store, adapters: [tool()], newId: counting('j') })
    expect(await now.recorder.recreateCard(id, 'tool')).toEqual({ sessions: [id], deliveries: 3 })
    const sent = await deliver(store, 'tool', act => (act === 'make' ? { captures: { card: 'C2' } } : {}))
    expect(sent).toEqual(['i1/tool/0/r2', 'i3/tool/0/r2', 'i3/tool/1/r2'])
    expect(await store.list({ lane: id, state: ['dead', 'waiting'] })).toEqual([])
    expect(await refusal(now.recorder.recreateCard(id, 'tool'))).toMatchObject({ 0: 'INVALID_INPUT' })
  })

  test('is refused where the card may have been made', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    const { id } = await recorder.start()
    const [claim] = (
      await store.claim({
        adapters: [{ name: 'tool', target: targetOf(tool()), room: 1, concurrency: 1, rates: {} }],
        lease: { baseMs: 60_000, readMs: 0 },
        afterMs: 60_000,
        unreportedMax: 3,
      })
    ).claims
    const { key, token, attempts } = (claim as NonNullable<typeof claim>).delivery
    const at = store.now()
    const base = { key, token, attempts, dueAt: at, doubtSince: at, misses: 0, rejected: null }
    await store.settle([{ ...base, state: 'dead', reason: '504' }])
    expect(await refusal(recorder.recreateCard(id, 'tool'))).toMatchObject({
      2: 'recreateCard: i1/tool/0 may have made the card of "i1" in tool: look there, then acknowledge it, or drop it and recreateCard.',
    })
    await store.move([key], { kind: 'drop' })
    expect(await recorder.recreateCard(id, 'tool')).toMatchObject({ deliveries: 1 })
  })
})

describe('retry', () => {
  const broken = (hooks: 'start' | 'update') => {
    let broke = true
    const fixed = cards[hooks] as (...all: readonly unknown[]) => readonly never[]
    const adapter = tool({
      hooks: {
        ...cards,
        [hooks]: (...all: readonly unknown[]) => {
          if (broke) throw new Error('boom')
          return fixed(...all)
        },
      },
    })
    return {
      adapter,
      mend: () => {
        broke = false
      },
    }
  }

  test('plans a start that threw anew, in its place', async () => {
    const { adapter, mend } = broken('start')
    const { recorder, store } = bench({ adapters: [adapter] })
    const { id } = await recorder.start({ goal: 'Fix it' })
    await recorder.decide(id, 'Lock')
    expect(await deliver(store, 'tool', () => ({}))).toEqual([])
    expect(await recorder.retry(['i1/tool/0'])).toEqual([
      {
        key: 'i1/tool/0',
        asked: 'i1/tool/0',
        state: 'dead',
        refused: 'i1/tool/0 cannot be planned: The start hook failed: boom',
      },
    ])
    mend()
    expect(await recorder.retry(['i1/tool/0'])).toEqual([
      { key: 'i1/tool/0', asked: 'i1/tool/0', state: 'waiting' },
    ])
    const sent = await deliver(store, 'tool', action =>
      action === 'make' ? { captures: { card: 'C' } } : {},
    )
    expect(sent).toEqual(['i1/tool/0', 'i2/tool/0', 'i2/tool/1'])
    expect(await lane(store, id)).toContainEqual(['i1/tool/0', 'delivered', 'Fix it | active 0 | '])
  })

  test('plans nothing that a newer one of its name has overtaken', async () => {
    const { adapter, mend } = broken('update')
    const { recorder, store } = bench({ adapters: [adapter] })
    const { id } = await recorder.start()
    await recorder.update(id, 'old')
    mend()
    await recorder.update(id, 'new')
    expect(await recorder.retry(['i2/tool/0'])).toEqual([
      { key: 'i2/tool/0', asked: 'i2/tool/0', state: 'dropped' },
    ])
    expect((await lane(store, id)).map(([, state]) => state)).toEqual(['waiting', 'dropped', 'waiting'])
  })

  test('leaves stored ones to the store', async () => {
    const { recorder, store } = bench({ adapters: [tool()] })
    await recorder.start()
    await deliver(store, 'tool', () => ({ dead: '400 no' }))
    expect(await recorder.retry(['i1/tool/0', 'unknown'])).toEqual([
      { key: 'i1/tool/0', asked: 'i1/tool/0', state: 'waiting' },
      {
        key: 'unknown',
        asked: 'unknown',
        refused: expect.stringContaining('unknown'),
      },
    ])
  })

  test('says when the adapter is not here', async () => {
    const { adapter } = broken('start')
    const { recorder, store } = bench({ adapters: [adapter] })
    await recorder.start()
    const { recorder: other } = bench({ store })
    expect(await other.retry(['i1/tool/0'])).toMatchObject([
      { refused: 'i1/tool/0 cannot be planned here: this tracker has no adapter "tool"' },
    ])
  })
})

describe('sweep', () => {
  const MINUTE = 60_000

  test('ends what was left alone, and nothing else', async () => {
    const { recorder, store, clock } = bench({ newId: counting('p') })
    const crashed = (await recorder.start({ goal: 'crashed' })).id
    const idle = (await recorder.start({ goal: 'idle' })).id
    const busy = (await recorder.start({ goal: 'busy' })).id
    const closed = (await recorder.start({ goal: 'closed' })).id
    await recorder.close(closed)
    clock.advance(11 * MINUTE)
    await recorder.update(busy, 'still here')
    const writers = new Map([
      [crashed, 'vanished'],
      [idle, 'closed'],
      [busy, 'vanished'],
      [closed, 'vanished'],
    ] as const)
    const left: Store = {
      ...store,
      orphans: async () => [...writers].map(([id, writer]) => ({ id, writer })),
    }
    const other = bench({ store: left, clock, adapters: [tool()], newId: counting('s') })
    expect(await other.recorder.sweep()).toEqual([{ sessionId: crashed, end: 'crashed' }])
    clock.advance(24 * 60 * MINUTE)
    expect(await other.recorder.sweep()).toEqual([
      { sessionId: busy, end: 'crashed' },
      { sessionId: idle, end: 'abandoned' },
    ])
    expect(await other.recorder.sweep()).toEqual([])
    expect((await store.sessions({})).map(({ goal, status }) => [goal, status])).toEqual([
      ['closed', 'completed'],
      ['busy', 'crashed'],
      ['idle', 'abandoned'],
      ['crashed', 'crashed'],
    ])
  })

  test('tells of one that cannot be ended, and goes on', async () => {
    const { recorder, store, clock } = bench({ newId: counting('p') })
    const [first, second] = [(await recorder.start()).id, (await recorder.start()).id]
    clock.advance(11 * MINUTE)
    const broken: Store = {
      ...store,
      orphans: async () => [first, second].map(id => ({ id, writer: 'vanished' as const })),
      load: async id => {
        if (id === first) throw new TrackerError('STORE_CORRUPT', 'A page is damaged.')
        return store.load(id)
      },
    }
    const other = bench({ store: broken, clock, newId: counting('s') })
    const errors: unknown[] = []
    other.recorder.on('error', ({ error, where }) =>
      errors.push([where, isTrackerError(error) && error.code]),
    )
    expect(await other.recorder.sweep()).toEqual([{ sessionId: second, end: 'crashed' }])
    expect(errors).toEqual([[`sweep of ${first}`, 'STORE_CORRUPT']])
  })
})
