import { describe, expect, it } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import type { Incoming } from '../src/delivery/model.ts'
import { createWorker, type Worker } from '../src/delivery/worker.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import type { Reply } from '../src/descriptor/outcome.ts'
import type { Store } from '../src/store/contract.ts'
import { createSharedMemory } from '../src/store/memory.ts'
import { createWorld, timersIn, type World } from '../src/testing/simulator-world.ts'
import type { SecretSource } from '../src/transport/contract.ts'

const START = Date.UTC(2026, 0, 1)
const seconds = (n: number): number => START + n * 1_000
const reply = (status: number): Reply => ({ kind: 'answer', status, headers: {}, body: { id: 'x' } })
const auth = { header: 'authorization', secret: 'TOKEN' }

const post = (key: string): Incoming => {
  const descriptor = {
    ...{ key, action: 'post', kind: 'http', method: 'POST', endpoint: 'https://service.example/items', auth },
    ...{ payload: { key }, repeat: 'unsafe' },
  } as Descriptor
  return { key, action: 'post', via: 'execute', sequence: 1, descriptor, holds: false }
}

type Sent = Readonly<{ by: string; key: string; at: number }>
type Service = (key: string, secret: string | undefined) => Reply | undefined

const bench = (service: Service) => {
  const world = createWorld(7, START)
  const memory = createSharedMemory({ now: world.now })
  const recorder = memory.open()
  const sent: Sent[] = []
  const heard: (readonly [by: string, name: string, payload: unknown])[] = []
  const adapter: AnyAdapter = {
    ...{ name: 'a', config: {}, mode: 'execute', hooks: {}, actions: {}, secrets: ['TOKEN'] },
    origins: ['https://service.example'],
    limits: { rates: {} },
    check: { call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/check', auth } },
    outcome: (given, role) => httpOutcome(given, role),
  }
  const timers = timersIn(world)
  return {
    world,
    recorder,
    sent,
    heard,
    keys: (by: string) => sent.flatMap(each => (each.by === by ? [each.key] : [])),
    plan: async (...keys: readonly string[]) => {
      for (const key of keys)
        await recorder.commit({
          events: [],
          lanes: [{ adapter: 'a', lane: `of ${key}`, open: { refs: {} }, deliveries: [post(key)] }],
        })
    },
    start: (by: string, secrets: SecretSource, store: Store = memory.open()): Worker => {
      let n = by.length * 1_000
      const send = async (call: unknown): Promise<Reply> => {
        const { payload, endpoint } = call as { payload?: { key: string }; endpoint: string }
        const key = payload?.key ?? endpoint.split('/').at(-1) ?? ''
        sent.push({ by, key, at: (world.now() - START) / 1_000 })
        const given = service(key, await secrets('TOKEN'))
        return new Promise(resolve => {
          if (given !== undefined) world.at(world.now() + 10, () => resolve(given))
        })
      }
      const worker = createWorker({
        ...{ store, adapters: [adapter], transports: { a: { send } }, secrets, timers },
        ...{ now: world.now, monotonic: world.now, redact: (text: string) => text },
        // Also makes the worker's name, which is its own.
        random: () => {
          n = (n * 16_807 + by.charCodeAt(0)) % 2_147_483_647
          return n / 2_147_483_647
        },
        emit: (name, payload) => void heard.push([by, name, payload]),
      })
      worker.start()
      return worker
    },
  }
}

const states = async (world: World, store: Store): Promise<readonly string[]> => {
  let found: readonly string[] = []
  const listed = store.list({}).then(all => {
    found = all.map(({ key, state, reason }) => `${key} ${state}${reason === undefined ? '' : `: ${reason}`}`)
  })
  await world.run(world.now())
  await listed
  return found
}

describe('a call that is refused', () => {
  it('is sent once more after a second, and rejected then, while the check is accepted and others go out', async () => {
    const { world, recorder, sent, plan, start, keys } = bench(key => reply(key === '1' ? 401 : 200))
    await plan('1')
    start('w', () => 'token')
    await world.run(seconds(0.5))
    expect(keys('w')).toEqual(['1', 'check'])
    await plan('2')
    await world.run(seconds(10))
    expect([...keys('w')].sort()).toEqual(['1', '1', '2', 'check', 'check'])
    const tries = sent.filter(({ key }) => key === '1').map(({ at }) => at)
    expect(tries).toHaveLength(2)
    expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(1)
    expect(await states(world, recorder)).toEqual(['1 dead: 401 {"id":"x"}', '2 delivered'])
    expect(await recorder.pauses()).toEqual([])
  })

  it('is not counted and waits while the check has no answer', async () => {
    let checks = 503
    const { world, recorder, plan, start } = bench(key => reply(key === 'check' ? checks : 401))
    await plan('1')
    start('w', () => 'token')
    await world.run(seconds(30))
    const [waiting] = await recorder.list({})
    expect(waiting).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(waiting?.misses).toBeGreaterThan(1)
    expect(await recorder.pauses()).toEqual([])
    checks = 200
    await world.run(seconds(300))
    expect((await recorder.list({}))[0]?.state).toBe('dead')
  })

  it('pauses the adapter for its worker when the check is refused too, with one check for all that were refused', async () => {
    const { world, recorder, plan, start, keys } = bench(() => reply(401))
    await plan('1', '2', '3')
    start('w', () => 'token')
    await world.run(seconds(60))
    expect(keys('w').filter(key => key === 'check')).toEqual(['check'])
    expect(await recorder.pauses()).toMatchObject([
      { adapter: 'a', kind: 'denied', owner: expect.any(String) },
    ])
    expect((await recorder.list({})).map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(
      Array.from({ length: 3 }, () => 'waiting 0'),
    )
  })

  it('goes out as soon as the secret was changed', async () => {
    let token = 'old'
    const { world, recorder, plan, start } = bench((_, secret) => reply(secret === 'new' ? 200 : 401))
    await plan('1')
    const worker = start('w', () => token)
    await world.run(seconds(10))
    token = 'new'
    const drained = worker.drain({ timeoutMs: 5_000 })
    await world.run(seconds(11))
    expect(await drained).toEqual({ done: true, left: {} })
    expect(await recorder.pauses()).toEqual([])
  })
})

describe('workers with other secrets on one store', () => {
  it('do not hold each other: the one with the right secret delivers all within two polls', async () => {
    const { world, recorder, plan, start, keys, heard } = bench((_, secret) =>
      reply(secret === 'right' ? 200 : 401),
    )
    await plan('1', '2', '3', '4', '5', '6')
    const without = start('without', () => undefined)
    start('wrong', () => 'wrong')
    await world.run(seconds(3))
    start('right', () => 'right')
    await world.run(seconds(5))
    expect((await recorder.list({})).map(({ state }) => state)).toEqual(
      Array.from({ length: 6 }, () => 'delivered'),
    )
    expect(keys('without')).toEqual([])
    expect(await without.unset('a')).toEqual(['TOKEN'])
    expect(keys('right')[0]).toBe('check')
    expect(heard.filter(([by, name]) => by === 'without' && name === 'error')).toHaveLength(1)
  })

  it('send one check before the first claim where another one was refused', async () => {
    const { world, recorder, plan, start, keys } = bench(() => reply(401))
    await plan('1')
    start('wrong', () => 'wrong')
    await world.run(seconds(3))
    start('too', () => 'wrong too')
    await world.run(seconds(30))
    expect(keys('too')).toEqual(['check'])
    expect(await recorder.pauses()).toHaveLength(1)
  })
})

/** Two workers that were refused one after the other and have ended: the minute in which no other one checks goes on. */
const refuseTwo = async () => {
  const made = bench((_, secret) => reply(secret === 'right' ? 200 : 401))
  const { world, plan, start } = made
  await plan('1')
  for (const [by, until] of [
    ['wrong', 3],
    ['too', 6],
  ] as const) {
    const worker = start(by, () => 'wrong')
    await world.run(seconds(until))
    void worker.stop()
    await world.run(seconds(until + 1))
  }
  return made
}

describe('a pause of a worker that has ended', () => {
  it('ends with the first call that the service accepts', async () => {
    const { world, recorder, start, keys } = await refuseTwo()
    expect(await recorder.pauses()).toHaveLength(1)
    start('right', () => 'right')
    await world.run(seconds(9))
    expect(keys('right')).toEqual(['1'])
    expect(await states(world, recorder)).toEqual(['1 delivered'])
    expect(await recorder.pauses()).toEqual([])
  })

  it('ends with a check that somebody asks for, and a pause that a person asked for stays', async () => {
    const { world, recorder, start } = await refuseTwo()
    const asked = { adapter: 'a', kind: 'asked', reason: 'migration', since: world.now() } as const
    await recorder.pause(asked)
    const checked = start('right', () => 'right').check('a')
    await world.run(seconds(9))
    expect(await checked).toMatchObject({ ok: true })
    expect(await recorder.pauses()).toEqual([asked])
  })

  it('stays for a minute where the worker says it again with the same secret', async () => {
    const { world, recorder, plan, start, keys } = bench((_, secret) => reply(secret === 'right' ? 200 : 401))
    await plan('1')
    const wrong = start('wrong', () => 'wrong')
    await world.run(seconds(3))
    const first = start('right', () => 'right')
    await world.run(seconds(6))
    void first.stop()
    await plan('2')
    await world.run(seconds(12))
    // It took up the second one, and said again that it is refused.
    expect(await recorder.pauses()).toMatchObject([{ kind: 'denied', checks: 1 }])
    void wrong.stop()
    const too = start('too', () => 'wrong')
    await world.run(seconds(14))
    void too.stop()
    start('right again', () => 'right')
    await world.run(seconds(50))
    expect([keys('too'), keys('right again')]).toEqual([['check'], ['2']])
    expect(await recorder.pauses()).toHaveLength(1)
    // It has ended, or it would have checked after an hour.
    await world.run(seconds(3_800))
    expect(await recorder.pauses()).toEqual([])
  })
})

describe('a host that fails', () => {
  it('holds up nothing for longer than a read when its secret source gives no answer', async () => {
    let asked = 0
    const { world, recorder, plan, start } = bench(() => reply(200))
    await plan('1')
    const source = () => (asked++ === 0 ? new Promise<string>(() => undefined) : 'token')
    start('w', source)
    await world.run(seconds(29))
    expect((await recorder.list({}))[0]?.state).toBe('waiting')
    await world.run(seconds(35))
    expect((await recorder.list({}))[0]?.state).toBe('delivered')
  })

  it('ends when it is stopped while a secret is awaited', async () => {
    const { world, plan, start, heard } = bench(() => reply(200))
    await plan('1')
    const worker = start('w', () => new Promise<string>(() => undefined))
    await world.run(seconds(1))
    const stopped = worker.stop()
    await world.run(seconds(100))
    await stopped
    expect(heard.filter(([, name]) => name === 'error')).toMatchObject([
      ['w', 'error', { error: { message: expect.stringMatching(/^TOKEN is not set/) } }],
    ])
  })

  it('is reported once by a worker whose store fails, which asks less and less often', async () => {
    const { world, start, heard, recorder } = bench(() => reply(200))
    let claims = 0
    let fails = true
    const store: Store = {
      ...recorder,
      claim: async request => {
        claims++
        if (fails) throw new Error('disk is full')
        return recorder.claim(request)
      },
    }
    start('w', () => 'token', store)
    await world.run(seconds(120))
    expect(claims).toBeLessThan(12)
    expect(heard.filter(([, name]) => name === 'error')).toHaveLength(1)
    fails = false
    await world.run(seconds(200))
    expect(claims).toBeGreaterThan(20)
  })
})
