// A process among many: records or delivers on a file that others use at the same time. Its orders stand in the environment.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createTracker, type Listed, type SessionHandle, type Tracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createRandom } from '@sessionwire/core/testing'
import type { Options } from '../targets/target.ts'
import { targetOf } from '../targets.ts'
import { beginLooks } from './looks.ts'

/** The orders of a process. */
export type ManyOrders = Readonly<{
  role: 'record' | 'deliver'
  number: number
  path: string
  seconds: number
  /** Pause after each call, ms. */
  pauseMs: number
  targets: readonly Readonly<{ name: string; options: Options }>[]
  secrets: Readonly<Record<string, string>>
}>

const orders = JSON.parse(process.env.ORDERS ?? '') as ManyOrders
const say = (line: string): void => void writeSync(1, `${line}\n`)
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Sessions of one recorder that are open at once. */
const OPEN = 4

const record = async (tracker: Tracker<Listed>): Promise<void> => {
  const random = createRandom(orders.number)
  const until = Date.now() + orders.seconds * 1_000
  const open: SessionHandle[] = []
  let n = 0
  let slowest = 0
  const measure = async (call: () => Promise<unknown>): Promise<void> => {
    const at = performance.now()
    await call()
    slowest = Math.max(slowest, performance.now() - at)
  }
  while (Date.now() < until || open.length > 0) {
    const over = Date.now() >= until
    if (!over && open.length < OPEN)
      await measure(async () => {
        open.push(await tracker.start({ goal: `G${orders.number}n${n}g`, progress: 1 }))
      })
    const place = Math.floor(random() * open.length)
    const session = open[place] as SessionHandle
    const mark = `m${++n}x${orders.number}`
    const kind = random()
    if (over || kind < 0.05) {
      open.splice(place, 1)
      await measure(() => session.close({ summary: mark, progress: 100 }))
    } else if (kind < 0.5) await measure(() => session.decide(mark))
    else await measure(() => session.update(mark, { progress: n % 100 }))
    await pause(orders.pauseMs)
  }
  say(`recorded ${n} ${slowest.toFixed(1)}`)
}

const deliver = async (tracker: Tracker<Listed>): Promise<void> => {
  const told = new Promise<void>(resolve => {
    createInterface({ input: process.stdin }).on('line', () => resolve())
  })
  await told
  for (;;) {
    const { done, left } = await tracker.drain({ timeoutMs: 2_000 })
    if (done) return
    say(`left ${JSON.stringify(left)}`)
  }
}

const tracker = (await createTracker({
  project: `p${orders.number}`,
  user: 'fixer',
  store: sqliteStore(orders.path),
  // A message a second would take an hour: the limits are not part of this.
  adapters: orders.targets.map(({ name, options }) => ({
    ...targetOf(name).make(options),
    limits: { rates: {} },
  })),
  secrets: name => orders.secrets[name],
  deliver: orders.role === 'deliver',
  pollMs: 50,
})) as unknown as Tracker<Listed>
tracker.on('error', ({ error, where }) => say(`error ${where}: ${error.message}`))
const endLooks = beginLooks()
await (orders.role === 'record' ? record(tracker) : deliver(tracker))
const { allMs, blockedMs } = endLooks()
say(`loop ${allMs.toFixed(1)} ${blockedMs.toFixed(1)}`)
await tracker.close()
process.stdin.destroy()
