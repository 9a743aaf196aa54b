import { describe, expect, it, vi } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import type { DeliveryEvents } from '../src/delivery/events.ts'
import type { Incoming, Policy } from '../src/delivery/model.ts'
import { createWorker, type Worker } from '../src/delivery/worker.ts'
import type { Descriptor, Lookup } from '../src/descriptor/descriptor.ts'
import type { Reply } from '../src/descriptor/outcome.ts'
import type { Store } from '../src/store/contract.ts'
import { memoryStore } from '../src/store/memory.ts'
import { createWorld, timersIn, type World } from '../src/testing/simulator-world.ts'

const START = Date.UTC(2026, 0, 1)
const ok: Reply = { kind: 'answer', status: 200, headers: {}, body: { id: 'x' } }
const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: 'answer',
  status,
  headers,
  body: { message: 'no' },
})

const post = (key: string, more: Partial<Descriptor> = {}): Incoming => {
  const descriptor = {
    key,
    action: 'post',
    kind: 'http',
    method: 'POST',
    endpoint: 'https://service.example/items',
    payload: { key },
    captures: { [`id of ${key}`]: '/id' },
    repeat: 'unsafe',
    ...more,
  } as Descriptor
  return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: true }
}

/** A read before a call, so that the call is not begun with its claim. */
const READ: Lookup = {
  call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/items/0' },
  captures: { other: '/id' },
}

type Bench = Readonly<{
  world: World
  store: Store
  worker: Worker
  sent: { key: string; at: number }[]
  heard: (readonly [name: string, payload: unknown])[]
  secrets: Record<string, string>
  plan: (adapter: string, lane: string, ...incoming: readonly Incoming[]) => Promise<void>
}>

type Answering = (key: string, n: number) => Reply | undefined

