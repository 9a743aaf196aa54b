// README: "Recording never hurts your program … no blocked event loop"; gate.ts: "One turn of the event loop is kept below
// 10 ms, whatever waits". A host that records one event after the other (reads an agent's log, as embedding-in-an-agent.md suggests) awaits each
// call; each await is settled in a microtask, so timers, sockets and requests of the whole process stand still meanwhile.
// Right: in every round the loop turns at least once in 1,000 calls, and no timer waits for 100 ms. Time in which other
// programs had the processor does not count, where the system tells it. A busy machine also keeps timers waiting by its
// disk, but not in each of five rounds; recording that starves the loop does it in all of them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker, memoryStore } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { sleep, temp, verdict } from './lib.mjs'

const CALLS = 2_000
const MOST_PER_TURN = 1_000
const MOST_MS = 100
const ROUNDS = 5

/** How long other programs had the processor while this thread was ready, ms; 0 where the system does not tell. */
const readWait = () => {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/** Records one event after the other; the longest time without a timer, and the most calls within one turn of the loop. */
const round = async s => {
  let worst = 0,
    last = { waited: readWait(), at: performance.now() }
  const iv = setInterval(() => {
    const at = performance.now()
    // A wait between the two readings does not count.
    const now = { at, waited: readWait() }
    worst = Math.max(worst, now.at - last.at - (now.waited - last.waited))
    last = { at: performance.now(), waited: now.waited }
  }, 5)
  const a = performance.now()
  let turns = 0,
    inTurn = 0,
    most = 0,
    going = true
  const turn = () => {
    turns++
    most = Math.max(most, inTurn)
    inTurn = 0
    if (going) setImmediate(turn)
  }
  setImmediate(turn)
  for (let i = 0; i < CALLS; i++) {
    await s.update('line ' + i)
    inTurn++
  }
  most = Math.max(most, inTurn)
  going = false
  const took = performance.now() - a
  await sleep(10)
  clearInterval(iv)
  return { worst: Math.round(worst), most, turns, took: Math.round(took) }
}

const faults = []
for (const [name, store] of [
  ['sqlite process', () => sqliteStore(join(temp(), 's.db'))],
  ['sqlite power', () => sqliteStore(join(temp(), 's.db'), { durability: 'power' })],
  ['memory', () => memoryStore()],
]) {
  const t = await createTracker({ project: 'p', user: 'u', store: store() })
  const s = await t.start({ goal: 'x' })
  await s.update('warm')
  await sleep(50)
  let least = Infinity
  for (let n = 0; n < ROUNDS && least >= MOST_MS; n++) {
    const { worst, most, turns, took } = await round(s)
    least = Math.min(least, worst)
    console.log(
      `${name.padEnd(15)} ${CALLS} awaited calls ${took} ms; turns of the event loop ${turns}; most calls in one ${most}; longest time without a timer ${worst} ms`,
    )
    if (most > MOST_PER_TURN) faults.push(`${name}: ${most} calls in one turn of the event loop`)
  }
  if (least >= MOST_MS) faults.push(`${name}: event loop stood still for ${least} ms at best`)
  await t.close()
}
verdict(faults.length === 0, faults.length === 0 ? 'the event loop turns' : faults.join('; '))
