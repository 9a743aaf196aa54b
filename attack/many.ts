// Four processes record and two deliver on one file, at the same time.
//   pnpm many [--seconds 60] [--recorders 4] [--deliverers 2] [--pause 10] [--strict]
// It fails when an event loop stood still for more than 50 ms while it did not wait for a processor. A disk that other
// programs keep busy stops a loop in one run, and not in each of three: such a run is made again, at most twice; a call that
// is lost, doubled or out of order fails at once. With --strict waiting for a processor counts too, of which a machine with
// fewer processors than processes has much by itself.
import { parseArgs } from 'node:util'
import { runMany } from './many/run.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    recorders: { type: 'string', default: '4' },
    deliverers: { type: 'string', default: '2' },
    pause: { type: 'string', default: '10' },
    strict: { type: 'boolean', default: false },
  },
})
const STILL_MS = 50
const RUNS = 3

/** Runs once: whether each call arrived as it should, and whether no loop stood still. */
const runOnce = async (): Promise<Readonly<{ isWhole: boolean; isQuick: boolean }>> => {
  const report = await runMany({
    seconds: Number(values.seconds),
    recorders: Number(values.recorders),
    deliverers: Number(values.deliverers),
    pauseMs: Number(values.pause),
  })
  const { problems, events, deliveries, doubled, slowestMs, recorderMs, delivererMs, blockedMs } = report
  for (const problem of problems.slice(0, 50)) console.log(problem)
  console.log(
    `${events} calls recorded, ${deliveries} deliveries, ${doubled} doubled; the slowest call took ${slowestMs} ms; ` +
      `an event loop stood still for ${blockedMs} ms at most without waiting for a processor; with that, for ${recorderMs} ms at most where ` +
      `one records, ${delivererMs} ms where one delivers`,
  )
  const still = values.strict ? Math.max(recorderMs, delivererMs) : blockedMs
  return { isWhole: problems.length === 0, isQuick: still <= STILL_MS }
}

let end = await runOnce()
for (let runs = 1; runs < RUNS && end.isWhole && !end.isQuick; runs++) end = await runOnce()
if (!end.isWhole || !end.isQuick) process.exitCode = 1
