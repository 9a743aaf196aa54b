import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Call } from '../../src/descriptor/descriptor.ts'
import type { Reply } from '../../src/descriptor/outcome.ts'
import type { Json } from '../../src/session/schema.ts'
import { createSharedMemory, memoryStore } from '../../src/store/memory.ts'
import { fakeClock } from '../../src/testing/fakes.ts'
import type { TrackerOptions } from '../../src/tracker/options.ts'
import type { Listed } from '../../src/tracker/typed.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import type { Transport } from '../../src/transport/contract.ts'
import { cards, counting, refusal, tool } from '../recorder/tool.ts'

type Sent = Readonly<{ method: string; path: string; body: Json | undefined }>

const answered = (status: number, body: Json, headers = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body,
})

/** A service that makes cards, in memory. `answer` may say something else. */
const service = (answer?: (sent: Sent) => Reply | undefined) => {
  const sent: Sent[] = []
  let made = 0
  const transport: Transport = {
    send: async (call: Call) => {
      if (call.kind !== 'http' || typeof call.endpoint !== 'string') throw new Error('only plain HTTP here')
      const one = {
        method: call.method,
        path: call.endpoint.replace('https://tool.test', ''),
        body: call.payload,
      }
      sent.push(one)
      const other = answer?.(one)
      if (other !== undefined) return other
      if (one.method === 'GET') return answered(200, { cards: [{ id: 'C1' }, { id: 'C2' }] })
      return answered(200, one.method === 'POST' ? { id: `C${++made}` } : {})
    },
  }
  return { sent, transport }
}

/** Code and field of what a promise is rejected with. */
const fault = async (promise: Promise<unknown>) =>
  ((await refusal(promise)) as readonly unknown[]).slice(0, 2)

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const track = async <const A extends Listed>(
  options: Partial<TrackerOptions<A>> & Readonly<{ adapters: A }>,
): Promise<Tracker<A>> => {
  const tracker = await createTracker<A>({ project: 'billing', user: 'fixer', ...options })
  open.push(tracker)
  return tracker
}

