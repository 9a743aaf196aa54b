import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import { webhook } from '@sessionwire/webhook'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Subject } from '../src/operations/operation.ts'
import { type Connected, connect, ERAS, newest, openTracker } from './connect.ts'

let tracker: Tracker
let open: Connected[] = []

const start = async (given: Omit<Parameters<typeof connect>[0], 'tracker'> = {}): Promise<Connected> => {
  const connected = await connect({ tracker, ...given })
  open.push(connected)
  return connected
}

beforeEach(async () => {
  tracker = await openTracker()
})

afterEach(async () => {
  for (const each of open) await each.close()
  open = []
  await tracker.close()
})

describe('the list of tools', () => {
  it('has eight tools in at most 6,000 characters of JSON', async () => {
    const { client } = await start()
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['session_start', 'session_update', 'record_decision', 'record_blocker', 'resolve_blocker'],
      ...['session_close', 'session_status', 'recall'],
    ])
    expect(JSON.stringify(tools).length).toBeLessThanOrEqual(6_000)
    for (const { inputSchema } of tools)
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
  })

  it('marks what reads, and that nothing else removes', async () => {
    const { client } = await start()
    const { tools } = await client.listTools()
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name)).toEqual([
      'session_status',
      'recall',
    ])
    for (const { annotations } of tools)
      expect(annotations).toEqual(
        annotations?.readOnlyHint ? { readOnlyHint: true } : { destructiveHint: false },
      )
  })
})

describe.each(ERAS)('a session, spoken as %s', era => {
  it('is recorded from start to end, and every result names it', async () => {
    const { call } = await start({ era, current: newest(tracker) })
    const begun = await call('session_start', { goal: 'Stop double charging' })
    const { id } = begun.data.session as { id: string }
    expect(begun).toEqual({
      isError: false,
      text: `Recorded the start in session "Stop double charging" (${id}, active, 0 %). Event ${begun.data.eventId}.`,
      data: {
        recorded: true,
        eventId: begun.data.eventId,
        session: { id, title: 'Stop double charging', status: 'active', progress: 0 },
        by: 'started',
        planned: [],
      },
    })
    const updated = await call('session_update', { description: 'Found the race', progress: 35 })
    expect(updated.text).toBe(
      `Recorded the update in session "Stop double charging" (${id}, active, 35 %), the newest active one of this folder. Event ${updated.data.eventId}.`,
    )
    const decided = await call('record_decision', {
      content: 'Lock the invoice row',
      rationale: 'One writer at a time',
      alternatives: ['A queue'],
    })
    expect(decided.text).toContain(`decisionId ${decided.data.decisionId}.`)
    const blocked = await call('record_blocker', { description: 'No staging key', severity: 'high' })
    const resolved = await call('resolve_blocker', { blocker: 'staging key', resolution: 'Got one' })
    expect(resolved.isError).toBe(false)
    await call('session_close', { summary: 'Charged once', progress: 100 })
    const session = await tracker.session(id).load()
    expect({
      updates: session.updates.map(({ description }) => description),
      decisions: session.decisions.map(({ decisionId, content }) => [decisionId, content]),
      blockers: session.blockers.map(({ blockerId, resolution }) => [blockerId, resolution]),
      status: session.status,
      summary: session.summary,
      progress: session.progress,
    }).toEqual({
      updates: ['Found the race'],
      decisions: [[decided.data.decisionId, 'Lock the invoice row']],
      blockers: [[blocked.data.blockerId, 'Got one']],
      status: 'completed',
      summary: 'Charged once',
      progress: 100,
    })
    const { text } = await call('session_status', { sessionId: id })
    expect(text.split('\n')).toEqual([
      `The session "Stop double charging" (${id}, completed, 100 %).`,
      'Goal: Stop double charging',
      'Result: Charged once',
      `Decision: Lock the invoice row [${decided.data.decisionId}]`,
      expect.stringMatching(/^\d{4}-.* Found the race$/),
    ])
    expect((await call('recall', { query: 'invoice' })).text).toContain('Lock the invoice row')
  })

  it('records a repeated key once, whichever tool, also after a reconnection', async () => {
    const first = await start({ era, current: newest(tracker) })
    const begun = await first.call('session_start', { goal: 'Once', key: 'k0' })
    const { id } = begun.data.session as { id: string }
    const calls: readonly (readonly [string, object])[] = [
      ['session_start', { goal: 'Once', key: 'k0' }],
      ['session_update', { description: 'Step', key: 'k1' }],
      ['record_decision', { content: 'So', key: 'k2' }],
      ['record_blocker', { description: 'Stuck', key: 'k3' }],
      ['resolve_blocker', { blocker: 'Stuck', key: 'k4', sessionId: id }],
      ['session_close', { key: 'k5', sessionId: id }],
    ]
    const events: unknown[] = []
    for (const [name, input] of calls) events.push((await first.call(name, { ...input })).data.eventId)
    const second = await start({ era, current: newest(tracker) })
    for (const [n, [name, input]] of calls.entries()) {
      const again = await second.call(name, name === 'session_start' ? input : { ...input, sessionId: id })
      expect(again.data).toMatchObject({ recorded: true, repeated: true, eventId: events[n] })
      expect(again.text).toContain('was recorded before in session "Once"')
    }
    expect((await tracker.session(id).load()).revision).toBe(6)
    expect(await tracker.sessions({})).toHaveLength(1)
  })

  it('says what to do about a session that is missing, unknown or over', async () => {
    const { call } = await start({ era, current: newest(tracker) })
    expect(await call('session_update', { description: 'x' })).toEqual({
      text: 'NO_SESSION: sessionId: no session is active. Start one first.',
      data: {},
      isError: true,
    })
    expect(await call('session_status', { sessionId: 'nowhere' })).toEqual({
      text: 'NO_SESSION: sessionId: unknown session; got the string "nowhere". Leave sessionId out for the current session, or start one first.',
      data: {},
      isError: true,
    })
    const { data } = await call('session_start', { goal: 'Over' })
    const { id } = data.session as { id: string }
    await call('session_close', {})
    const late = await call('session_update', { description: 'x', sessionId: id })
    expect(late.isError).toBe(true)
    expect(late.text).toMatch(/^SESSION_CLOSED: /)
  })

  it('names the argument at fault', async () => {
    const { call } = await start({ era })
    await call('session_start', { goal: 'x' })
    expect((await call('session_update', { descriptoin: 'x' })).text).toMatch(
      /^INVALID_INPUT: update\.descriptoin: unknown option \(did you mean "description"\?\)/,
    )
    expect((await call('session_start', { goal: 'x', progress: 101 })).text).toMatch(
      /^INVALID_INPUT: start\.progress: /,
    )
  })
})

