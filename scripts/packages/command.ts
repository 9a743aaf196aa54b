import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Project } from './project.ts'
import { run } from './workspace.ts'

type Step = readonly [words: readonly string[], code: number, said: RegExp]

const STEPS: readonly Step[] = [
  [['--version'], 0, /^\d+\.\d+\.\d+$/m],
  [['--help'], 0, /sessionwire <command>/],
  [['update', 'x'], 1, /NO_SESSION/],
  [['start', 'Stop double charging'], 0, /^Started: Stop double charging/],
  [['update', 'Found the race', '40', '--json'], 0, /"recorded": true/],
  [['status'], 0, /active, 40 %/],
  [['doctor'], 0, /ok {7}store/],
  [['config', '--schema'], 0, /json-schema\.org/],
  [['install', 'claude'], 0, /The hook was run once and works/],
]

/** Runs the command as people do who have only installed it, with a home of their own. */
export const commandProblems = async ({ folder }: Project): Promise<readonly string[]> => {
  const home = join(folder, 'home-of-somebody')
  const cwd = join(folder, 'work')
  mkdirSync(home, { recursive: true })
  mkdirSync(cwd, { recursive: true })
  const problems: string[] = []
  for (const [words, code, said] of STEPS) {
    const ended = await run('env', [`HOME=${home}`, 'npx', '--no-install', 'sessionwire', ...words], cwd)
    if (ended.code !== code || !said.test(ended.both))
      problems.push(
        `npx sessionwire ${words.join(' ')}: ended with ${ended.code}, and not ${code}\n${ended.both}`,
      )
  }
  if (readdirSync(cwd).length > 0)
    problems.push(`it left ${readdirSync(cwd).join(', ')} in a folder that was never set up`)
  return problems
}

/** Runs the command on another Node of this machine, which may be too old: then it has to say so in words. */
export const otherNodeProblems = async ({ folder }: Project, node: string): Promise<readonly string[]> => {
  const main = join(folder, 'node_modules/sessionwire/dist/main.js')
  const { out: version } = await run(node, ['--version'], folder)
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const isOld = major < 22 || (major === 22 && minor < 18)
  const ended = await run('env', [`HOME=${dirname(main)}`, node, main, '--version'], folder)
  const asJson = await run('env', [`HOME=${dirname(main)}`, node, main, 'status', '--json'], folder)
  const isFine = isOld
    ? ended.code === 3 &&
      /is too old; expected 22\.18 or newer/.test(ended.errors) &&
      /"code": "CONFIG"/.test(asJson.out)
    : ended.code === 0
  return isFine ? [] : [`Node ${version.trim()}: ended with ${ended.code}\n${ended.both}`]
}