describe('a tracker', () => {
  test('records a session and mirrors it', async () => {
    const { sent, transport } = service()
    const tracker = await track({ adapters: [tool()], transports: { tool: transport } })
    const session = await tracker.start({ goal: 'Fix it', progress: 20 })
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock', { rationale: 'Retries' })
    const blocker = await session.block('No key')
    expect((await blocker.resolve('Issued')).recorded).toBe(true)
    await session.entity({ name: 'InvoiceLock', type: 'class' })
    await session.close({ summary: 'Fixed', progress: 100 })
    expect(await tracker.drain()).toEqual({ done: true, left: {} })
    expect(sent[0]).toEqual({ method: 'POST', path: '/cards', body: { text: 'Fix it | active 20 | ' } })
    expect(sent.at(-1)).toMatchObject({ path: '/cards/C1/comments', body: { text: 'Fixed' } })
    expect(sent.filter(({ path }) => path === '/cards/C1').at(-1)?.body).toEqual({
      text: 'Fix it | completed 100 | Reproduced',
    })
    expect(await session.load()).toMatchObject({
      status: 'completed',
      revision: 7,
      blockers: [{ resolution: 'Issued' }],
    })
    expect((await tracker.sessions({ project: 'billing' })).map(({ id }) => id)).toEqual([session.id])
    expect(session.receipt.recorded).toBe(true)
  })

  test('waits for one delivery, through whatever took its place', async () => {
    const { transport } = service()
    const tracker = await track({ adapters: [tool()], transports: { tool: transport }, deliver: false })
    const session = await tracker.start({ goal: 'Fix it' })
    const [first, second] = [await session.update('one'), await session.update('two')]
    const keys = [first, second].map(receipt => (receipt.recorded ? (receipt.descriptors[0]?.key ?? '') : ''))
    expect(await tracker.settled(keys[0] ?? '', { timeoutMs: 0 })).toEqual({
      key: keys[1],
      asked: keys[0],
      state: 'waiting',
      captures: {},
      inDoubt: false,
    })
    const waiting = tracker.settled(`${session.id}/tool/0`)
    await tracker.drain()
    expect(await waiting).toEqual({
      key: `${session.id}/tool/0`,
      asked: `${session.id}/tool/0`,
      state: 'delivered',
      captures: { card: 'C1' },
      inDoubt: false,
    })
    expect(await refusal(tracker.settled('nothing'))).toEqual([
      'INVALID_INPUT',
      'settled.key',
      'settled.key: no delivery has the key "nothing".',
    ])
  })

  test('acts and fetches, typed by its adapters', async () => {
    const { sent, transport } = service()
    const tracker = await track({ adapters: [tool(), undefined], transports: { tool: transport } })
    const acted = await tracker.act('tool', 'make', { text: 'direct' })
    expect(acted.recorded && (await tracker.settled(acted.key)).captures).toEqual({ card: 'C1' })
    const listed = await tracker.read('tool', 'list', {})
    expect(listed.map(({ id }) => id)).toEqual(['C1', 'C2'])
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'GET'])
    expect(await refusal(tracker.read('tool', 'make' as never, {} as never))).toEqual([
      'INVALID_INPUT',
      'read.action',
      'read.action: "make" of tool writes. Use act.',
    ])
    expect(await fault(tracker.read('tool', 'list', { limit: 'all' } as never))).toEqual([
      'INVALID_INPUT',
      'list.limit',
    ])
  })

  test.for([
    [answered(500, 'down'), 'tool.list: 500 down. Try again later.'],
    [answered(503, 'down', { 'retry-after': '9' }), 'tool.list: 503 down. Try again in 9 s.'],
    [answered(401, 'bad key.'), 'tool.list: 401 bad key. Check the secret and its permissions.'],
    [answered(400, 'no'), 'tool.list: 400 no. Check the input, and what the credential may see.'],
    [
      answered(200, { cards: [{ title: 'no id' }] }),
      'tool.list: unexpected answer: [0].id: missing; expected a string.',
    ],
  ] as const)('says why a fetch came to nothing %#', async ([reply, message]) => {
    const { transport } = service(() => reply)
    const tracker = await track({ adapters: [tool()], transports: { tool: transport } })
    const said = (await refusal(tracker.read('tool', 'list', {}))) as readonly string[]
    expect(said[0]).toBe('ADAPTER')
    expect(said[2]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  test('reports a secret that a released request needs and this process lacks', async () => {
    const { transport } = service()
    const adapter = tool({ mode: 'preview' })
    const auth = { header: 'authorization', secret: 'TOOL_TOKEN' }
    const tracker = await track({
      adapters: [{ ...adapter, check: { call: { ...adapter.check.call, auth } as never } }],
      transports: { tool: transport },
      secrets: () => undefined,
      deliver: false,
    })
    const errors: string[] = []
    tracker.on('error', ({ error, where }) => errors.push(`${where}: ${error.message}`))
    const session = await tracker.start({ goal: 'Fix it' })
    const planned = await tracker.preview(session.id, { adapter: 'tool' })
    await tracker.drain({ timeoutMs: 50 })
    expect(errors).toEqual([])
    await tracker.release(planned.map(({ key }) => key))
    expect(errors).toEqual([expect.stringMatching(/^tool: TOOL_TOKEN is not set/)])
  })

  test('releases what was only looked at', async () => {
    const { sent, transport } = service()
    const tracker = await track({ adapters: [tool({ mode: 'preview' })], transports: { tool: transport } })
    const session = await tracker.start({ goal: 'Fix it' })
    const [shown] = await tracker.preview(session.id, { adapter: 'tool' })
    await tracker.drain()
    expect(sent).toEqual([])
    expect(await tracker.release(shown?.key ?? '')).toEqual([
      { key: shown?.key, asked: shown?.key, state: 'waiting' },
    ])
    await tracker.drain()
    expect(sent).toHaveLength(1)
    expect(await refusal(tracker.release([3] as never))).toEqual([
      'INVALID_INPUT',
      'release.keys',
      'release.keys: invalid keys; expected a key or an array of keys, got an array of 1.',
    ])
  })

  test('hands over, and believes the first acknowledgement', async () => {
    const tracker = await track({ adapters: [tool({ mode: 'handoff' })] })
    const session = await tracker.start({ goal: 'Fix it' })
    await session.update('one')
    const key = `${session.id}/tool/0`
    const [taken] = await tracker.take('tool')
    expect(taken).toMatchObject({
      key,
      adapter: 'tool',
      lane: session.id,
      action: 'make',
      refs: {},
      call: {
        kind: 'http',
        method: 'POST',
        endpoint: 'https://tool.test/cards',
        payload: { text: 'Fix it | active 0 | ' },
      },
    })
    expect(await refusal(tracker.acknowledge(key, { body: { title: 'x' } }))).toEqual([
      'INVALID_INPUT',
      'acknowledge.reply',
      'acknowledge.reply: later requests need card (from "/id"); expected a reply such as { body: {"id":"<card>"} }.',
    ])
    expect(await refusal(tracker.acknowledge(key, answered(403, 'no')))).toEqual([
      'INVALID_INPUT',
      'acknowledge.reply',
      'acknowledge.reply: the reply means rejected: 403 no.',
    ])
    expect(await tracker.acknowledge(key, { body: { id: 'C7' } })).toEqual({
      key,
      asked: key,
      state: 'delivered',
    })
    expect(await tracker.acknowledge(key, { body: { id: 'C8' } })).toEqual({
      key,
      asked: key,
      state: 'delivered',
    })
    expect((await tracker.settled(key)).captures).toEqual({ card: 'C7' })
    const [next] = await tracker.take('tool', { limit: 5 })
    expect(next).toMatchObject({ refs: { card: 'C7' }, call: { endpoint: 'https://tool.test/cards/C7' } })
    expect(await fault(tracker.acknowledge('nothing'))).toEqual(['INVALID_INPUT', 'acknowledge.key'])
    expect(await fault(tracker.take('tool', { limit: 0 }))).toEqual(['INVALID_INPUT', 'take.limit'])
  })

  test('gives up, takes up again, and drops', async () => {
    let broken = true
    const { sent, transport } = service(() => (broken ? answered(400, 'no such board') : undefined))
    const tracker = await track({ adapters: [tool()], transports: { tool: transport } })
    const dead: string[] = []
    tracker.on('dead', each => dead.push(each.key))
    const session = await tracker.start()
    const key = `${session.id}/tool/0`
    expect(await tracker.settled(key)).toMatchObject({ state: 'dead', reason: '400 no such board' })
    expect(dead).toEqual([key])
    for (const move of [tracker.retry, tracker.drop, tracker.release])
      expect(await move('none')).toEqual([
        { key: 'none', asked: 'none', refused: 'unknown key none: it was never planned, or pruned' },
      ])
    broken = false
    expect(await tracker.retry(key)).toEqual([{ key, asked: key, state: 'waiting' }])
    expect(await tracker.settled(key)).toMatchObject({ state: 'delivered' })
    expect(sent).toHaveLength(2)
    broken = true
    const acted = await tracker.act('tool', 'comment', { text: 'x' }, { sessionId: session.id, key: 'mine' })
    expect(acted.recorded && (await tracker.settled('mine')).state).toBe('dead')
    expect(await tracker.drop(['mine'])).toEqual([{ key: 'mine', asked: 'mine', state: 'dropped' }])
    expect((await tracker.deliveries({ state: ['dropped', 'delivered'] })).map(each => each.key)).toEqual([
      key,
      'mine',
    ])
  })

  test('rests and goes on when it is told', async () => {
    const { sent, transport } = service()
    const tracker = await track({ adapters: [tool()], transports: { tool: transport } })
    const heard: unknown[] = []
    tracker.on('paused', ({ pause }) => heard.push([pause.kind, pause.reason]))
    tracker.on('unpaused', each => heard.push(each))
    await tracker.pause('tool', { reason: 'release day' })
    const session = await tracker.start()
    expect(await tracker.drain({ timeoutMs: 0 })).toMatchObject({
      done: false,
      left: { waiting: 1 },
      paused: [{ adapter: 'tool', kind: 'asked', reason: 'release day' }],
    })
    expect((await tracker.status()).adapters).toMatchObject([
      {
        name: 'tool',
        mode: 'execute',
        states: { waiting: 1 },
        lanes: 1,
        pauses: [{ kind: 'asked', reason: 'release day' }],
      },
    ])
    expect(sent).toEqual([])
    await tracker.unpause('tool')
    expect(await tracker.settled(`${session.id}/tool/0`)).toMatchObject({ state: 'delivered' })
    expect(heard).toEqual([['asked', 'release day'], { adapter: 'tool' }])
    expect(await fault(tracker.pause('tool', { forMs: -1 }))).toEqual(['INVALID_INPUT', 'pause.forMs'])
  })

  test('tells how it stands, with the last check', async () => {
    const { transport } = service()
    const tracker = await track({ adapters: [tool()], transports: { tool: transport } })
    expect(await tracker.check('tool')).toMatchObject({ ok: true })
    expect(await tracker.status()).toMatchObject({
      store: 'memory',
      adapters: [
        {
          name: 'tool',
          states: {},
          inDoubt: 0,
          gone: 0,
          lanes: 0,
          unmirrored: 0,
          pauses: [],
          foreign: 0,
          check: { ok: true },
        },
      ],
    })
    expect(await refusal(tracker.check('other' as never))).toEqual([
      'INVALID_INPUT',
      'check.adapter',
      'check.adapter: unknown adapter "other"; expected one of tool.',
    ])
  })

  test('mirrors what was recorded without the adapter', async () => {
    const memory = createSharedMemory()
    const plain = await track({ adapters: [], store: memory.open() })
    const session = await plain.start({ goal: 'Old' })
    await session.close({ summary: 'Done' })
    const { sent, transport } = service()
    const tracker = await track({ adapters: [tool()], store: memory.open(), transports: { tool: transport } })
    expect((await tracker.status()).adapters).toMatchObject([{ unmirrored: 1 }])
    expect(await tracker.backfill('tool')).toEqual({ sessions: [session.id], deliveries: 3 })
    await tracker.drain()
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /cards',
      'PUT /cards/C1',
      'POST /cards/C1/comments',
    ])
  })

  test('makes a new card where a person deleted the old one', async () => {
    let gone = false
    const deleted = {
      ...tool(),
      outcome: (reply: Reply) =>
        reply.kind === 'answer' && reply.status === 404
          ? { kind: 'rejected' as const, reason: '404 gone', gone: true as const }
          : { kind: 'delivered' as const },
    }
    const { sent, transport } = service(({ path }) =>
      gone && path === '/cards/C1' ? answered(404, 'gone') : undefined,
    )
    const tracker = await track({ adapters: [deleted], transports: { tool: transport } })
    const session = await tracker.start({ goal: 'Fix it' })
    await tracker.settled(`${session.id}/tool/0`)
    gone = true
    const receipt = await session.update('one')
    await tracker.settled(receipt.recorded ? (receipt.descriptors[0]?.key ?? '') : '')
    expect((await tracker.status()).adapters).toMatchObject([{ gone: 1 }])
    expect(await tracker.recreateCard(session.id, 'tool')).toEqual({ sessions: [session.id], deliveries: 2 })
    await tracker.drain()
    expect(sent.slice(2).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /cards',
      'PUT /cards/C2',
    ])
  })

  test('strikes its secrets out of what services say', async () => {
    const { transport } = service(() => answered(400, 'bad token s3cr3t-value'))
    const withSecret = {
      ...tool(),
      check: {
        call: {
          kind: 'http' as const,
          method: 'GET' as const,
          endpoint: 'https://tool.test/me',
          auth: { header: 'authorization', secret: 'TOOL_TOKEN' },
        },
      },
    }
    const asked: string[] = []
    const tracker = await track({
      adapters: [
        {
          ...withSecret,
          transport: ({ secrets }) => ({
            send: async (call, sending) => {
              await secrets('TOOL_TOKEN')
              return transport.send(call, sending)
            },
          }),
        },
      ],
      secrets: name => {
        asked.push(name)
        return 's3cr3t-value'
      },
    })
    const session = await tracker.start()
    const { reason } = await tracker.settled(`${session.id}/tool/0`)
    expect(reason).toBe('400 bad token [TOOL_TOKEN]')
    expect(new Set(asked)).toEqual(new Set(['TOOL_TOKEN']))
  })

  test('sets up what its adapters need before anything else', async () => {
    const { sent, transport } = service()
    const adapter = tool({ hooks: { ...cards, init: () => [tool().actions.make({ text: 'board' })] } })
    const tracker = await track({ adapters: [adapter], transports: { tool: transport } })
    await tracker.start({ goal: 'Fix it' })
    await tracker.drain()
    expect(sent.map(({ body }) => (body as { text: string }).text)).toEqual(['board', 'Fix it | active 0 | '])
  })

  test('ends what a vanished process left, when it begins', async () => {
    const clock = fakeClock()
    const memory = createSharedMemory({ now: clock.now })
    const lost = memory.open()
    const first = await createTracker({ project: 'billing', user: 'fixer', store: lost, now: clock.now })
    const session = await first.start({ goal: 'Lost' })
    memory.vanish(lost)
    clock.advance(11 * 60_000)
    const tracker = await track({ adapters: [], store: memory.open(), now: clock.now })
    expect((await tracker.sessions()).map(({ id, status }) => [id, status])).toEqual([
      [session.id, 'crashed'],
    ])
    expect(await tracker.sweep()).toEqual([])
    const resumed = tracker.session(session.id)
    expect((await resumed.update('Back')).recorded).toBe(true)
    expect(await resumed.load()).toMatchObject({ status: 'active', revision: 4 })
  })

  test('forgets sessions that ended long ago', async () => {
    const clock = fakeClock()
    const tracker = await track({ adapters: [], store: memoryStore({ now: clock.now }), now: clock.now })
    const session = await tracker.start()
    await session.close()
    expect(await tracker.prune()).toEqual({ sessions: 0, deliveries: 0, messages: 0 })
    clock.advance(31 * 86_400_000)
    expect(await tracker.prune()).toEqual({ sessions: 1, deliveries: 0, messages: 0 })
    expect(await fault(session.load())).toEqual(['NO_SUCH_SESSION', 'sessionId'])
  })
})

