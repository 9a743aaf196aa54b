import { expect, test } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import type { Timers } from '../src/delivery/waits.ts'
import { createGathering } from '../src/delivery/waits.ts'
import { createWorker } from '../src/delivery/worker.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import type { Reply } from '../src/descriptor/outcome.ts'
import { memoryStore } from '../src/store/memory.ts'
import { createWorld, timersIn } from '../src/testing/simulator-world.ts'

const START = Date.UTC(2026, 0, 1)
const ok: Reply = { kind: 'answer', status: 200, headers: {}, body: {} }

/**
 * A worker whose calls are answered after so many ms each, with a store whose claims take `claimMs`; what each claim or
 * settlement wrote, and when. No answer: the call stays under way.
 */
const written = async (claimMs: number, answers: Readonly<Record<string, number | undefined>>) => {
  const world = createWorld(7, START)
  const memory = memoryStore({ now: world.now })
  const wrote: { at: number; keys: readonly string[] }[] = []
  const note = (settlements: readonly Readonly<{ key: string }>[] | undefined): void => {
    if (settlements !== undefined && settlements.length > 0)
      wrote.push({ at: world.now() - START, keys: settlements.map(({ key }) => key) })
  }
  const timers = timersIn(world)
  const adapter: AnyAdapter = {
    ...{ name: 'tool', config: {}, mode: 'execute', hooks: {}, actions: {}, secrets: [] },
    ...{ origins: ['https://service.example'], limits: { rates: {} } },
    check: { call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/check' } },
    outcome: (reply, role) => httpOutcome(reply, role),
  }
  const worker = createWorker({
    store: {
      ...memory,
      claim: async request => {
        note(request.settlements)
        if (claimMs > 0) await new Promise<void>(resolve => void timers.after(claimMs, resolve))
        return memory.claim(request)
      },
    },
    adapters: [adapter],
    transports: {
      tool: {
        send: call =>
          new Promise<Reply>(resolve => {
            const ms = answers[(call as unknown as { payload: { key: string } }).payload.key]
            if (ms !== undefined) timers.after(ms, () => resolve(ok))
          }),
      },
    },
    ...{ secrets: () => undefined, now: world.now, monotonic: world.now, random: () => 0.5, timers },
    concurrency: Object.keys(answers).length,
    ...{ emit: () => undefined, redact: text => text },
  })
  for (const key of Object.keys(answers)) {
    const descriptor = {
      ...{ key, action: 'post', kind: 'http', method: 'POST', endpoint: 'https://service.example/items' },
      ...{ payload: { key }, repeat: 'unsafe' },
    } as Descriptor
    const deliveries = [
      { key, action: 'post', via: 'execute' as const, sequence: 1, descriptor, holds: true },
    ]
    await memory.commit({
      events: [],
      lanes: [{ adapter: 'tool', lane: key, open: { refs: {} }, deliveries }],
    })
  }
  worker.start()
  await world.run(START + 500)
  return wrote
}

test('a worker whose store is away writes together what is answered while a claim would take', async () => {
  expect(await written(8, { a: 10, b: 15 })).toEqual([{ at: 23, keys: ['a', 'b'] }])
})

test('an answer does not wait longer than a claim takes for one that stays under way', async () => {
  expect(await written(8, { a: 10, b: undefined })).toEqual([{ at: 26, keys: ['a'] }])
  expect(await written(8, { a: 10, b: 40 })).toEqual([
    { at: 26, keys: ['a'] },
    { at: 48, keys: ['b'] },
  ])
})

test('it does not wait longer than 25 ms, however long a claim takes', async () => {
  expect(await written(200, { a: 10, b: undefined })).toEqual([{ at: 235, keys: ['a'] }])
})

test('with a store in the same process an answer is written at once', async () => {
  expect(await written(0, { a: 10, b: 15 })).toEqual([
    { at: 10, keys: ['a'] },
    { at: 15, keys: ['b'] },
  ])
})

/** How many answers are written first, where so many come in each turn of the loop. */
const gathered = (tookMs: number, comes: readonly number[]): number => {
  const turns: (() => void)[] = []
  const nothing = (): (() => void) => () => undefined
  const timers: Timers = { after: nothing, keepAlive: nothing, soon: call => void turns.push(call) }
  let came = 1
  let written = 0
  const count = (): number => came
  const gathering = createGathering(
    timers,
    count,
    () => false,
    () => {
      written = came
    },
  )
  gathering.begin(tookMs)
  for (const more of comes) {
    came += more
    turns.shift()?.()
    if (written > 0) break
  }
  return written
}

test('quick answers are waited for while others come, and two turns more', () => {
  expect(gathered(5, [...Array<number>(30).fill(1), 0, 0, 0, 1])).toBe(31)
  expect(gathered(5, [0, 1, 0, 1, 0, 0, 0, 1])).toBe(3)
})

test('sixteen of a service that takes its time are written at once', () => {
  expect(gathered(20, [15, 5, 0])).toBe(16)
  expect(gathered(5, [15, 5, 0, 0, 0])).toBe(21)
  expect(gathered(20, Array<number>(30).fill(1))).toBe(3)
  expect(gathered(20, [0, 1, 0, 0, 0, 1])).toBe(2)
})

test('a store that holds the loop is not away, however long it takes', () => {
  const turns: (() => void)[] = []
  const nothing = (): (() => void) => () => undefined
  const timers: Timers = { after: nothing, keepAlive: nothing, soon: call => void turns.push(call) }
  const gathering = createGathering(
    timers,
    () => 0,
    () => false,
    () => undefined,
  )
  gathering.ask()
  gathering.note(9)
  expect(gathering.isAway()).toBe(false)
  gathering.ask()
  for (const turn of turns) turn()
  gathering.note(9)
  expect(gathering.isAway()).toBe(true)
})