const subject = (id: string, ...scopes: readonly string[]): Subject =>
  ({ id, scopes: new Set(scopes) }) as Subject

it('tells what only the person can mend, at the start and in the status', async () => {
  const notes = ['sessionwire.config.json is not trusted: run sessionwire trust.']
  const contextOf = () => ({ tracker, adapters: [], current: newest(tracker), notes })
  const { call } = await start({ contextOf })
  for (const name of ['session_start', 'session_status']) {
    const { text, data } = await call(name, {})
    expect(text.endsWith(`Tell the person: ${notes[0]}`)).toBe(true)
    expect(data.notes).toEqual(notes)
  }
})

it('tells that nothing is sent to a service whose secret is not set', async () => {
  const adapters = [
    webhook({}),
    // Its requests are looked at, or sent by a host.
    webhook({ as: 'looked-at', mode: 'preview' }),
    webhook({ as: 'left', mode: 'handoff' }),
  ]
  const bare = await createTracker({
    ...{ project: 'p', user: 'ada', store: memoryStore(), deliver: false, adapters },
    secrets: () => undefined,
  })
  const contextOf = () => ({ tracker: bare, adapters, current: newest(bare) })
  const { call } = await start({ contextOf })
  const notes = [
    'webhook sends nothing: SESSIONWIRE_WEBHOOK_URL, SESSIONWIRE_WEBHOOK_SECRET are not set. See: sessionwire doctor',
  ]
  for (const name of ['session_start', 'session_status']) {
    const { text, data } = await call(name, {})
    expect([text.endsWith(`Tell the person: ${notes[0]}`), data.notes]).toEqual([true, notes])
  }
  await bare.close()
})

