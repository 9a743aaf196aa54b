import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hostileSlack } from '@sessionwire/slack/testing'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { RUNS_ALL, sample } from '../../../test/sample.ts'
import { type Built, buildCommand, makePlace, type Place, runChild } from './stage.ts'

let built: Built
let place: Place
beforeAll(() => {
  built = buildCommand()
  built.addAdapter('slack')
})
beforeEach(() => {
  place = makePlace(built.main, { here: !RUNS_ALL })
})
afterEach(() => {
  place.remove()
})

type Status = Readonly<{
  session: { title: string; updates: { description: string }[]; project: string; by: string } | null
}>

const git = (cwd: string, ...words: readonly string[]): void => {
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
    cwd,
    stdio: 'ignore',
  })
}

const hostile: readonly (readonly [name: string, text: string])[] = [
  ['a dash', '-x is broken'],
  ['an option', '--json is broken'],
  ['a terminator', '-- is broken'],
  ['line feeds', 'first\n\nsecond\r\nthird'],
  ['escape sequences', '\u001b]0;title\u0007\u001b[2J\u009b31mred'],
  ['a reversal', 'abc\u202edcba\u2066x'],
  ['quotes of a shell', `'; rm -rf ~; echo "$(id)" \`id\` %s {} \\`],
  ['markup', '</script><script>alert(1)</script> ```\n# x <!here>'],
  ['100 KiB', 'x'.repeat(100_000)],
  ['one emoji', '👩‍👩‍👧‍👦'],
]

describe('a text', () => {
  test.for(sample(hostile, 4))('with %s stays a text', async ([, text]) => {
    await place.json(['start', '--', text])
    await place.json(['update', '--', text])
    await place.json(['decide', '--why', text, '--', text])
    await place.json(['block', '--', text])
    const found = await place.json<{ session: { blockers: { description: string }[] } }>(['show'])
    const [blocker] = found.session.blockers
    // Core cuts at 64 KiB and keeps all else.
    expect(text.startsWith((blocker?.description ?? '').slice(0, 60_000).replace(/\s*…$/, ''))).toBe(true)
    const shown = await place.run(['show'])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(shown.out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2066]/)
  })

  test('from standard input may hold anything', async () => {
    await place.json(['start', 'x'])
    await place.json(['update', '-'], { input: 'a\u0000b\n--json\n' })
    const { session } = await place.json<Status>(['status'])
    expect(session?.updates.map(({ description }) => description)).toEqual([
      expect.stringContaining('--json'),
    ])
  })

  test('that begins with a dash and has no white space needs --', async () => {
    await place.json(['start', 'x'])
    const { code, err } = await place.run(['update', '--nonsense'])
    expect([code, err]).toEqual([64, expect.stringContaining('goes behind --')])
    expect((await place.run(['update', '--', '--nonsense'])).code).toBe(0)
  })
})

