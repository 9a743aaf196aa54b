// Real hosts, without a way out of this machine, against a model that answers by a script, with our hooks installed:
//   pnpm hosts [claude codex gemini copilot]
//   pnpm hosts --latest           … their newest versions, not those that were tried last
// They are installed from npm into the folder SESSIONWIRE_HOSTS, default one below the system's folder for temporary files.
// Linux alone: each run has a network of its own, in which only this machine's own address exists.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { type HostName, ingest, install, listSpool, uninstall } from '@sessionwire/hosts'
import { slack } from '@sessionwire/slack'
import { DRIVERS, type Driver, prepare, scriptsOf } from './hosts/drive.ts'
import { startModel } from './hosts/model.ts'

const folder = process.env.SESSIONWIRE_HOSTS ?? join(tmpdir(), 'sessionwire-hosts')
const isLatest = process.argv.includes('--latest')
const LIMIT_MS = 150_000
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Installs a host from npm, if it is not there. */
const obtain = (host: HostName, { package: name, program }: Driver): boolean => {
  const at = join(folder, host)
  if (existsSync(join(at, 'node_modules/.bin', program))) return true
  mkdirSync(at, { recursive: true })
  const words = ['install', '--no-audit', '--no-fund', isLatest ? name.replace(/@[\d.]+$/, '@latest') : name]
  return spawnSync('npm', words, { cwd: at, stdio: 'inherit' }).status === 0
}

type Run = Readonly<{ cwd: string; env: NodeJS.ProcessEnv; killAfterMs?: number }>

const run = (program: string, words: readonly string[], { cwd, env, killAfterMs }: Run) =>
  new Promise<Readonly<{ code: number | null; said: string }>>(resolve => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', piece => {
        said += piece
      })
    const end = () => {
      // The whole group: some programs only start the one that works.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    }
    const timer = setTimeout(end, killAfterMs ?? LIMIT_MS)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, said })
    })
  })

