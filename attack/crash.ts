// Kills recording and delivering processes at named places and at random, and compares what the services did with what
// was recorded.
//   pnpm crash [--kills 100] [--seed 1] [--only jira,slack] [--parallel 2]
//   … --replay 17 [--deaths …]    one seed again, with the deaths that were dealt to it; its database is kept when it fails
//   scripts/postgres-server pnpm crash --postgres [--recorders 4] [--workers 4]     on PostgreSQL, several processes at once
//   … --kills 2000 --share 10     a long run: each place has so many of the kills at least (2, where it is left out)
//   … --sabotage forget-begin     puts a defect in, which must be found
// The places are dealt out before any death is left to chance: a run of 100 kills or more goes on until each place has
// its share, and fails where one cannot be reached.
// A seed and its dealt deaths fix what is recorded, where each process dies and how services fail; how two processes
// interleave they do not.
import { parseArgs } from 'node:util'
import { createPlan, formatDealt, parseDealt, repeat } from './crash/plan.ts'
import { killsIn, summary } from './crash/report.ts'
import { type RunReport, run } from './crash/run.ts'
import { SABOTAGES } from './crash/sabotage.ts'
import { isLong, steps } from './crash/script.ts'
import { KILLED, targetOf } from './targets.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    share: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    speed: { type: 'string', default: '600' },
    parallel: { type: 'string', default: '2' },
    replay: { type: 'string' },
    deaths: { type: 'string', default: '' },
    sabotage: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    recorders: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
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
/** Which places can be reached at all, only many kills of every adapter show. */
const mustCover = wanted >= 100 && values.only === undefined
const url = values.postgres ? process.env.TEST_POSTGRES_URL : undefined
if (values.postgres && url === undefined)
  throw new Error('--postgres: set TEST_POSTGRES_URL, or run scripts/postgres-server pnpm crash --postgres.')
const share = Number(values.share)
const plan = createPlan(share, url === undefined ? 'file' : 'postgres')
const repeated = parseDealt(values.deaths)

/** Runs seed after seed until there were enough kills. */
const keepOn = async (): Promise<void> => {
  while (kills < wanted || (mustCover && plan.isOpen())) {
    const seed = next++
    const report = await run({
      seed,
      targets,
      speed,
      dealer: values.replay === undefined ? plan.begin(isLong(steps(seed))) : repeat(repeated),
      keep: values.replay !== undefined,
      ...(sabotage === undefined ? {} : { sabotage }),
      ...(url === undefined ? {} : { url }),
      recorders: Number(values.recorders),
      workers: Number(values.workers),
    })
    runs.push(report)
    kills += killsIn(report)
    const { dealt, problems, seconds } = report
    console.log(
      `seed ${seed}: ${killsIn(report)} kills, ${seconds.toFixed(1)} s${problems.length === 0 ? '' : ', NOT AS IT SHOULD BE'}`,
    )
    for (const problem of problems) console.log(`  ${problem}`)
    if (problems.length > 0 && values.replay === undefined)
      console.log(`  again: --replay ${seed} --deaths '${formatDealt(dealt)}'`)
  }
}
await Promise.all(Array.from({ length: values.replay === undefined ? Number(values.parallel) : 1 }, keepOn))

console.log(
  `\n${summary(
    runs,
    targets.map(({ name }) => name),
  )}`,
)
if (mustCover)
  for (const [place, times] of plan.listOwed()) {
    console.log(`\n${place}: killed ${times} times; expected ${share}`)
    process.exitCode = 1
  }
const bad = runs.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed)
const seconds = Math.round((performance.now() - startedAt) / 1_000)
console.log(
  `\n${kills} kills over ${runs.length} seeds in ${seconds} s: ${bad.length === 0 ? 'nothing lost, nothing doubled' : `seeds ${bad.join(', ')} failed; each says how to repeat it`}`,
)
if (bad.length > 0) process.exitCode = 1
