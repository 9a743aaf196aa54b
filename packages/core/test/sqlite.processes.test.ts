import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { asking, call, incoming, record, request, TOOL } from '../src/testing/store-suite-ground.ts'
import { child, folder, kill } from './sqlite/processes.ts'

const path = () => join(folder(), 'sessions.db')
const locksOf = (database: string) => readdirSync(`${database}-locks`)

const renew = (database: string, at: Date | number): void => {
  for (const lock of locksOf(database)) utimesSync(join(`${database}-locks`, lock), at, at)
}
/** Lets time pass: the times beside the locks of processes that live are renewed, those of the others are old then. */
const age = (database: string): void => renew(database, 1)

describe('several processes on one file', () => {
  it('take over from one that was killed after it began, as soon as its time is old', async () => {
    const database = path()
    const dying = child(['begin', database])
    expect(await dying.line()).toBe('begun')
    const store = sqliteStore(database)
    const future = Date.now() + 1_000_000
    expect(await store.claim(request())).toMatchObject({ claims: [], others: 1 })
    expect(await store.orphans(future)).toEqual([{ id: 'left', writer: 'living' }])
    expect(locksOf(database)).toHaveLength(2)
    await kill(dying)
    // For some seconds a copied lock and an ended process look alike.
    renew(database, new Date())
    expect(await store.orphans(future)).toEqual([{ id: 'left', writer: 'living' }])
    age(database)
    expect(await store.orphans(future)).toEqual([{ id: 'left', writer: 'vanished' }])
    const { claims } = await store.claim(request())
    expect(claims.map(({ delivery }) => [delivery.key, delivery.attempts, delivery.exposed])).toEqual([
      ['k1', 2, true],
    ])
    expect(claims[0]?.delivery.doubtSince).toBeLessThanOrEqual(Date.now())
    await store.close()
  })

  it('remove the lock of one that was killed, and never that of a living one', async () => {
    const database = path()
    const dying = child(['begin', database])
    const living = child(['pour', database, 's'])
    await dying.line()
    await living.line()
    await kill(dying)
    age(database)
    const store = sqliteStore(database)
    await store.counts()
    expect(locksOf(database)).toHaveLength(2)
    await kill(living)
    await store.close()
    age(database)
    const next = sqliteStore(database)
    await next.counts()
    expect(locksOf(database)).toHaveLength(1)
    await next.close()
    expect(locksOf(database)).toEqual([])
  })

  it('record in one session without losing an event', async () => {
    const database = path()
    const writers = [1, 2, 3].map(() => child(['append', database, 's', '60']))
    expect(await Promise.all(writers.map(each => each.line()))).toEqual(['appended', 'appended', 'appended'])
    const store = sqliteStore(database)
    const events = await store.events('s')
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 180 }, (_, n) => n + 1))
    const deliveries = await store.list({ lane: 's' })
    expect(deliveries.map(({ position }) => position)).toEqual(Array.from({ length: 180 }, (_, n) => n + 1))
    await store.close()
  })

  it('keep all that was acknowledged when one is killed while it records', async () => {
    const database = path()
    const store = sqliteStore(database)
    for (let turn = 0; turn < (RUNS_ALL ? 3 : 1); turn++) {
      const pouring = child(['pour', database, `s${turn}`])
      await pouring.line()
      await kill(pouring)
      const revision = (await store.load(`s${turn}`))?.summary.revision ?? 0
      expect(revision).toBeGreaterThan(0)
      expect(await store.events(`s${turn}`)).toHaveLength(revision)
      expect(await store.list({ lane: `s${turn}`, limit: 1_000_000 })).toHaveLength(revision)
      expect((await store.load(`s${turn}`))?.lanes).toMatchObject([{ through: revision }])
    }
    await store.close()
  })

  it('end by themselves though nobody closed the store', async () => {
    const left = child(['leave', path(), '400'])
    expect(await left.line()).toBe('left')
    expect(await left.exit()).toBe(0)
  })

  it('may be threads, and stores of one thread', async () => {
    const database = path()
    const code = `
      import(${JSON.stringify(join(import.meta.dirname, '../src/sqlite.ts'))}).then(async ({ sqliteStore }) => {
        const { parentPort } = require('node:worker_threads')
        const store = sqliteStore(${JSON.stringify(database)})
        await store.counts()
        parentPort.postMessage('open')
        parentPort.once('message', async () => {
          parentPort.postMessage(await store.counts())
          await store.close()
          parentPort.close()
        })
      })`
    const one = sqliteStore(database)
    const two = sqliteStore(database)
    await one.counts()
    const thread = new Worker(code, { eval: true, execArgv: ['--conditions=@sessionwire/source'] })
    const exited = new Promise(resolve => thread.once('exit', resolve))
    const said = () => new Promise<unknown>(resolve => thread.once('message', resolve))
    expect(await said()).toBe('open')
    await Promise.all(
      [one, two].flatMap((store, n) =>
        Array.from({ length: 20 }, (_, m) =>
          store.commit({
            events: [],
            lanes: [
              {
                adapter: TOOL,
                lane: `l${n}`,
                open: { refs: {} },
                deliveries: [incoming(call(`k${n}-${m}`))],
              },
            ],
          }),
        ),
      ),
    )
    expect(locksOf(database)).toHaveLength(3)
    const half = await one.claim(request({ adapters: [asking(TOOL, { room: 1 })] }))
    expect(half.claims.map(({ delivery }) => delivery.key)).toEqual(['k0-0'])
    expect(await two.claim(request())).toMatchObject({ claims: [{ delivery: { key: 'k1-0' } }], others: 1 })
    thread.postMessage('count')
    expect(await said()).toMatchObject([{ adapter: TOOL, states: { waiting: 38, claimed: 2 } }])
    await Promise.all([one.close(), two.close()])
    await exited
    expect(locksOf(database)).toEqual([])
  })
})

