import assert from 'node:assert/strict'
import type { SessionEvent } from '../session/events.ts'
import type { MessageRole } from '../session/schema.ts'
import type { SessionSummary } from '../session/session.ts'
import type { Commit, Store } from '../store/contract.ts'
import {
  type Cases,
  call,
  card,
  create,
  event,
  expectRefusal,
  LANE,
  record,
  summary,
  TOOL,
} from './store-suite-ground.ts'

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()

const message = (
  sessionId: string,
  sequence: number,
  content: string,
  more: Readonly<{ role?: MessageRole; at?: string; time?: string }> = {},
): SessionEvent => ({
  ...event(sessionId, sequence),
  ...{ time: more.time ?? minute(0), at: more.at ?? minute(sequence) },
  type: 'message',
  payload: { role: more.role ?? 'user', content },
})

const writing = (
  one: SessionEvent,
  over: Partial<SessionSummary> = {},
  key?: NonNullable<NonNullable<Commit['session']>['key']>,
): Commit => ({
  session: {
    summary: summary(one.sessionId, one.sequence, over),
    expected: one.sequence - 1,
    ...(key === undefined ? {} : { key }),
  },
  events: [one],
  lanes: [],
})

const contents = async (store: Store, filter: Parameters<Store['messages']>[0]) =>
  (await store.messages(filter)).messages.map(({ content }) => content)

