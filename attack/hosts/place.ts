import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostName } from '@sessionwire/hosts'
import { type HostileLinear, hostileLinear } from '@sessionwire/linear/testing'
import { type HostileSlack, hostileSlack } from '@sessionwire/slack/testing'
import { type Driver, prepare } from './drive.ts'
import { binOf } from './isolate.ts'
import { type FakeModel, type Scripts, startModel } from './model.ts'
import { type Ended, run } from './run.ts'

/** The command as it is published. */
const COMMAND = join(import.meta.dirname, '../../packages/cli/dist/main.js')
const BRANCH = 'feature/BIL-212-lock'

/** A person's home with one repository on the branch of an issue, a host in it, a model and the services of a team. */
export type HostPlace = Readonly<{
  home: string
  work: string
  data: string
  env: NodeJS.ProcessEnv
  model: FakeModel
  linear: HostileLinear
  slack: HostileSlack
  /** Runs the host with a prompt to its end. */
  host: (words: readonly string[]) => Promise<Ended>
  /** Runs our command; `laterMs`: by a clock that is so far ahead. */
  sessionwire: (words: readonly string[], laterMs?: number) => Promise<Ended>
  /** Every file that we wrote, one after the other. */
  readFiles: () => string
  /** Ends all, and removes the home unless it is to be kept. */
  close: (keep: boolean) => Promise<void>
}>

/** Makes a place. Nothing is installed or configured in it; the branch is that of BIL-212. */
export const makePlace = async (
  host: HostName,
  driver: Driver,
  scripts: (work: string) => Scripts,
): Promise<HostPlace> => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), `sw-${host}-`)))
  const [work, data] = [join(home, 'repo'), join(home, 'data')]
  mkdirSync(work)
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin/sessionwire'), `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`, {
    mode: 0o755,
  })
  spawnSync('git', ['init', '-q', '-b', BRANCH, work])
  const model = await startModel(scripts(work))
  const [linear, slack] = [await hostileLinear(), await hostileSlack()]
  const env: NodeJS.ProcessEnv = {
    PATH: `${binOf(host)}:${join(home, 'bin')}:${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`,
    ...{ HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1' },
    ...{ SESSIONWIRE_DATA_DIR: data, CANARY_TOKEN: 'canary-environment' },
    ...driver.env({ home, work, url: model.url }),
  }
  prepare(driver, { home, work, url: model.url })
  return {
    ...{ home, work, data, env, model, linear, slack },
    host: words => run(driver.program, words, { cwd: work, env }),
    sessionwire: (words, laterMs) => {
      const ahead = `const now=Date.now;Date.now=()=>now()+${laterMs}`
      const clock = laterMs === undefined ? [] : ['--import', `data:text/javascript,${ahead}`]
      return run(process.execPath, [...clock, COMMAND, ...words], { cwd: work, env })
    },
    readFiles: () =>
      [data, join(work, '.sessionwire')]
        .filter(each => existsSync(each))
        .flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }))
        .filter(each => each.isFile())
        .map(each => readFileSync(join(each.parentPath, each.name), 'latin1'))
        .join('\n'),
    close: async keep => {
      model.close()
      await Promise.all([linear.close(), slack.close()])
      if (!keep) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Configures the hostile services in the repository, as a person does. */
export const configure = async (
  { work, linear, slack, sessionwire }: HostPlace,
  mode: 'execute' | 'preview' = 'execute',
): Promise<Ended> => {
  const adapters = {
    linear: { teamId: 'BIL', baseUrl: linear.url, mode },
    slack: { channel: 'C0123456789', baseUrl: slack.api, mode },
  }
  writeFileSync(
    join(work, 'sessionwire.config.json'),
    JSON.stringify({ project: 'repo', user: 'Ada', adapters }),
  )
  writeFileSync(join(work, '.env'), `LINEAR_API_KEY=lin_api_test\nSLACK_BOT_TOKEN=${slack.token}\n`)
  return sessionwire(['trust'])
}

/** Longest wait for an ingest that a hook started, ms: it may deliver meanwhile. */
const BUSY_MS = 600_000

/** Reads all that the hooks wrote, behind the processes that they started; answers how many events that were. */
export const ingestAll = async ({ sessionwire }: HostPlace, laterMs?: number): Promise<number> => {
  const until = performance.now() + BUSY_MS
  for (;;) {
    const { printed, said } = await sessionwire(['ingest', '--json'], laterMs)
    if (!printed.startsWith('{')) throw new Error(`sessionwire ingest: ${said}`)
    const { ran, events } = JSON.parse(printed) as { ran: boolean; events: number }
    if (ran) return events
    if (performance.now() > until) throw new Error('another ingest is at work and does not end')
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}
