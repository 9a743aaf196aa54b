// Kills recording and delivering processes at named places and at random, and compares what the services did with what
// was recorded.
//   pnpm crash [--kills 100] [--seed 1] [--only jira,slack] [--beside 2]
//   … --replay 17                 one seed again; its database is kept when it fails
//   … --sabotage forget-begin     puts a defect in, which must be found
// A run of 100 kills or more also fails when nobody was killed at one of the places.
// A seed fixes what is recorded, where each process dies and how services fail; how two processes interleave it does not.
import { parseArgs } from 'node:util'
import { killsIn, summary, unhit } from './crash/report.ts'
import { type RunReport, run } from './crash/run.ts'
import { SABOTAGES } from './crash/sabotage.ts'
import { KILLED, targetOf } from './targets.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    speed: { type: 'string', default: '600' },
    beside: { type: 'string', default: '2' },
    replay: { type: 'string' },
    sabotage: { type: 'string' },
  },
})
const targets = values.only === undefined ? KILLED : values.only.split(',').map(targetOf)
const wanted = values.replay === undefined ? Number(values.kills) : 1
const speed = Number(values.speed)
const sabotage = SABOTAGES.find(each => each === values.sabotage)
const startedAt = performance.now()

const runs: RunReport[] = []
let next = Number(values.replay ?? values.seed)
let kills = 0

/** Runs seed after seed until there were enough kills. */
const keepOn = async (): Promise<void> => {
  while (kills < wanted) {
    const seed = next++
    const report = await run({
      seed,
      targets,
      speed,
      keep: values.replay !== undefined,
      ...(sabotage === undefined ? {} : { sabotage }),
    })
    runs.push(report)
    kills += killsIn(report)
    const { problems, seconds } = report
    console.log(
      `seed ${seed}: ${killsIn(report)} kills, ${seconds.toFixed(1)} s${problems.length === 0 ? '' : ', NOT AS IT SHOULD BE'}`,
    )
    for (const problem of problems) console.log(`  ${problem}`)
  }
}
await Promise.all(Array.from({ length: values.replay === undefined ? Number(values.beside) : 1 }, keepOn))

console.log(
  `\n${summary(
    runs,
    targets.map(({ name }) => name),
  )}`,
)
const missed = unhit(runs)
if (missed.length > 0) {
  console.log(`\nnobody was killed at: ${missed.join(', ')}`)
  // So many runs come by each place more than once.
  if (runs.length >= 12 && values.only === undefined) process.exitCode = 1
}
const bad = runs.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed)
const seconds = Math.round((performance.now() - startedAt) / 1_000)
console.log(
  `\n${kills} kills over ${runs.length} seeds in ${seconds} s: ${bad.length === 0 ? 'nothing lost, nothing doubled' : `seeds ${bad.join(', ')} failed; replay one with --replay <seed>`}`,
)
if (bad.length > 0) process.exitCode = 1