it('reads the events of a session once, however many calls are about it', async () => {
  const store = memoryStore()
  let reads = 0
  const counted = {
    ...store,
    events: (...given: Parameters<typeof store.events>) => {
      reads++
      return store.events(...given)
    },
  }
  const seen = (await createTracker({
    project: 'p',
    user: 'Ada',
    store: counted,
    adapters: [],
    machine: false,
  })) as Tracker
  const session = await seen.start({ goal: 'Long' })
  const { call, close } = await connect({ tracker: seen, current: newest(seen) })
  try {
    for (let n = 0; n < 50; n++)
      await call('session_update', { description: `Step ${n}`, sessionId: session.id })
    expect((await session.load()).updates).toHaveLength(50)
    expect(reads).toBeLessThanOrEqual(1)
  } finally {
    await close()
    await seen.close()
  }
})

describe('callers without a current session', () => {
  it('use their only active session, and are told of several', async () => {
    const { call } = await start({ subject: subject('ada', 'read', 'record') })
    expect((await call('session_status')).text).toBe(
      'NO_SESSION: sessionId: no session is active. Start one first.',
    )
    await call('session_start', { goal: 'One' })
    const only = await call('session_update', { description: 'x' })
    expect(only.text).toContain('(…, active'.replace('…', (only.data.session as { id: string }).id))
    expect(only.text).toContain('your only active one')
    for (const goal of ['Two', 'Three', 'Four', 'Five', 'Six']) await call('session_start', { goal })
    const several = await call('session_update', { description: 'x' })
    expect(several.isError).toBe(true)
    expect(several.text).toMatch(
      /^NO_SESSION: sessionId: missing; 6 of your sessions are active: .* \(Six\), .* \(Two\) and 1 more\. Pass the sessionId of one of them: the one that session_start gave, where it was called\.$/,
    )
  })

  it('see nothing of the sessions of others, unless they may', async () => {
    const ada = await start({ subject: subject('ada', 'read', 'record') })
    const eve = await start({ subject: subject('eve', 'read', 'record') })
    const boss = await start({ subject: subject('boss', 'read', 'record', 'any') })
    const { data } = await ada.call('session_start', { goal: 'Secret plan', key: 'same' })
    const { id } = data.session as { id: string }
    await ada.call('record_decision', { content: 'Buy the company', sessionId: id })
    const unknown = (await eve.call('session_status', { sessionId: 'nowhere' })).text
    for (const [name, input] of [
      ['session_status', {}],
      ['session_update', { description: 'x' }],
      ['session_close', {}],
      ['recall', {}],
    ] as const)
      expect((await eve.call(name, { ...input, sessionId: id })).text).toBe(unknown.replace('nowhere', id))
    expect((await eve.call('recall', {})).text).toBe('Nothing is recorded that fits.')
    expect((await ada.call('recall', {})).text).toContain('Buy the company')
    // The same key of somebody else is another session.
    const own = await eve.call('session_start', { goal: 'Secret plan', key: 'same' })
    expect((own.data.session as { id: string }).id).not.toBe(id)
    expect((await boss.call('session_status', { sessionId: id })).text).toContain('Buy the company')
    expect((await boss.call('session_status')).text).toMatch(/^NO_SESSION/)
  })

  it('are told to keep the id of their session, and are named as who works', async () => {
    const ada = await start({ subject: subject('jwt:ada', 'read', 'record'), name: 'claude-code' })
    expect(ada.client.getInstructions()).toContain('pass it as sessionId with every later call')
    const key = await start({ subject: subject('key:default', 'read', 'record') })
    const users: unknown[] = []
    for (const { call } of [ada, key]) {
      const { data } = await call('session_start', { goal: 'x' })
      const { user, agent } = await tracker.session((data.session as { id: string }).id).load()
      users.push([user, agent])
    }
    const odd = await start({ subject: subject(`jwt:\u202eeve\n${'x'.repeat(5_000)}`, 'read', 'record') })
    const begun = await odd.call('session_start', { goal: 'x' })
    const { user } = await tracker.session((begun.data.session as { id: string }).id).load()
    expect(user).toBe(`eve${'x'.repeat(125)}`)
    const { data } = await ada.call('session_start', { goal: 'x', user: 'Bo', agent: 'mine' })
    const given = await tracker.session((data.session as { id: string }).id).load()
    expect([...users, [given.user, given.agent]]).toEqual([
      ['ada', 'Claude Code'],
      ['API key', undefined],
      ['Bo', 'mine'],
    ])
  })

  it('cannot name another owner', async () => {
    const eve = await start({ subject: subject('eve', 'read', 'record') })
    const { data } = await eve.call('session_start', { goal: 'x', metadata: { startedBy: 'ada' } })
    const session = await tracker.session((data.session as { id: string }).id).load()
    expect(session.metadata).toEqual({ startedBy: 'eve', author: 'model' })
  })

  it('need the scope of what they ask for', async () => {
    const reader = await start({ subject: subject('ada', 'read') })
    expect((await reader.call('session_start', { goal: 'x' })).text).toBe(
      'FORBIDDEN: scope: record is missing. Ask for a credential that has this scope.',
    )
    const writer = await start({ subject: subject('ada', 'record') })
    expect((await writer.call('session_start', { goal: 'x' })).isError).toBe(false)
    expect((await writer.call('session_status')).text).toBe(
      'FORBIDDEN: scope: read is missing. Ask for a credential that has this scope.',
    )
  })
})

