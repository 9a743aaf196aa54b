import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, type Tracker } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { Store } from '@sessionwire/core/delivery'
import { sqliteStore } from '@sessionwire/core/sqlite'
import type { Written } from './floor-append.ts'
import { type Cost, measureCost } from './measure.ts'
import { everyAdapter } from './stage.ts'

const CALLS = 1_000

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sessionwire-bench-'))

/** The cost of all calls, and how long each took, ms. */
export type Calls = Cost & Readonly<{ each: readonly number[] }>

/** Writes commits through the store's `commit`. */
export const appendOurs = async (all: readonly Written[]): Promise<Calls> => {
  const each: number[] = []
  const path = await folder()
  const store: Store = sqliteStore(join(path, 'ours.db'))
  await store.now()
  await store.counts()
  const cost = await measureCost(async () => {
    for (const { commit } of all) {
      const from = performance.now()
      await store.commit(commit)
      each.push(performance.now() - from)
    }
  })
  await store.close()
  await rm(path, { recursive: true })
  return { ...cost, each }
}

const startTracker = (store: Store, adapters: readonly AnyAdapter[]): Promise<Tracker> =>
  createTracker({ project: 'bench', user: 'ada', store, adapters, deliver: false })

/** The time a host waits for: `session.update` with everything around it, with a key, checked, planned and stored. */
const updateSession = async (tracker: Tracker): Promise<Calls> => {
  const each: number[] = []
  const session = await tracker.start({ goal: 'Stop double charging' })
  const cost = await measureCost(async () => {
    for (let n = 1; n <= CALLS; n++) {
      const from = performance.now()
      await session.update(`Step ${n}: reproduced with two parallel webhooks`, {
        ...{ progress: n % 100, key: `step-${n}` },
      })
      each.push(performance.now() - from)
    }
  })
  return { ...cost, each }
}

/** Makes such calls once, with any store. */
export const updateOnce = async (store: Store, adapters: readonly AnyAdapter[]): Promise<void> => {
  const tracker = await startTracker(store, adapters)
  await updateSession(tracker)
  await tracker.close()
}

let host: Promise<Tracker> | undefined

/** Such calls for the first so many of all adapters: the process has one tracker, as a host does, and a session for each round. */
export const updateOurs = async (count: number): Promise<Calls> => {
  const begin = async (): Promise<Tracker> => {
    const path = await folder()
    process.once('exit', () => rmSync(path, { recursive: true }))
    return startTracker(sqliteStore(join(path, 'calls.db')), everyAdapter().slice(0, count))
  }
  host ??= begin()
  return updateSession(await host)
}
