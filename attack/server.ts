// Serves a workspace and records over HTTP: many requests at once, then a kill -9 and a new start in the middle of them.
//   pnpm server:load [--requests 1000] [--at-once 64] [--rounds 5] [--kills 3]
// It fails when a request is not answered with success, when an answered call is not recorded exactly once, when the memory of
// the server grows from round to round, and when the server does not end by itself after SIGTERM.
import { parseArgs } from 'node:util'
import { runServerLoad } from './server/run.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    kills: { type: 'string', default: '3' },
  },
})

const report = await runServerLoad({
  requests: Number(values.requests),
  atOnce: Number(values['at-once']),
  rounds: Number(values.rounds),
  kills: Number(values.kills),
})
for (const problem of report.problems.slice(0, 50)) console.log(problem)
for (const { requests, seconds, medianMs, worstMs, memoryMb } of report.rounds)
  console.log(
    `${requests} requests in ${seconds} s: half of them within ${medianMs} ms, all within ${worstMs} ms; ${memoryMb} MB of memory after them`,
  )
const { answered, recorded, sentAgain, kills } = report.killed
console.log(
  `${kills} times killed: ${answered} calls answered, ${sentAgain} sent again because of it, ${recorded} recorded, each once`,
)
if (report.problems.length > 0) process.exitCode = 1