describe.runIf(RUNS_ALL)('the output', () => {
  test.for([{}, { CI: '1' }, { NO_COLOR: '1', FORCE_COLOR: '1' }, { TERM: 'dumb' }])(
    'has no colour without a terminal: %j',
    async env => {
      await place.run(['start', 'x'], { env })
      for (const words of [
        ['status'],
        ['--help'],
        ['help', 'update'],
        ['doctor'],
        ['nonsense'],
        ['update'],
      ]) {
        const { out, err } = await place.run(words, { env })
        expect(out + err).not.toContain('\u001b')
      }
    },
  )

  test('has colours on a terminal, where somebody can be asked', async () => {
    const words = `${process.execPath} ${built.main} start x >/dev/null; ${process.execPath} ${built.main} status; ${process.execPath} ${built.main} sessions`
    const { stdout, status } = spawnSync('script', ['-qec', words, '/dev/null'], {
      cwd: place.folder,
      env: { HOME: place.home, PATH: process.env.PATH, TERM: 'xterm-256color' },
      encoding: 'utf8',
    })
    if (status === null) return
    expect(stdout).toContain('\u001b[')
  })

  test('asks nothing without a terminal', async () => {
    const { code } = await place.run(['init'], { env: { SLACK_BOT_TOKEN: 'xoxb-0123456789' } })
    expect(code).toBe(0)
    expect(JSON.parse(readFileSync(join(place.folder, 'sessionwire.config.json'), 'utf8'))).toMatchObject({
      project: 'work',
      adapters: { slack: { mode: 'preview' } },
    })
  })

  test('may be closed by its reader', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" "${built.main}" --help | head -1; exit \${PIPESTATUS[0]}`],
      {
        cwd: place.folder,
        env: { HOME: place.home, PATH: process.env.PATH },
        encoding: 'utf8',
      },
    )
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('a folder', () => {
  test('below a repository shares its sessions, and a work tree has its own', async () => {
    git(place.folder, 'init', '-q')
    git(place.folder, 'commit', '-q', '--allow-empty', '-m', 'x')
    const inner = join(place.folder, 'a/b')
    mkdirSync(inner, { recursive: true })
    await place.json(['start', 'In the repository'])
    await place.json(['update', 'From below'], { cwd: inner })
    const { session } = await place.json<Status>(['status'], { cwd: inner })
    expect(session?.updates.map(({ description }) => description)).toEqual(['From below'])
    const tree = join(place.home, 'tree')
    git(place.folder, 'worktree', 'add', '-q', '-b', 'feature/BIL-212-x', tree)
    expect((await place.json<Status>(['status'], { cwd: tree })).session).toBe(null)
    await place.json(['start', 'In the work tree'], { cwd: tree })
    expect((await place.json<Status>(['status'], { cwd: tree })).session?.title).toBe('In the work tree')
    expect((await place.json<Status>(['status'])).session?.title).toBe('In the repository')
  })

  test.runIf(process.getuid?.() === 0)(
    'in a home that cannot be written works where the workspace can',
    async () => {
      place.write('sessionwire.config.json', '{"project":"billing"}')
      await place.json(['trust'])
      chmodSync(place.home, 0o555)
      chmodSync(place.folder, 0o777)
      // The superuser may write everywhere, so somebody else runs it.
      for (const folder of [
        place.home,
        join(place.home, '.local'),
        join(place.home, '.local/share'),
        place.data,
      ])
        if (existsSync(folder)) chmodSync(folder, 0o555)
      chmodSync(dirname(place.home), 0o755)
      const asNobody = (words: readonly string[]) =>
        runChild(
          'setpriv',
          ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, built.main, ...words],
          {
            cwd: place.folder,
            env: {
              HOME: place.home,
              PATH: process.env.PATH ?? '',
              SESSIONWIRE_STORE: join(place.folder, 'own/sessions.db'),
            },
          },
        )
      const started = await asNobody(['start', 'Read only', '--json'])
      expect([started.code, JSON.parse(started.out).recorded]).toEqual([0, true])
      const without = await runChild(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, built.main, 'start', 'x'],
        { cwd: place.folder, env: { HOME: place.home, PATH: process.env.PATH ?? '' } },
      )
      expect([without.code, without.err]).toEqual([3, expect.stringContaining('SESSIONWIRE_DATA_DIR')])
      chmodSync(place.home, 0o755)
    },
  )

  test('whose configuration is named in the environment of MSP is used', async () => {
    const file = join(place.home, 'msp.json')
    writeFileSync(file, '{"user":"from the file","project":"from the file"}')
    const env = { MSP_CONFIG_PATH: file, MSP_PROJECT: 'billing', MSP_STATE_DIR: join(place.home, 'state') }
    const { values, store } = await place.json<{
      values: { path: string; value: string; layer: string; where: string }[]
      store: string
    }>(['config'], { env })
    const of = (path: string) => values.find(each => each.path === path)
    expect(of('project')).toEqual({
      path: 'project',
      value: 'billing',
      layer: 'environment',
      where: 'MSP_PROJECT',
    })
    expect(of('user')).toMatchObject({ value: 'from the file', layer: 'project' })
    expect(store).toBe(join(place.home, 'state/sessions.db'))
  })

  test('with a configuration in TypeScript is used once it is trusted', async () => {
    place.write('name.ts', 'export const project: string = "typed"\n')
    place.write('sessionwire.config.ts', 'import { project } from "./name.ts"\nexport default { project }\n')
    await place.json(['trust'])
    await place.json(['start', 'x'])
    expect((await place.json<Status>(['status'])).session?.project).toBe('typed')
  })
})

describe('the current session', () => {
  test('is the one named, of the host, or the newest', async () => {
    const { session: first } = await place.json<{ session: { id: string } }>(['start', 'First'])
    const { session: second } = await place.json<{ session: { id: string } }>(['start', 'Second'])
    const by = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      const { session } = await place.json<{ session: { id: string; by: string } }>(['status', ...words], {
        env,
      })
      return [session.id, session.by]
    }
    expect(await by([])).toEqual([second.id, 'newest'])
    expect(await by(['--session', first.id.slice(-8)])).toEqual([first.id, 'flag'])
    expect(await by([], { SESSIONWIRE_SESSION: first.id })).toEqual([first.id, 'environment'])
    // A host's session that the store does not know yet is not made up.
    expect(await by([], { CLAUDE_CODE_SESSION_ID: 'unknown' })).toEqual([second.id, 'newest'])
  })

  test('is that of the host whose hook began it', async () => {
    const env = { CLAUDE_PROJECT_DIR: place.folder, CLAUDE_CODE_SESSION_ID: 'host-1' }
    const payload = (event: string, more: object = {}) =>
      JSON.stringify({ session_id: 'host-1', hook_event_name: event, cwd: place.folder, ...more })
    await place.run(['hook', 'claude'], { env, input: payload('SessionStart', { source: 'startup' }) })
    await place.run(['hook', 'claude'], { env, input: payload('UserPromptSubmit', { prompt: 'Fix it' }) })
    await place.json(['start', 'By hand'])
    const recorded = await place.json<{ session: { by: string; id: string } }>(
      ['decide', 'Lock per invoice'],
      { env },
    )
    expect(recorded.session.by).toBe('host')
    const { session } = await place.json<{ session: { decisions: { content: string }[]; agent: string } }>([
      'show',
      recorded.session.id,
    ])
    expect([session.agent, session.decisions.map(({ content }) => content)]).toEqual([
      'Claude Code',
      ['Lock per invoice'],
    ])
  })
})