describe('a lock that another program holds', () => {
  it('leaves the event loop free, and ends in STORE with what to do', async () => {
    const database = path()
    const store = sqliteStore(database, { busyMs: 60 })
    await store.commit(record('s', 1))
    const holder = child(['hold', database])
    await holder.line()
    // Time passes by turns of the loop alone: a wait that kept it from turning would never end.
    let turns = 0
    const began = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => began + 10 * turns)
    const ticking = setInterval(() => turns++, 1)
    const error = await store.commit(record('s', 2)).catch((thrown: unknown) => thrown)
    clearInterval(ticking)
    clock.mockRestore()
    expect(error).toMatchObject({ code: 'STORE' })
    expect((error as Error).message).toMatch(/locked by another program for 60 ms.*busyMs/)
    expect(turns).toBeGreaterThan(3)
    // Reading goes on.
    expect((await store.load('s'))?.summary.revision).toBe(1)
    holder.process.stdin?.write('go\n')
    await holder.exit()
    await store.commit(record('s', 2))
    expect((await store.load('s'))?.summary.revision).toBe(2)
    await store.close()
  })

  it('is waited for, and what waited is written in the order of the calls', async () => {
    const database = path()
    const store = sqliteStore(database, { busyMs: 60_000 })
    await store.commit(record('s', 1))
    const holder = child(['hold', database])
    await holder.line()
    let done = 0
    const commits = [2, 3, 4].map(revision => store.commit(record('s', revision)).then(() => done++))
    await new Promise(resolve => setImmediate(resolve))
    expect(done).toBe(0)
    holder.process.stdin?.write('go\n')
    await Promise.all(commits)
    expect((await store.load('s'))?.summary.revision).toBe(4)
    await store.close()
  })

  it('does not keep a store from closing', async () => {
    const database = path()
    const store = sqliteStore(database, { busyMs: 20 })
    await store.commit(record('s', 1))
    const holder = child(['hold', database])
    await holder.line()
    await store.close()
    expect(locksOf(database)).toEqual([])
    holder.process.stdin?.write('go\n')
    await holder.exit()
    const next = sqliteStore(database)
    expect(await next.orphans(Date.now())).toEqual([{ id: 's', writer: 'vanished' }])
    await next.close()
  })

  it('keeps a first call waiting, too', async () => {
    const database = path()
    const first = sqliteStore(database)
    await first.counts()
    const holder = child(['hold', database])
    await holder.line()
    const store = sqliteStore(database, { busyMs: 40 })
    await expect(store.load('s')).rejects.toMatchObject({ code: 'STORE' })
    holder.process.stdin?.write('go\n')
    await holder.exit()
    expect(await store.load('s')).toBeUndefined()
    await Promise.all([first.close(), store.close()])
  })
})