/** A worker on the memory store, on a clock that only the test moves; `undefined` never answers. */
const bench = (
  answering: Readonly<Record<string, Answering>>,
  more: Readonly<{
    adapter?: Partial<AnyAdapter>
    policy?: Partial<Policy>
    concurrency?: number
    /** Called before the worker is told the time. */
    clock?: () => void
    /** How much later the monotonic clock is, ms. */
    later?: () => number
  }> = {},
): Bench => {
  const world = createWorld(7, START)
  const store = memoryStore({ now: world.now })
  const sent: { key: string; at: number }[] = []
  const heard: (readonly [string, unknown])[] = []
  const secrets: Record<string, string> = {}
  const timers = timersIn(world)
  const names = Object.keys(answering)
  const adapters = names.map(
    (name): AnyAdapter => ({
      name,
      config: {},
      mode: 'execute',
      hooks: {},
      actions: {},
      secrets: ['TOKEN'],
      origins: ['https://service.example'],
      limits: { rates: {} },
      check: { call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/check' } },
      outcome: (reply, role) => httpOutcome(reply, role),
      ...more.adapter,
    }),
  )
  const transports = Object.fromEntries(
    names.map(name => {
      let n = 0
      const send = (call: unknown): Promise<Reply> => {
        const { payload, endpoint } = call as { payload?: { key: string }; endpoint: string }
        const key = payload?.key ?? endpoint.split('/').at(-1) ?? ''
        sent.push({ key, at: world.now() - START })
        n++
        const reply = answering[name]?.(key, n)
        return new Promise(resolve => {
          if (reply !== undefined) world.at(world.now() + 10, () => resolve(reply))
        })
      }
      return [name, { send }]
    }),
  )
  const worker = createWorker({
    store,
    adapters,
    transports,
    secrets: name => secrets[name],
    now: () => {
      more.clock?.()
      return world.now()
    },
    monotonic: () => world.now() + (more.later?.() ?? 0),
    random: () => 0.5,
    timers,
    emit: <N extends keyof DeliveryEvents>(name: N, payload: DeliveryEvents[N]) =>
      void heard.push([name, payload]),
    redact: text => text,
    ...(more.policy === undefined ? {} : { policy: more.policy }),
    ...(more.concurrency === undefined ? {} : { concurrency: more.concurrency }),
  })
  return {
    world,
    store,
    worker,
    sent,
    heard,
    secrets,
    plan: async (adapter, lane, ...incoming) => {
      await store.commit({ events: [], lanes: [{ adapter, lane, open: { refs: {} }, deliveries: incoming }] })
    },
  }
}

const minutes = (n: number): number => START + n * 60_000

describe('a worker', () => {
  it('sends the deliveries of a lane one after the other, in order', async () => {
    const { world, worker, sent, plan } = bench({ a: () => ok })
    await plan('a', 's', post('1'), post('2'), post('3'))
    worker.start()
    await world.run(minutes(1))
    expect(sent.map(each => each.key)).toEqual(['1', '2', '3'])
    expect(sent.map(each => each.at)).toEqual([...sent.map(each => each.at)].sort((x, y) => x - y))
  })

  it('works on several lanes at once, up to its concurrency', async () => {
    const { world, worker, sent, plan } = bench({ a: () => undefined }, { concurrency: 3 })
    for (const lane of ['p', 'q', 'r', 's', 't']) await plan('a', lane, post(lane))
    worker.start()
    await world.run(START + 5_000)
    expect(sent).toHaveLength(3)
  })

  it('writes answers that come together in one go, and claims what they free in one go', async () => {
    const { world, store, worker, plan } = bench({ a: () => ok })
    const claim = vi.spyOn(store, 'claim')
    for (const lane of ['p', 'q', 'r']) await plan('a', lane, post(`${lane}1`), post(`${lane}2`))
    worker.start()
    await world.run(START + 500)
    const written = claim.mock.calls.flatMap(([{ settlements }]) =>
      settlements === undefined ? [] : [settlements.map(({ key }) => key)],
    )
    expect(written).toEqual([
      ['p1', 'q1', 'r1'],
      ['p2', 'q2', 'r2'],
    ])
    // Each time also once more, in case that more is due than was given.
    const given = await Promise.all(claim.mock.results.map(async ({ value }) => (await value).claims.length))
    expect(given.filter(count => count > 0)).toEqual([3, 3])
  })

  it('does not let one hanging service delay another', async () => {
    const { world, worker, sent, plan } = bench({ hangs: () => undefined, works: () => ok })
    for (let n = 0; n < 10; n++) {
      await plan('hangs', `s${n}`, post(`hangs/${n}`))
      await plan('works', `s${n}`, post(`works/${n}`))
    }
    worker.start()
    await world.run(START + 500)
    expect(sent.filter(each => each.key.startsWith('works/'))).toHaveLength(10)
  })

  it('waits as long as the service asks, and pauses that limit only', async () => {
    const { world, worker, sent, heard, plan } = bench({
      a: (key, n) => (key === 'slow' && n === 1 ? answer(429, { 'retry-after': '20' }) : ok),
    })
    await plan('a', 'p', post('slow', { limit: 'writes' }))
    worker.start()
    await world.run(START + 1_000)
    await plan('a', 'q', post('same limit', { limit: 'writes' }))
    await plan('a', 'r', post('other'))
    worker.wake()
    await world.run(minutes(1))
    const at = Object.fromEntries(sent.map(each => [each.key, each.at]))
    expect(at.slow).toBeGreaterThanOrEqual(20_000)
    expect(at['same limit']).toBeGreaterThanOrEqual(20_000)
    expect(at.other).toBeLessThan(3_000)
    const names = heard.map(([name]) => name)
    expect(names.slice(0, 2).sort()).toEqual(['paused', 'retry'])
    expect(names.slice(2)).toEqual(['delivered', 'unpaused', 'delivered', 'delivered'])
  })

  it('stays under the rates its adapter declares', async () => {
    const rates = { writes: { count: 2, perMs: 10_000 } }
    const { world, worker, sent, plan } = bench({ a: () => ok }, { adapter: { limits: { rates } } })
    for (let n = 0; n < 7; n++) await plan('a', `s${n}`, post(`${n}`, { limit: 'writes' }))
    worker.start()
    await world.run(minutes(2))
    expect(sent).toHaveLength(7)
    for (const { at } of sent) {
      const within = sent.filter(each => each.at >= at && each.at < at + 10_000)
      expect(within.length).toBeLessThanOrEqual(2)
    }
  })

  /** A read of a list with so many pages, each behind the one before it. */
  const paged = (pages: number) => {
    const lookup: Lookup = {
      call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/1', limit: 'reads' },
      list: '/items',
      where: { pointer: '/id', equals: 'last' },
      next: { link: 'next' },
      captures: { last: '/id' },
    }
    const answering: Answering = key => {
      const page = Number(key)
      if (!(page >= 1)) return ok
      const isLast = page === pages
      const headers: Record<string, string> = isLast
        ? {}
        : { link: `<https://service.example/${page + 1}>; rel="next"` }
      return { kind: 'answer', status: 200, headers, body: { items: [{ id: isLast ? 'last' : `${page}` }] } }
    }
    return { lookup, answering }
  }

  it('reads a list of more pages than its limit leaves at once to its end, each page once', async () => {
    const rates = { reads: { count: 3, perMs: 5_000 } }
    const { lookup, answering } = paged(7)
    const { world, worker, sent, plan } = bench({ a: answering }, { adapter: { limits: { rates } } })
    await plan('a', 's', post('call', { before: [lookup] }))
    worker.start()
    await world.run(minutes(2))
    expect(sent.map(({ key }) => key)).toEqual(['1', '2', '3', '4', '5', '6', '7', 'call'])
    for (const { at } of sent.slice(0, 7))
      expect(sent.filter(each => each.at >= at && each.at < at + 5_000).length).toBeLessThanOrEqual(3)
  })

  it('reads a list that a caller wants whole to its end, and stops waiting for room when it stops', async () => {
    const rates = { reads: { count: 2, perMs: 10_000 } }
    const { lookup, answering } = paged(5)
    const { where: _, captures: _none, ...list } = lookup
    const { world, worker, sent } = bench({ a: answering }, { adapter: { limits: { rates } } })
    const whole = worker.read('a', list)
    await world.run(minutes(1))
    expect(await whole).toMatchObject({ ok: true, items: ['1', '2', '3', '4', 'last'].map(id => ({ id })) })
    sent.length = 0
    const cut = worker.read('a', list)
    await world.run(minutes(1) + 2_000)
    const stopped = worker.stop()
    await world.run(minutes(1) + 2_100)
    await stopped
    expect(await cut).toEqual({
      ok: false,
      outcome: { kind: 'retry', reason: 'the limit reads has no room', waitMs: expect.any(Number) },
    })
    expect(sent.map(({ key }) => key)).toEqual(['1', '2'])
  })

  it('keeps what was planned under another name of a secret, and sends nothing of it', async () => {
    const { world, store, worker, sent, secrets, plan } = bench({ a: () => ok })
    secrets.TOKEN = 'new'
    secrets.FORMER = 'old'
    await plan('a', 's', post('1', { auth: { header: 'authorization', secret: 'FORMER' } }))
    await plan('a', 't', post('2', { auth: { header: 'authorization', secret: 'TOKEN' } }))
    worker.start()
    await world.run(minutes(60))
    expect(sent.map(({ key }) => key)).toEqual(['2'])
    expect(await store.list({ keys: ['1'] })).toMatchObject([
      { state: 'waiting', reason: 'secret "FORMER" does not belong to adapter "a" (its secrets: TOKEN)' },
    ])
  })

  it.each([
    ['while it claims', true],
    ['before it sleeps', false],
  ])(
    'outlives a clock of its host that throws %s, and goes on when it tells the time again',
    async (_, all) => {
      let broken = false
      const clock = () => {
        const fails = broken
        if (!all) broken = false
        if (fails) throw new Error('no time')
      }
      const { world, store, worker, sent, heard, plan } = bench({ a: () => ok }, { clock })
      await plan('a', 's', post('1'))
      worker.start()
      await world.run(START + 500)
      const { claim } = store
      const spied = vi.spyOn(store, 'claim').mockImplementation(async request => {
        const claimed = await claim(request)
        broken = true
        spied.mockRestore()
        return claimed
      })
      await world.run(START + 30_000)
      broken = false
      await plan('a', 's', post('2'))
      await world.run(minutes(5))
      expect(sent.map(({ key }) => key)).toEqual(['1', '2'])
      expect(heard.filter(([name]) => name === 'error')).toEqual([
        ['error', { error: new Error('no time'), where: 'worker' }],
      ])
    },
  )

  it('pauses a service that fails five times in a row, and only checks until it answers', async () => {
    let up = false
    const { world, worker, sent, heard, plan, store } = bench({
      a: () => (up ? ok : { kind: 'failure', sent: 'no', code: 'refused', reason: 'refused' }),
    })
    for (let n = 0; n < 8; n++) await plan('a', `s${n}`, post(`${n}`))
    worker.start()
    await world.run(minutes(30))
    const before = sent.length
    const posts = sent.filter(each => each.key !== 'check').length
    expect(posts).toBeLessThanOrEqual(8)
    expect(sent.some(each => each.key === 'check')).toBe(true)
    expect(await store.pauses()).toMatchObject([{ adapter: 'a', kind: 'down' }])
    up = true
    await world.run(minutes(60))
    expect(sent.length).toBeGreaterThan(before)
    expect(heard.filter(([name]) => name === 'delivered')).toHaveLength(8)
    expect(await store.pauses()).toEqual([])
  })

  it('waits for a secret that is not set, and goes on when it is', async () => {
    const auth = { header: 'authorization', secret: 'TOKEN' }
    const { world, worker, sent, heard, plan, secrets, store } = bench({ a: () => ok })
    await plan('a', 's', post('1', { auth }))
    worker.start()
    await world.run(minutes(1))
    expect(sent).toEqual([])
    const message =
      'TOKEN is not set: set it for the process that delivers (its environment, or the option secrets)'
    expect(heard.filter(([name]) => name === 'error')).toMatchObject([
      ['error', { where: 'a', error: { code: 'CONFIG', message } }],
    ])
    expect(await store.pauses()).toEqual([])
    expect(await worker.unset('a')).toEqual(['TOKEN'])
    secrets.TOKEN = 'secret'
    await world.run(minutes(2))
    expect(sent.map(each => each.key)).toEqual(['1'])
  })

  it('keeps a call in doubt that it cannot look up, and does not send it again', async () => {
    const { world, worker, sent, heard, plan, store } = bench({ a: () => answer(500) })
    await plan('a', 's', post('1'), post('2'))
    worker.start()
    await world.run(minutes(60))
    expect(sent.map(each => each.key)).toEqual(['1'])
    expect(heard.filter(([name]) => name === 'dead')).toMatchObject([['dead', { key: '1', inDoubt: true }]])
    expect(await store.list({ state: 'waiting' })).toMatchObject([{ key: '2' }])
  })

  it('asks a store that fails less and less often, and tells of it once', async () => {
    const { world, store, worker, sent, heard, plan } = bench({ a: () => ok })
    await plan('a', 's', post('1'))
    const { claim } = store
    const at: number[] = []
    const failing = vi.spyOn(store, 'claim').mockImplementation(async () => {
      at.push(Math.round((world.now() - START) / 1_000))
      throw new Error('the disk is full')
    })
    worker.start()
    await world.run(minutes(3))
    worker.wake()
    worker.wake()
    await world.run(minutes(4))
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
    expect(heard).toMatchObject([['error', { where: 'worker', error: { message: 'the disk is full' } }]])
    failing.mockImplementation(claim)
    await world.run(minutes(6))
    expect(sent.map(each => each.key)).toEqual(['1'])
    failing.mockImplementation(async () => {
      throw new Error('again')
    })
    await world.run(minutes(7))
    expect(heard.filter(([name]) => name === 'error')).toHaveLength(2)
  })

  it.each(['claim', 'begin', 'settle'] as const)(
    'ends although %s of the store never answers',
    async verb => {
      const { world, store, worker, heard, plan } = bench({ a: () => ok })
      const never = (): Promise<never> => new Promise(() => undefined)
      const { claim } = store
      if (verb === 'begin') vi.spyOn(store, verb).mockImplementation(never)
      // What ended is written with a claim.
      else
        vi.spyOn(store, 'claim').mockImplementation(request =>
          verb === 'claim' || request.settlements !== undefined ? never() : claim(request),
        )
      await plan('a', 's', post('1', verb === 'begin' ? { before: [READ] } : {}))
      worker.start()
      await world.run(minutes(1))
      let ended = false
      void worker.stop().then(() => {
        ended = true
      })
      await world.run(minutes(1) + 30_000)
      expect(ended).toBe(false)
      await world.run(minutes(5))
      expect(ended).toBe(true)
      expect(heard.filter(([name]) => name === 'error')).toMatchObject([
        ['error', { where: 'close', error: { code: 'STORE' } }],
      ])
    },
  )

  it('writes what was answered once a store that failed works again, and sends nothing twice', async () => {
    const { world, store, worker, sent, heard, plan } = bench({ a: () => ok })
    const { claim, settle } = store
    const fail = async () => {
      throw new Error('the disk is full')
    }
    const failing = vi
      .spyOn(store, 'claim')
      .mockImplementation(request => (request.settlements === undefined ? claim(request) : fail()))
    await plan('a', 's', post('1'), post('2'))
    worker.start()
    const rewriting = vi.spyOn(store, 'settle').mockImplementation(fail)
    await world.run(START + 5)
    failing.mockImplementation(fail)
    await world.run(minutes(10))
    expect(sent.map(each => each.key)).toEqual(['1'])
    failing.mockImplementation(claim)
    rewriting.mockImplementation(settle)
    await world.run(minutes(20))
    expect(sent.map(each => each.key)).toEqual(['1', '2'])
    expect(heard.map(([name]) => name).filter(name => name !== 'attempt')).toEqual([
      'error',
      'error',
      'delivered',
      'delivered',
    ])
    expect((await store.list({})).map(({ key, state }) => [key, state])).toEqual([
      ['1', 'delivered'],
      ['2', 'delivered'],
    ])
  })

  it('gives up an answer that a store that works does not take, and sends nothing twice', async () => {
    const { world, store, worker, sent, heard, plan } = bench({ a: () => ok })
    const { claim, settle } = store
    const refuse = async () => {
      throw new Error('no such text')
    }
    const isOdd = (each: Readonly<{ key: string }>) => each.key === '1'
    let tries = 0
    vi.spyOn(store, 'claim').mockImplementation(async request => {
      if (request.settlements?.some(isOdd) !== true) return claim(request)
      tries++
      return refuse()
    })
    vi.spyOn(store, 'settle').mockImplementation(each => (each.some(isOdd) ? refuse() : settle(each)))
    await plan('a', 's', post('1'), post('2'))
    await plan('a', 't', post('3'))
    worker.start()
    await world.run(minutes(20))
    // It may have been applied, so it is not sent again, and what needs it waits.
    expect(sent.map(each => each.key)).toEqual(['1', '3'])
    expect(heard.filter(([name]) => name === 'error').length).toBe(tries * 2 + 1)
    expect(tries).toBe(1)
    expect((await store.list({})).map(({ key, state }) => [key, state])).toEqual([
      ['1', 'dead'],
      ['2', 'waiting'],
      ['3', 'delivered'],
    ])
  })

  it('writes at its end what the store did not take before', async () => {
    const { world, store, worker, plan } = bench({ a: () => ok })
    const { claim } = store
    vi.spyOn(store, 'claim').mockImplementation(async request => {
      if (request.settlements === undefined) return claim(request)
      throw new Error('the disk is full')
    })
    await plan('a', 's', post('1'))
    worker.start()
    await world.run(START + 5)
    const stopped = worker.stop()
    await world.run(START + 10)
    await stopped
    expect((await store.list({})).map(({ state }) => state)).toEqual(['delivered'])
  })

  it('keeps what was answered after a drain until a store that fails works again', async () => {
    const { world, store, worker, sent, plan } = bench({ a: () => ok })
    const { settle } = store
    const failing = vi.spyOn(store, 'settle').mockRejectedValue(new Error('the disk is full'))
    await plan('a', 's', post('1'))
    for (const n of [1, 2]) {
      const drained = worker.drain({ timeoutMs: 5 })
      await world.run(START + n * 1_000)
      await drained
    }
    failing.mockImplementation(settle)
    const drained = worker.drain({ timeoutMs: 5 })
    await world.run(START + 3_000)
    expect(await drained).toEqual({ done: true, left: {} })
    expect(sent.map(each => each.key)).toEqual(['1'])
  })

  it('lets requests under way finish when it stops, and begins none', async () => {
    const { world, worker, sent, plan, store } = bench({ a: () => ok }, { concurrency: 1 })
    await plan('a', 's', post('1'), post('2'))
    worker.start()
    await world.run(START + 5)
    const stopped = worker.stop()
    await world.run(minutes(1))
    await stopped
    expect(sent.map(each => each.key)).toEqual(['1'])
    expect(await store.list({ state: 'delivered' })).toHaveLength(1)
  })

  it('drains what can go, and never says done when it is not', async () => {
    const { world, worker, plan } = bench({ a: key => (key === 'bad' ? answer(400) : ok) })
    await plan('a', 'p', post('1'), post('2'))
    const first = worker.drain({ timeoutMs: 10_000 })
    await world.run(minutes(1))
    expect(await first).toEqual({ done: true, left: {} })
    await plan('a', 'q', post('bad'), post('behind'))
    const second = worker.drain({ timeoutMs: 10_000 })
    await world.run(minutes(2))
    expect(await second).toEqual({ done: false, left: { dead: 1, waiting: 1 } })
  })

  it('says when a drain that ended could go on, and how much of what is left is in doubt', async () => {
    const lost: Reply = { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'reset' }
    const later = answer(429, { 'retry-after': '600' })
    const { world, worker, plan } = bench({ a: () => later, b: () => lost })
    await plan('a', 'p', post('1'))
    await plan('b', 'q', post('2', { repeat: 'unsafe' }))
    const drained = worker.drain({ timeoutMs: 5_000 })
    await world.run(minutes(1))
    const { nextAt = 0, paused = [], ...rest } = await drained
    expect(rest).toEqual({ done: false, left: { waiting: 1, dead: 1 }, inDoubt: 1 })
    expect(nextAt - (paused[0]?.until ?? 0)).toBe(0)
    expect(nextAt - START).toBeGreaterThan(600_000)
  })

  it('does not end a drain because a limit was full and is no more', async () => {
    let later = 0
    const rates = { writes: { count: 1, perMs: 50 } }
    const { world, store, worker, sent, plan } = bench(
      { a: () => ok },
      { adapter: { limits: { rates } }, later: () => later },
    )
    const { claim } = store
    vi.spyOn(store, 'claim').mockImplementation(async request => {
      const claimed = await claim(request)
      const idle = world.now() - START >= (sent.at(-1)?.at ?? 0) + 10
      if (claimed.claims.length === 0 && idle) later += 60
      return claimed
    })
    for (const lane of ['p', 'q', 'r']) await plan('a', lane, post(lane, { limit: 'writes' }))
    const drained = worker.drain({ timeoutMs: 60_000 })
    await world.run(minutes(1))
    expect((await drained).done).toBe(true)
    expect(sent).toHaveLength(3)
  })

  it('ends a drain as soon as nothing left can go in its time', async () => {
    const { world, worker, plan } = bench({ a: () => answer(429, { 'retry-after': '600' }) })
    await plan('a', 's', post('1'))
    let ended: number | undefined
    const drained = worker.drain({ timeoutMs: 60_000 }).then(result => {
      ended = world.now() - START
      return result
    })
    await world.run(minutes(3))
    expect(await drained).toMatchObject({
      done: false,
      left: { waiting: 1 },
      paused: [{ adapter: 'a', kind: 'throttled', reason: expect.stringContaining('429') }],
    })
    expect(ended).toBeLessThan(5_000)
  })

  it('asks at the begin of a drain whether what was refused or down an earlier time is so still', async () => {
    for (const kind of ['denied', 'down'] as const) {
      const { world, store, worker, sent, plan } = bench({ a: () => ok })
      await plan('a', 's', post('1'))
      const pause = { adapter: 'a', kind, reason: 'TOKEN is not set', since: START, checks: 0 }
      await store.pause({ ...pause, checkAt: minutes(50) })
      const drained = worker.drain({ timeoutMs: 5_000 })
      await world.run(minutes(1))
      expect(await drained).toEqual({ done: true, left: {} })
      expect(sent.map(each => each.key)).toEqual(['check', '1'])
    }
  })

  it('asks once in a drain, and says why nothing went', async () => {
    const { world, store, worker, sent, plan } = bench({ a: () => answer(401) })
    await plan('a', 's', post('1'))
    const pause = {
      adapter: 'a',
      kind: 'denied' as const,
      reason: 'TOKEN is not set',
      since: START,
      checks: 0,
    }
    await store.pause({ ...pause, checkAt: minutes(50) })
    const drained = worker.drain({ timeoutMs: 5_000 })
    await world.run(minutes(1))
    expect(await drained).toMatchObject({
      done: false,
      left: { waiting: 1 },
      paused: [{ kind: 'denied', reason: expect.stringContaining('401') }],
    })
    expect(sent.map(each => each.key)).toEqual(['check'])
  })

  it('asks no more than every five seconds, however often somebody drains', async () => {
    const { world, store, worker, sent, plan } = bench({ a: () => answer(503) })
    await plan('a', 's', post('1'))
    const pause = { adapter: 'a', kind: 'down' as const, reason: '503', since: START, checks: 0 }
    await store.pause({ ...pause, checkAt: minutes(50) })
    for (let second = 1; second <= 12; second++) {
      const drained = worker.drain({ timeoutMs: 100 })
      await world.run(START + second * 1_000)
      expect((await drained).done).toBe(false)
      await store.pause({ ...pause, checkAt: minutes(50) })
    }
    expect(sent.map(({ key, at }) => [key, Math.floor(at / 1_000)])).toEqual([
      ['check', 0],
      ['check', 5],
      ['check', 10],
    ])
  })

  it('goes on after a check that somebody asked for went well', async () => {
    const { world, store, worker, sent, plan } = bench({ a: () => ok })
    await plan('a', 's', post('1'))
    const pause = { adapter: 'a', reason: 'refused', since: START, checks: 0, checkAt: minutes(50) }
    worker.start()
    await store.pause({ ...pause, kind: 'down' })
    const checked = worker.check('a')
    await world.run(minutes(1))
    expect((await checked).ok).toBe(true)
    expect(await store.pauses()).toEqual([])
    expect(sent.map(each => each.key)).toContain('1')
  })

  it('does not wait for the pace of a card while it drains', async () => {
    const card = (key: string): Incoming => ({
      ...post(key, { repeat: 'safe', coalesce: { name: 'card', everyMs: 3_600_000 } }),
      holds: false,
    })
    const uncaptured = (incoming: Incoming): Incoming => {
      const { captures: _, ...descriptor } = incoming.descriptor as Descriptor
      return { ...incoming, descriptor: descriptor as Descriptor }
    }
    const { world, worker, sent, plan } = bench({ a: () => ok })
    await plan('a', 's', uncaptured(card('1')))
    worker.start()
    await world.run(minutes(1))
    await plan('a', 's', uncaptured(card('2')))
    worker.wake()
    await world.run(minutes(2))
    expect(sent.map(each => each.key)).toEqual(['1'])
    const drained = worker.drain({ timeoutMs: 10_000 })
    await world.run(minutes(3))
    expect(await drained).toEqual({ done: true, left: {} })
    expect(sent.map(each => each.key)).toEqual(['1', '2'])
  })

  it('reads at once, all pages, only what fits', async () => {
    const pages: Readonly<Record<string, Reply>> = {
      first: {
        kind: 'answer',
        status: 200,
        headers: {},
        body: { items: [{ n: 1 }, { n: 2 }], next: 'second' },
      },
      second: {
        kind: 'answer',
        status: 200,
        headers: {},
        body: { items: [{ n: 2, more: true }], next: null },
      },
    }
    let page = 'first'
    const { world, worker } = bench({
      a: () => {
        const reply = pages[page]
        page = 'second'
        return reply
      },
    })
    const call = { kind: 'http', method: 'GET', endpoint: 'https://service.example/items' } as const
    const lookup = { call, list: '/items', next: { cursor: '/next', into: '/query/page' } }
    const fetched = worker.read('a', { ...lookup, where: { pointer: '/n', equals: 2 } })
    await world.run(minutes(1))
    expect(await fetched).toMatchObject({ ok: true, items: [{ n: 2 }, { n: 2, more: true }] })
  })

  it('takes a 404 to a read for a refusal, and to a later page for the end of the list', async () => {
    const call = { kind: 'http', method: 'GET', endpoint: 'https://service.example/items' } as const
    const lookup = { call, list: '/items', next: { cursor: '/next', into: '/query/page' } }
    const missing: Reply = { kind: 'answer', status: 404, headers: {}, body: { message: 'No such list' } }
    const none = bench({ a: () => missing })
    const refused = none.worker.read('a', lookup)
    await none.world.run(minutes(1))
    expect(await refused).toEqual({
      ok: false,
      outcome: { kind: 'rejected', reason: '404 {"message":"No such list"}' },
    })
    let page = 0
    const first: Reply = { kind: 'answer', status: 200, headers: {}, body: { items: [{ n: 1 }], next: 'p2' } }
    const some = bench({ a: () => (page++ === 0 ? first : missing) })
    const fetched = some.worker.read('a', lookup)
    await some.world.run(minutes(1))
    expect(await fetched).toMatchObject({ ok: true, items: [{ n: 1 }] })
  })

  it('says which adapters there are when one is not known', async () => {
    const { worker } = bench({ a: () => ok })
    await expect(worker.check('b')).rejects.toMatchObject({
      code: 'ADAPTER',
      message: 'no adapter is named "b"; there is: a',
    })
  })
})
