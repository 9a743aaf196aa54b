// Runs what the pages and the examples tell people to type, and builds the project of each page that makes one:
//   pnpm docs:check
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { ROOT } from './pages.ts'
import { checkProjects } from './projects.ts'
import { readRuns } from './runs.ts'

const MINUTES_MS = 60_000
const TIMEOUT_MS = 15 * MINUTES_MS

/** Nothing of a person's own: no credentials, and no scripts before or after (the bootstrap was run before this). */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(HOME|TMPDIR|CI|npm_config_\w+)$/i.test(name)),
  ),
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
  NO_COLOR: '1',
  npm_config_ignore_scripts: 'true',
}

/** A script is the same with npm, which every machine has. */
const withNpm = (command: string): string => command.replace(/^pnpm (?!exec|run)/, 'npm run ')

const execute = (command: string): Promise<Readonly<{ code: number; said: string }>> =>
  new Promise(resolve => {
    const child = spawn(withNpm(command), { cwd: ROOT, env, shell: true, timeout: TIMEOUT_MS })
    let said = ''
    const hear = (part: Buffer): void => {
      said += part.toString('utf8')
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', error => resolve({ code: 1, said: error.message }))
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, said: signal === null ? said : `${said}\nended by ${signal}` }),
    )
  })

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { run, left, problems } = readRuns()
const wrong = [...problems]
for (const { command, place } of run) {
  const startedAt = performance.now()
  const { code, said } = await execute(command)
  say(
    `${code === 0 ? 'ran' : 'FAILED'}  ${command}  (${place}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
  )
  if (code !== 0) wrong.push(`${place}: ${command} ended with ${code}:\n${said.slice(-3_000)}`)
}
for (const each of left) say(`left out  ${each}`)
for (const { name, problem } of await checkProjects()) {
  say(`${problem === undefined ? 'built' : 'FAILED'}  ${name}`)
  if (problem !== undefined) wrong.push(`${name}:\n${problem}`)
}
for (const each of wrong) process.stderr.write(`${each}\n`)
process.exitCode = wrong.length === 0 ? 0 : 1