describe.runIf(RUNS_ALL)('an agent host', () => {
  test('is captured after install by its hook alone, and not where capture is off', async () => {
    await place.json(['install', 'claude'])
    const hook = join(place.data, 'bin/hook.cjs')
    const call = (session: string, event: string, more: object = {}) =>
      runChild(process.execPath, [hook, 'claude'], {
        env: { HOME: place.home, PATH: process.env.PATH ?? '', CLAUDE_PROJECT_DIR: place.folder },
        input: JSON.stringify({ session_id: session, hook_event_name: event, cwd: place.folder, ...more }),
      })
    await call('s1', 'SessionStart', { source: 'startup' })
    await call('s1', 'UserPromptSubmit', { prompt: 'Fix it with the password hunter2' })
    const ended = await call('s1', 'SessionEnd', { reason: 'other' })
    expect(ended).toEqual({ code: 0, out: '', err: '' })
    // The process that the hook started has read the spool; no command of ours did.
    const position = join(place.data, 'spool/claude/s1.pos')
    await vi.waitFor(() => expect(existsSync(position)).toBe(true), { timeout: 300_000, interval: 100 })
    await vi.waitFor(
      async () => {
        const { sessions } = await place.json<{ sessions: { status: string; agent: string }[] }>(['sessions'])
        expect(sessions).toEqual([expect.objectContaining({ status: 'left', agent: 'Claude Code' })])
      },
      { timeout: 300_000, interval: 500 },
    )
    // What a person records reaches the next start of the host.
    await place.json(['start', 'By hand'])
    await place.json(['decide', 'Lock per invoice'])
    const noted = await call('s3', 'SessionStart', { source: 'startup' })
    expect(noted.out).toContain('Lock per invoice')
    await place.json(['off'])
    await call('s2', 'SessionStart', { source: 'startup' })
    expect(existsSync(join(place.data, 'spool/claude/s2.jsonl'))).toBe(false)
    await place.json(['on'])
    await place.json(['uninstall', 'claude'])
    expect(existsSync(join(place.home, '.claude/settings.json'))).toBe(false)
  })
})

describe.runIf(RUNS_ALL)('what is not delivered in time', () => {
  test('goes out in the background, by a process that ends by itself', async () => {
    const slack = await hostileSlack()
    try {
      const env = { SLACK_BOT_TOKEN: slack.token }
      place.write(
        'sessionwire.config.json',
        JSON.stringify({ adapters: { slack: { channel: 'C0123456789', baseUrl: slack.api } } }),
      )
      await place.json(['trust'])
      const { delivery } = await place.json<{ delivery: { open: number; background: boolean } }>(
        ['start', 'x', '--wait', '1ms'],
        { env },
      )
      expect([delivery.open > 0, delivery.background]).toEqual([true, true])
      await vi.waitFor(() => expect(slack.roots()).toHaveLength(1), { timeout: 300_000, interval: 100 })
      const running = () =>
        execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
          .split('\n')
          .filter(line => line.includes(place.folder) && line.includes('--background'))
      await vi.waitFor(() => expect(running()).toEqual([]), { timeout: 300_000, interval: 200 })
      expect(slack.countDoubled()).toBe(0)
      const quiet = await place.json<{ delivery: { open: number; background: boolean } }>(
        ['update', 'y', '--no-deliver'],
        { env },
      )
      expect([quiet.delivery.open > 0, quiet.delivery.background]).toEqual([true, false])
    } finally {
      await slack.close()
    }
  })
})

test.skipIf(process.platform === 'win32')(
  'doctor gives a command that a shell takes, whatever the folder is called',
  async () => {
    const data = join(place.home, "it's $HOME")
    mkdirSync(data)
    chmodSync(data, 0o755)
    const { out } = await place.run(['doctor'], { env: { SESSIONWIRE_DATA_DIR: data } })
    const command = /Run: (chmod 700 .*)/.exec(out)?.[1] ?? ''
    execFileSync('/bin/sh', ['-c', command])
    expect(statSync(data).mode & 0o777).toBe(0o700)
  },
)