/** One host's story; answers what is wrong with it. */
const tell = async (host: HostName, driver: Driver): Promise<readonly string[]> => {
  const home = mkdtempSync(join(tmpdir(), `sw-${host}-`))
  const [work, data] = [join(home, 'repo'), join(home, 'data')]
  mkdirSync(work)
  spawnSync('git', ['init', '-q', '-b', 'feature/BIL-212-lock', work])
  const model = await startModel(scriptsOf(driver, work))
  const env = {
    PATH: `${join(folder, host, 'node_modules/.bin')}:${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`,
    ...{
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      SESSIONWIRE_DATA_DIR: data,
      CANARY_TOKEN: 'canary-environment',
    },
    ...driver.env({ home, work, url: model.url }),
  }
  const wrong: string[] = []
  const expect = (holds: boolean, text: string) => {
    if (!holds) wrong.push(text)
  }
  prepare(driver, { home, work, url: model.url })
  const options = { host, data, cwd: work, env }
  const { works, file } = install(options)
  expect(works === true, 'the registered line did not arrive')
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false, store: sqliteStore(join(data, 'sessions.db')) },
    adapters: [slack({ channel: 'C0123456789', mode: 'preview' })],
  })
  const record = (later = 0) =>
    ingest({
      data,
      now: () => Date.now() + later,
      open: async () => ({ tracker, project: 'repo', user: 'Ada' }),
    })
  try {
    const first = await run(driver.program, driver.words('canary-prompt [[story]]', false), {
      cwd: work,
      env,
    })
    expect(first.code === 0, `the first run ended with ${first.code}: ${first.said.slice(-400)}`)
    const one = await record()
    expect(one.refused + one.unreadable === 0 && one.complete, `ingest: ${JSON.stringify(one)}`)
    const asked = model.requests.length
    const second = await run(driver.program, driver.words('go on [[hello]]', true), { cwd: work, env })
    expect(second.code === 0, `the second run ended with ${second.code}: ${second.said.slice(-400)}`)
    expect(
      model.requests.slice(asked).some(text => text.includes('--- notes ')),
      'the notes did not reach the model',
    )
    await run(driver.program, driver.words('sleep [[long]]', false), { cwd: work, env, killAfterMs: 14_000 })
    await record()
    expect((await record()).events === 0, 'a second ingest recorded something')

    const roots = (await tracker.sessions({ project: 'repo' })).filter(each => each.parentId === undefined)
    expect(roots.length === 2, `${roots.length} sessions instead of 2`)
    const [killed, told] = roots
    if (killed === undefined || told === undefined) return wrong
    const story = await tracker.session(told.id).load()
    expect(story.status === 'left', `the session is ${story.status}`)
    expect(story.title === 'feature/BIL-212-lock', `the title is ${story.title}`)
    const names = story.entities.map(({ type, name }) => (type === 'commit' ? type : name))
    expect(names.join() === 'a.txt,commit', `entities: ${names.join()}`)
    const commits = story.updates.filter(({ description }) =>
      /^Commit [0-9a-f]+: Lock per invoice$/.test(description),
    )
    expect(commits.length === 1, `${commits.length} updates of the commit`)
    expect(
      driver.progress === undefined || story.progress === driver.progress,
      `progress is ${story.progress}`,
    )
    const { messages } = await tracker.messages({ sessionId: told.id })
    const prompts = messages.filter(({ role }) => role === 'user').map(({ content }) => content)
    expect(
      prompts.reverse().join('|') === 'canary-prompt [[story]]|go on [[hello]]',
      `prompts: ${prompts.join('|')}`,
    )
    expect(
      (await tracker.session(killed.id).load()).status === 'active',
      'the killed session is not active yet',
    )
    await record(18_000_000)
    expect(
      (await tracker.session(killed.id).load()).status === 'left',
      'the killed session did not end when it was idle',
    )

    const cards = JSON.stringify(await tracker.preview(told.id))
    expect(
      cards.includes('Lock per invoice') && cards.includes('BIL-212'),
      'the card does not tell the story',
    )
    expect(!cards.includes('canary'), 'words of prompts, plans or answers would leave')
    const spool = listSpool(data)
      .map(({ path }) => readFileSync(path, 'utf8'))
      .join('')
    expect(!spool.includes('canary-environment'), 'the environment is in the spool')
    const log = join(data, 'hook-errors.log')
    expect(!existsSync(log), `errors: ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`)
    uninstall(options)
    expect(
      !existsSync(file) || !readFileSync(file, 'utf8').includes('hook.cjs'),
      'the hooks are still registered',
    )
  } finally {
    await tracker.close()
    model.close()
    if (wrong.length === 0) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    else say(`  kept: ${home} (${readdirSync(home).join(', ')})`)
  }
  return wrong
}

const named = process.argv.slice(2).filter(each => !each.startsWith('-'))
const hosts = (named.length > 0 ? named : Object.keys(DRIVERS)) as readonly HostName[]
if (process.env.SESSIONWIRE_INSIDE === undefined) {
  const there = hosts.filter(host => {
    const driver = DRIVERS[host]
    return driver !== undefined && obtain(host, driver)
  })
  say(`hosts: ${there.join(', ')}`)
  const words = [
    '-n',
    '-r',
    '-p',
    '-f',
    '--mount-proc',
    '--kill-child',
    'sh',
    '-c',
    'ip link set lo up; exec "$@"',
    'sh',
  ]
  const { status } = spawnSync(
    'unshare',
    [...words, process.execPath, ...process.execArgv, import.meta.filename, ...there],
    { stdio: 'inherit', env: { ...process.env, SESSIONWIRE_INSIDE: '1', SESSIONWIRE_HOSTS: folder } },
  )
  process.exitCode = status ?? 1
} else {
  if (Object.values(networkInterfaces()).some(each => each?.some(({ internal }) => !internal)))
    throw new Error('there is a way out of this network')
  for (const host of hosts) {
    const started = performance.now()
    const wrong = await tell(host, DRIVERS[host] as Driver)
    say(
      `${wrong.length === 0 ? 'ok    ' : 'failed'} ${host} (${((performance.now() - started) / 1_000).toFixed(0)} s)`,
    )
    for (const each of wrong) say(`   ${each}`)
    if (wrong.length > 0) process.exitCode = 1
  }
}