describe.each(ERAS)('the author of what is recorded (%s)', era => {
  it('is a model, also where the call says otherwise', async () => {
    const person = { author: { kind: 'person', name: 'Ada' } }
    const { call } = await start({ era, current: newest(tracker) })
    const begun = await call('session_start', {
      goal: 'Stop double charging',
      metadata: { author: 'person' },
    })
    const { id } = begun.data.session as { id: string }
    await call('session_update', { description: 'Found the race', ...person })
    await call('record_decision', { content: 'Lock it', ...person })
    await call('record_blocker', { description: 'No staging key' })
    const { metadata, updates, decisions, blockers } = await tracker.session(id).load()
    expect([metadata.author, ...[...updates, ...decisions, ...blockers].map(({ author }) => author)]).toEqual(
      ['model', ...Array.from({ length: 3 }, () => ({ kind: 'model' }))],
    )
  })
})

describe('inside a host whose hooks record', () => {
  it('gives the goal to the session of the host, and starts no second one', async () => {
    const hosted = await tracker.start({ writer: 'host', metadata: { hostSession: 'c1' } })
    const { call } = await start({ current: async () => ({ id: hosted.id, by: 'host' }) })
    const begun = await call('session_start', { goal: 'Stop double charging', key: 'k' })
    expect(begun.text).toContain(
      `"Stop double charging" (${hosted.id}, active, 0 %), the session of this host.`,
    )
    expect((await call('session_start', { goal: 'Stop double charging', key: 'k' })).data.repeated).toBe(true)
    expect(await tracker.sessions({})).toHaveLength(1)
    expect((await tracker.session(hosted.id).load()).goal).toBe('Stop double charging')
    const part = await call('session_start', { goal: 'A part', parentId: hosted.id })
    expect((part.data.session as { id: string }).id).not.toBe(hosted.id)
  })

  it('shows the session to the services from its first decision or blocker on', async () => {
    const adapters = [webhook({ mode: 'preview' })]
    const shown = await openTracker(adapters)
    const local = { writer: 'host', mirror: false } as const
    const hosted = await shown.start({ ...local, metadata: { hostSession: 'c1' } })
    const kept = await shown.start(local)
    const imported = await shown.start({ ...local, metadata: { hostSession: 'c2', imported: 'claude' } })
    const part = await shown.start({ ...local, metadata: { hostSession: 'c1', hostAgent: 'a1' } })
    const { call, close } = await connect({ tracker: shown, adapters })
    try {
      const planned = async (id: string) =>
        (await shown.preview(id)).map(({ payload }) => (payload as { type: string }).type)
      await call('session_update', { description: 'Looked around', sessionId: hosted.id })
      expect(await planned(hosted.id)).toEqual([])
      const decided = await call('record_decision', { content: 'Lock it', sessionId: hosted.id })
      expect(decided.data.planned).not.toEqual([])
      expect((await planned(hosted.id)).length).toBeGreaterThan(1)
      for (const { id } of [kept, imported, part]) {
        await call('record_decision', { content: 'Lock it', sessionId: id })
        expect(await planned(id)).toEqual([])
      }
    } finally {
      await close()
      await shown.close()
    }
  })
})
