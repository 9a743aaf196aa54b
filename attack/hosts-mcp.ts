// Real hosts whose models call our tools, without a way out of this machine, against a model that answers by a script:
//   pnpm hosts:mcp [claude] [codex] [gemini] [copilot]
// Our own install registers hooks and server, a person trusts the folder, and the decision must arrive in a hostile Linear.
// The hosts are installed from npm into the folder SESSIONWIRE_HOSTS, as for pnpm hosts. Linux alone.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostName } from '@sessionwire/hosts'
import { hostileLinear } from '@sessionwire/linear/testing'
import { DRIVERS, type Driver, prepare } from './hosts/drive.ts'
import { type Answer, startModel } from './hosts/model.ts'

const folder = process.env.SESSIONWIRE_HOSTS ?? join(tmpdir(), 'sessionwire-hosts')
const MAIN = join(import.meta.dirname, '../packages/cli/src/main.ts')
const COMMAND = [process.execPath, '--conditions=@sessionwire/source', MAIN]
const LIMIT_MS = 150_000
const say = (text: string) => process.stdout.write(`${text}\n`)

const DECISION = { content: 'Lock per invoice', rationale: 'Two webhooks at once', key: 'd1' }

/** How a model of the host names our tools; Claude Code gives their schemas only when it asks for them. */
const NAMES: Readonly<Record<string, (name: string, input: object) => readonly Answer[]>> = {
  claude: (name, input) => [
    { tools: [{ name: 'ToolSearch', input: { query: `select:mcp__sessionwire__${name}`, max_results: 5 } }] },
    { tools: [{ name: `mcp__sessionwire__${name}`, input: { ...input } }] },
  ],
  codex: (name, input) => [{ tools: [{ name, namespace: 'mcp__sessionwire', input: { ...input } }] }],
  gemini: (name, input) => [{ tools: [{ name: `mcp_sessionwire_${name}`, input: { ...input } }] }],
  copilot: (name, input) => [{ tools: [{ name: `sessionwire-${name}`, input: { ...input } }] }],
}

/** Codex asks its model while it still starts the servers: a model that is as quick as ours waits for the tools. */
const FIRST: Readonly<Record<string, readonly Answer[]>> = {
  codex: [{ until: 'mcp__sessionwire', tools: [{ name: 'exec_command', input: { cmd: 'sleep 0.5' } }] }],
}

const storyOf = (host: string): readonly Answer[] => {
  const call = NAMES[host] ?? (() => [])
  return [
    ...(FIRST[host] ?? []),
    ...call('session_start', { goal: 'Stop double charging', key: 's1' }),
    ...call('record_decision', DECISION),
    // A model that is not sure repeats itself.
    ...call('record_decision', DECISION),
    ...call('record_blocker', { description: 'No staging key', severity: 'high' }),
    ...call('session_status', {}),
    { text: 'All done.' },
  ]
}

/** The beginnings of what the tools answered, as the model of either kind of host gets it. */
const toolAnswersIn = (request: string): string =>
  [...request.matchAll(/"(?:function_call_output|tool_result)".{0,300}/g)]
    .map(([found]) => found)
    .join('\n    ')

type Ended = Readonly<{ code: number | null; printed: string; said: string }>

const run = (program: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv) =>
  new Promise<Ended>(resolve => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let printed = ''
    let said = ''
    child.stdout.on('data', piece => {
      printed += piece
      said += piece
    })
    child.stderr.on('data', piece => {
      said += piece
    })
    const timer = setTimeout(() => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    }, LIMIT_MS)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, printed, said })
    })
  })