describe('a handle', () => {
  test('that leaves its scope without close abandons what it started', async () => {
    const tracker = await track({ adapters: [], newId: counting() })
    {
      await using session = await tracker.start({ goal: 'left' })
      await session.update('half')
    }
    {
      await using session = await tracker.start({ goal: 'closed' })
      await session.close()
    }
    {
      await using attached = tracker.session('i1')
      await attached.update('back')
    }
    const shown = (await tracker.sessions()).map(({ goal, status }) => [goal, status])
    expect(shown).toEqual(
      expect.arrayContaining([
        ['left', 'active'],
        ['closed', 'completed'],
      ]),
    )
    expect((await tracker.session('i1').load()).revision).toBe(5)
  })

  test('of a start that was not recorded records nothing, quietly', async () => {
    const tracker = await track({ adapters: [], filter: () => undefined })
    await using session = await tracker.start()
    expect(session.receipt).toEqual({ recorded: false })
    expect(await session.update('x')).toEqual({ recorded: false })
    const blocked = await session.block('x')
    expect(blocked.recorded).toBe(false)
    expect(await blocked.resolve()).toMatchObject({ recorded: false })
    expect(await session.close()).toEqual({ recorded: false })
    expect(await session.export()).toBe('')
  })

  test('with errors reported never throws, and says what was wrong', async () => {
    const errors: string[] = []
    const tracker = await track({ adapters: [], onError: 'report' })
    tracker.on('error', ({ where, error }) => errors.push(`${where}: ${error.message}`))
    const session = await tracker.start({ progress: 101 })
    expect(session.receipt).toMatchObject({ recorded: false, error: { code: 'INVALID_INPUT' } })
    expect(await session.update('x')).toMatchObject({ recorded: false, error: { field: 'start.progress' } })
    // Each call that is not recorded emits, because a start that failed is tried again with it.
    const problem = 'start.progress: out of range; expected a number from 0 to 100, got the number 101.'
    expect(errors).toEqual([`start: ${problem}`, `start: ${problem}`])
  })
})

