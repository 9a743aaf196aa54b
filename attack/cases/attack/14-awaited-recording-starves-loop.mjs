// README: "Recording never hurts your program … no blocked event loop"; gate.ts: "One turn of the event loop is kept below
// 10 ms, whatever waits". A host that records one event after the other (reads an agent's log, as embedding-in-an-agent.md suggests) awaits each
// call; each await is settled in a microtask, so timers, sockets and requests of the whole process stand still meanwhile.

import { join } from 'node:path'
import { createTracker, memoryStore } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { sleep, temp, verdict } from './lib.mjs'

const out = {}
for (const [name, store] of [
  ['sqlite process', () => sqliteStore(join(temp(), 's.db'))],
  ['sqlite power', () => sqliteStore(join(temp(), 's.db'), { durability: 'power' })],
  ['memory', () => memoryStore()],
]) {
  const t = await createTracker({ project: 'p', user: 'u', store: store() })
  const s = await t.start({ goal: 'x' })
  await s.update('warm')
  await sleep(50)
  let worst = 0,
    _ticks = 0,
    last = performance.now()
  const iv = setInterval(() => {
    const n = performance.now()
    worst = Math.max(worst, n - last)
    last = n
    _ticks++
  }, 5)
  const a = performance.now()
  let turns = 0,
    going = true
  const turn = () => {
    turns++
    if (going) setImmediate(turn)
  }
  setImmediate(turn)
  for (let i = 0; i < 2000; i++) await s.update('line ' + i)
  going = false
  const took = performance.now() - a
  await sleep(10)
  clearInterval(iv)
  out[name] = Math.round(worst)
  console.log(
    name.padEnd(15),
    '2,000 awaited calls',
    Math.round(took),
    'ms; turns of the event loop meanwhile',
    turns,
    '; longest time without a timer',
    Math.round(worst),
    'ms',
  )
  await t.close()
}
verdict(
  Object.values(out).every(w => w < 100),
  `event loop stood still for up to ${Math.max(...Object.values(out))} ms`,
)