/** Cases of keys, messages, filters and erasing. */
export const messageCases: Cases = {
  'has one id of its own, for every process': async ({ store, other }) => {
    const id = await store.identity()
    assert.match(id, /^[0-9a-f-]{32,36}$/)
    assert.equal(await (await other()).identity(), id)
  },
  'finds the event of a key, with the digest of its input': async ({ store, other }) => {
    const one = event(LANE, 1)
    await store.commit(writing(one, {}, { eventId: one.id, digest: 'd1' }))
    await store.commit(record(LANE, 2))
    assert.deepEqual(await (await other()).findKey(LANE, one.id), { event: one, digest: 'd1' })
    assert.equal(await store.findKey(LANE, event(LANE, 2).id), undefined)
    assert.equal(await store.findKey('another', one.id), undefined)
  },
  'keeps no key of a commit that was refused': async ({ store }) => {
    const one = event(LANE, 1)
    await store.commit(record(LANE, 1))
    await expectRefusal('VERSION_CONFLICT', () =>
      store.commit(writing(one, {}, { eventId: one.id, digest: 'd1' })),
    )
    assert.equal(await store.findKey(LANE, one.id), undefined)
  },
  'refuses an exclusive session while another of its kind is active': async ({ store }) => {
    const exclusive = (id: string, over: Partial<SessionSummary>): Commit => ({
      session: { summary: summary(id, 1, over), expected: 0, exclusive: true },
      events: [event(id, 1)],
      lanes: [],
    })
    await store.commit(exclusive('a', { workspace: '/w', agent: 'x' }))
    const message = await expectRefusal('SESSION_ACTIVE', () =>
      store.commit(exclusive('b', { workspace: '/w', agent: 'x' })),
    )
    assert.match(message, /"a"/)
    await store.commit(exclusive('c', { workspace: '/w' }))
    await store.commit(exclusive('d', { workspace: '/v', agent: 'x' }))
    await store.commit(exclusive('e', { project: 'other', workspace: '/w', agent: 'x' }))
    await store.commit(record('a', 2, { workspace: '/w', agent: 'x', status: 'left' }))
    await store.commit(exclusive('f', { workspace: '/w', agent: 'x' }))
  },
  'finds sessions by workspace, machine, agent, start and whether they are mirrored': async ({ store }) => {
    await store.commit(record('a', 1, { workspace: '/w', machine: 'm', startedAt: minute(1) }))
    await store.commit(record('b', 1, { workspace: '/v', agent: 'x', startedAt: minute(2) }))
    await store.commit(record('c', 1, { machine: 'm', mirror: false, startedAt: minute(3) }))
    const ids = async (filter: Parameters<Store['sessions']>[0]) =>
      (await store.sessions(filter)).map(({ id }) => id)
    assert.deepEqual(await ids({}), ['c', 'b', 'a'])
    assert.deepEqual(await ids({ workspace: '/w' }), ['a'])
    assert.deepEqual(await ids({ machine: 'm' }), ['c', 'a'])
    assert.deepEqual(await ids({ agent: 'x' }), ['b'])
    assert.deepEqual(await ids({ since: Date.parse(minute(2)) }), ['c', 'b'])
    assert.deepEqual(await ids({ mirror: false }), ['c'])
    assert.deepEqual(await ids({ mirror: true, machine: 'm' }), ['a'])
  },
  'gives messages newest first, by session, project, role and time, in pages': async ({ store }) => {
    await store.commit(record(LANE, 1))
    await store.commit(writing(message(LANE, 2, 'one')))
    await store.commit(writing(message(LANE, 3, 'two', { role: 'assistant' })))
    await store.commit(record('other', 1, { project: 'other' }))
    await store.commit(writing(message('other', 2, 'late', { at: minute(9) }), { project: 'other' }))
    assert.deepEqual(await contents(store, {}), ['late', 'two', 'one'])
    assert.deepEqual(await contents(store, { sessionId: LANE }), ['two', 'one'])
    assert.deepEqual(await contents(store, { project: 'other' }), ['late'])
    assert.deepEqual(await contents(store, { role: 'user' }), ['late', 'one'])
    assert.deepEqual(await contents(store, { since: Date.parse(minute(3)) }), ['late', 'two'])
    const first = await store.messages({ limit: 2 })
    assert.deepEqual(
      first.messages.map(({ content }) => content),
      ['late', 'two'],
    )
    const { cursor } = first
    if (cursor === undefined) throw new Error('a first page that is not the last has no cursor')
    assert.deepEqual(await store.messages({ limit: 2, cursor }), {
      messages: [
        {
          ...{ eventId: `${LANE}-e2`, sessionId: LANE, time: minute(0), at: minute(2) },
          ...{ role: 'user', content: 'one' },
        },
      ],
    })
  },
  'gives messages of one moment in the order of their session, in pages': async ({ store }) => {
    await store.commit(record(LANE, 1))
    // Ids made of keys fall as they like.
    for (const [n, id] of ['d', 'a', 'c', 'b'].entries())
      await store.commit(
        writing({ ...message(LANE, n + 2, `m${n + 2}`, { at: minute(5) }), id: `${LANE}-${id}` }),
      )
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.messages({ limit: 1, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.messages.map(({ content }) => content))
      ;({ cursor } = page)
    } while (cursor !== undefined)
    assert.deepEqual(seen, ['m5', 'm4', 'm3', 'm2'])
  },
  'keeps the content of messages apart, and removes it by their own age': async ({ store }) => {
    await store.commit(record(LANE, 1))
    await store.commit(writing(message(LANE, 2, 'old')))
    const fresh = message(LANE, 3, 'fresh', { time: minute(30) })
    await store.commit(writing(fresh))
    assert.deepEqual((await store.events(LANE)).slice(1), [message(LANE, 2, 'old'), fresh])
    assert.deepEqual(await store.prune(0, 0, Date.parse(minute(30))), {
      sessions: 0,
      deliveries: 0,
      messages: 1,
    })
    assert.deepEqual((await store.events(LANE)).slice(1), [{ ...message(LANE, 2, ''), erased: true }, fresh])
    assert.deepEqual(await contents(store, {}), ['fresh'])
  },
  'erases events, messages and what was sent of them, and nothing else': async ({
    store,
    plan,
    deliver,
    find,
  }) => {
    await store.commit(record(LANE, 1, { goal: 'secret' }))
    await store.commit(writing(message(LANE, 2, 'secret')))
    const kept = message(LANE, 3, 'kept')
    await store.commit(writing(kept))
    await plan([create('k1')])
    await deliver({ thread: 'T' })
    const later = { via: 'execute', sequence: 2, action: 'call', holds: false } as const
    await plan([
      { key: 'k2', ...later, descriptor: call('k2') },
      { key: 'k3', ...later, descriptor: card('k3') },
    ])
    await deliver()
    // A reason may quote the text that was refused.
    await plan([{ key: 'k4', ...later, reason: 'refused: secret' }])
    await store.move(['k4'], { kind: 'drop' })
    const erased = { ...message(LANE, 2, ''), erased: true } as const
    const without = summary(LANE, 3)
    await store.erase(LANE, { summary: without, events: [erased], keys: ['k2', 'k3', 'k4', 'unknown'] })
    assert.equal((await find('k4')).reason, undefined)
    assert.deepEqual((await store.load(LANE))?.summary, without)
    assert.deepEqual((await store.events(LANE)).slice(1), [erased, kept])
    assert.deepEqual(await contents(store, {}), ['kept'])
    assert.deepEqual((await find('k1')).descriptor, create('k1'))
    assert.equal((await find('k2')).descriptor, undefined)
    assert.equal((await find('k2')).state, 'delivered')
    assert.deepEqual((await find('k3')).descriptor, card('k3'))
    assert.deepEqual(await store.listCaptures(LANE), [
      { adapter: TOOL, lane: LANE, name: 'thread', value: 'T', key: 'k1' },
    ])
    await expectRefusal('NO_SUCH_SESSION', () =>
      store.erase('gone', { summary: without, events: [], keys: [] }),
    )
  },
}