describe('the end', () => {
  test('closes the store once, and calls after it say so', async () => {
    const tracker = await createTracker({ project: 'billing', user: 'fixer' })
    const session = await tracker.start()
    const recording = [session.update('last'), session.update('very last')]
    const starting = tracker.start()
    await Promise.all([tracker.close(), tracker.close()])
    expect((await Promise.all(recording)).map(({ recorded }) => recorded)).toEqual([true, true])
    expect((await starting).receipt.recorded).toBe(true)
    for (const late of [
      session.update('late'),
      session.load(),
      tracker.status(),
      tracker.drain(),
      tracker.start(),
    ])
      expect(await fault(late)).toEqual(['CLOSED', undefined])
  })

  test('comes with the scope', async () => {
    let kept: Tracker | undefined
    {
      await using tracker = await createTracker({ project: 'billing', user: 'fixer' })
      kept = tracker
    }
    expect(await fault(kept.start())).toEqual(['CLOSED', undefined])
  })

  test('of a tracker that could not begin closes its store', async () => {
    const store = memoryStore()
    const broken = { ...store, orphans: () => Promise.reject(new Error('damaged')) }
    await expect(createTracker({ project: 'billing', store: broken })).rejects.toThrow('damaged')
    await expect(store.load('x')).rejects.toThrow('closed')
  })
})

