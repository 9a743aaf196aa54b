// Four processes record and two deliver on one file, at the same time.
//   pnpm many [--seconds 60] [--recorders 4] [--deliverers 2] [--pause 10]
// It fails when one turn of an event loop worked for more than 50 ms. How long loops stood still is told too; on a machine
// with fewer processors than processes most of that is waiting for a processor.
import { parseArgs } from 'node:util'
import { runMany } from './many/run.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    recorders: { type: 'string', default: '4' },
    deliverers: { type: 'string', default: '2' },
    pause: { type: 'string', default: '10' },
  },
})
const STILL_MS = 50

const report = await runMany({
  seconds: Number(values.seconds),
  recorders: Number(values.recorders),
  deliverers: Number(values.deliverers),
  pauseMs: Number(values.pause),
})
const { problems, events, deliveries, doubled, slowestMs, recorderMs, delivererMs, turnMs } = report
for (const problem of problems.slice(0, 50)) console.log(problem)
console.log(
  `${events} calls recorded, ${deliveries} deliveries, ${doubled} doubled; the slowest call took ${slowestMs} ms; ` +
    `one turn of an event loop worked for ${turnMs} ms at most; a loop stood still for ${recorderMs} ms at most where ` +
    `one records, ${delivererMs} ms where one delivers`,
)
if (problems.length > 0 || turnMs > STILL_MS) process.exitCode = 1
