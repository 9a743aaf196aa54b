// Measures the start of the command against a Node that does nothing: whole processes, in pairs, medians.
//   node bench/cli.ts [pairs]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, median } from './measure.ts'

const PAIRS = Number(process.argv[2] ?? 31)
const folder = mkdtempSync(join(tmpdir(), 'cli-bench-'))
const main = join(import.meta.dirname, '../packages/cli/dist/main.js')
const empty = join(folder, 'empty.mjs')
writeFileSync(empty, '')
const [home, work] = [join(folder, 'home'), join(folder, 'work')]
mkdirSync(home)
mkdirSync(work)

const time = (words: readonly string[]): number => {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, words, {
    cwd: work,
    env: { HOME: home, PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${words.join(' ')}: ended with ${status}\n${stderr}`)
  return performance.now() - started
}

const cases: readonly (readonly [name: string, limit: number, words: readonly string[]])[] = [
  ['--help', 2, ['--help']],
  ['status', 4, ['status']],
  ['update', 5, ['update', 'A step', '40']],
]

let missed = 0
try {
  time([main, 'start', 'Measure'])
  process.stdout.write(`${machine()}\n`)
  for (const [name, limit, words] of cases) {
    time([main, ...words])
    const bare: number[] = []
    const ours: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      bare.push(time([empty]))
      ours.push(time([main, ...words]))
    }
    const ratio = median(ours.map((value, place) => value / (bare[place] ?? Number.NaN)))
    if (ratio > limit) missed++
    process.stdout.write(
      `${name}: ${ratio.toFixed(2)} times a bare start (at most ${limit}); ${median(ours).toFixed(0)} ms, bare ${median(bare).toFixed(0)} ms\n`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = missed === 0 ? 0 : 1