test('a logger hears what an operator would want to know', async () => {
  const lines: string[] = []
  const { transport } = service(() => answered(400, 'no'))
  const tracker = await track({
    adapters: [tool()],
    transports: { tool: transport },
    onError: 'report',
    logger: { warn: line => lines.push(`warn ${line}`), error: line => lines.push(`error ${line}`) },
  })
  const session = await tracker.start()
  await tracker.settled(`${session.id}/tool/0`)
  await tracker.pause('tool')
  await session.update('')
  expect(lines).toEqual([
    `warn tool make is dead: 400 no (delivery ${session.id}/tool/0)`,
    'warn tool is paused manually',
    'error update: update.description: empty; expected a string that says what was done.',
  ])
})

test.each(['close', 'commit'] as const)('close ends although %s of its store never answers', async verb => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const store = { ...memoryStore(), [verb]: () => new Promise<never>(() => undefined) }
    const tracker = await createTracker({ project: 'p', user: 'u', store, deliver: false })
    const errors: string[] = []
    tracker.on('error', ({ where, error }) => errors.push(`${where}: ${error.message}`))
    if (verb === 'commit') void tracker.start({ goal: 'x' })
    let ended = false
    const closing = tracker.close().then(() => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(59_000)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    await closing
    expect(errors).toEqual(['close: the store gave no answer within 60000 ms'])
  } finally {
    vi.useRealTimers()
  }
})