/** One host's story, as a new user does it; answers what is wrong with it. */
const tell = async (host: HostName, driver: Driver): Promise<readonly string[]> => {
  const home = mkdtempSync(join(tmpdir(), `sw-mcp-${host}-`))
  const work = join(home, 'repo')
  mkdirSync(work)
  spawnSync('git', ['init', '-q', '-b', 'main', work])
  const linear = await hostileLinear()
  const model = await startModel({ story: storyOf(host) })
  const env: NodeJS.ProcessEnv = {
    PATH: `${join(folder, host, 'node_modules/.bin')}:${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`,
    ...{ HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', SESSIONWIRE_DATA_DIR: join(home, 'data') },
    ...driver.env({ home, work, url: model.url }),
  }
  const wrong: string[] = []
  const expect = (holds: boolean, text: string) => {
    if (!holds) wrong.push(text)
  }
  const sessionwire = async (...words: readonly string[]): Promise<string> => {
    const [program = '', ...first] = COMMAND
    const { code, printed, said } = await run(program, [...first, ...words], work, env)
    expect(code === 0, `sessionwire ${words.join(' ')} ended with ${code}: ${said.slice(-400)}`)
    return printed
  }
  try {
    prepare(driver, { home, work, url: model.url })
    const adapters = { linear: { teamId: 'BIL', baseUrl: linear.url } }
    writeFileSync(join(work, 'sessionwire.config.json'), JSON.stringify({ project: 'repo', adapters }))
    writeFileSync(join(work, '.env'), 'LINEAR_API_KEY=lin_api_test\n')
    await sessionwire('trust')
    await sessionwire('install', host)
    const started = performance.now()
    const allowed = host === 'claude' ? ['--allowedTools', 'mcp__sessionwire', 'ToolSearch'] : []
    const words = driver.words('work on it [[story]]', false)
    const ended = await run(driver.program, [...words, ...allowed], work, env)
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    expect(ended.code === 0, `the host ended with ${ended.code}: ${ended.said.slice(-600)}`)
    const answers = model.requests.at(-1) ?? ''
    // One host gives its model the sentences of a result, another the data: both must say it.
    for (const answer of [
      /Recorded the decision|recorded\W+true/,
      /recorded before|repeated\W+true/,
      /No staging key/,
    ])
      expect(answer.test(answers), `the model got no answer with ${answer}: ${toolAnswersIn(answers)}`)
    await sessionwire('drain')
    const { sessions } = JSON.parse(await sessionwire('sessions', '--json')) as {
      sessions: readonly Readonly<{ id: string; title: string }>[]
    }
    if (wrong.length > 0) return wrong
    expect(sessions.length === 1, `${sessions.length} sessions instead of one: ${JSON.stringify(sessions)}`)
    const { session } = JSON.parse(await sessionwire('show', '--json', sessions[0]?.id ?? '')) as {
      session: Readonly<{
        title: string
        decisions: readonly object[]
        metadata: Readonly<Record<string, unknown>>
      }>
    }
    expect(session.title === 'Stop double charging', `the title is ${session.title}`)
    expect(session.decisions.length === 1, `${session.decisions.length} decisions`)
    expect(session.metadata.hostSession !== undefined, 'the decision is not in the session of the host')
    const made = linear.issues().filter(({ title }) => title === 'Stop double charging')
    expect(made.length === 1, `${made.length} issues in Linear`)
    const comments = linear.comments().filter(({ body }) => body.includes(DECISION.content))
    expect(comments.length === 1, `${comments.length} comments with the decision in Linear`)
    const arrived = linear.requests().findIndex(({ raw }) => raw.includes(DECISION.content))
    say(
      `  ${host}: the model's decision is in Linear, ${seconds} s with the host's whole run (request ${arrived})`,
    )
    await sessionwire('uninstall', host)
  } finally {
    model.close()
    await linear.close()
    if (wrong.length === 0) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    else say(`  kept: ${home} (${readdirSync(home).join(', ')})`)
  }
  return wrong
}

const obtain = (host: HostName, { package: name, program }: Driver): boolean => {
  const at = join(folder, host)
  if (existsSync(join(at, 'node_modules/.bin', program))) return true
  mkdirSync(at, { recursive: true })
  const words = ['install', '--no-audit', '--no-fund', name]
  return spawnSync('npm', words, { cwd: at, stdio: 'inherit' }).status === 0
}

const named = process.argv.slice(2).filter(each => !each.startsWith('-'))
const hosts = (named.length > 0 ? named : Object.keys(NAMES)) as readonly HostName[]
if (process.env.SESSIONWIRE_INSIDE === undefined) {
  const there = hosts.filter(host => {
    const driver = DRIVERS[host]
    return driver !== undefined && obtain(host, driver)
  })
  say(`hosts: ${there.join(', ')}`)
  const inside = ['-n', '-r', '-p', '-f', '--mount-proc', '--kill-child', 'sh', '-c']
  const { status } = spawnSync(
    'unshare',
    [
      ...[...inside, 'ip link set lo up; exec "$@"', 'sh'],
      ...[process.execPath, ...process.execArgv, import.meta.filename, ...there],
    ],
    { stdio: 'inherit', env: { ...process.env, SESSIONWIRE_INSIDE: '1', SESSIONWIRE_HOSTS: folder } },
  )
  process.exitCode = status ?? 1
} else {
  if (Object.values(networkInterfaces()).some(each => each?.some(({ internal }) => !internal)))
    throw new Error('there is a way out of this network')
  for (const host of hosts) {
    const wrong = await tell(host, DRIVERS[host] as Driver)
    say(`${wrong.length === 0 ? 'ok    ' : 'failed'} ${host}`)
    for (const each of wrong) say(`  ${each}`)
    if (wrong.length > 0) process.exitCode = 1
  }
}
