import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspace } from '../src/workspace/open.ts'
import { hear, readSpool, useStage } from './stage.ts'

const stage = useStage({ adapters: ['slack'], here: true })

type Installed = Readonly<{ file: string; works: boolean; server: Readonly<{ file: string }> }>
type Doctor = Readonly<{ findings: readonly Readonly<{ about: string; state: string; text: string }>[] }>

const home = (path: string): string => join(stage.place.home, path)
const json = (path: string): Record<string, never> => JSON.parse(readFileSync(home(path), 'utf8'))

/** A transcript whose session began at a time, in the folder of the place. */
const writeTranscript = (session: string, at: number): void => {
  const file = home(`.claude/projects/${stage.place.folder.replace(/[^A-Za-z0-9]/g, '-')}/${session}.jsonl`)
  mkdirSync(dirname(file), { recursive: true })
  const row = { type: 'user', uuid: session, sessionId: session, cwd: stage.place.folder }
  const message = { role: 'user', content: 'Lock it' }
  writeFileSync(file, `${JSON.stringify({ ...row, timestamp: new Date(at).toISOString(), message })}\n`)
  utimesSync(file, at / 1_000, at / 1_000)
}

const about = async (name: string): Promise<readonly string[]> =>
  (await stage.place.json<Doctor>(['doctor'])).findings
    .filter(each => each.about.startsWith(name))
    .map(({ state, text }) => `${state} ${text}`)

/** A path with these programs alone. */
const makePath = (programs: Readonly<Record<string, string>>): Readonly<{ PATH: string }> => {
  const bin = mkdtempSync(join(stage.place.home, 'bin-'))
  for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(bin, name))
  return { PATH: bin }
}

test('install names the server by the path, and doctor says when an upgrade of Node took it away', async () => {
  chmodSync(stage.main, 0o755)
  const env = makePath({ node: process.execPath, sessionwire: stage.main })
  expect(await stage.place.json<Installed>(['install', 'claude'], { env })).toMatchObject({ works: true })
  expect(json('.claude.json')).toEqual({
    mcpServers: { sessionwire: { type: 'stdio', command: 'sessionwire', args: ['mcp'] } },
  })
  const tell = async (now: Readonly<{ PATH: string }>) => {
    // It ends with 3 where it finds an error.
    const { out } = await stage.place.run(['doctor', '--json'], { env: now })
    const { findings } = JSON.parse(out) as {
      findings: readonly (Doctor['findings'][0] & { todo?: string })[]
    }
    return findings
      .filter(each => each.about.startsWith('host claude'))
      .map(({ state, text, todo }) => [state, text, todo])
  }
  expect((await tell(env)).at(-1)?.slice(0, 2)).toEqual([
    'ok',
    `the server is registered in ${home('.claude.json')}`,
  ])
  expect((await tell(makePath({ node: process.execPath }))).at(-1)).toEqual([
    'warning',
    `the server in ${home('.claude.json')} is started by the name sessionwire, which is not on the path`,
    'After an upgrade of Node: npm install --global sessionwire, in the shell that the host starts from. Then run: sessionwire install claude',
  ])
  expect(await tell(makePath({}))).toEqual([
    [
      'error',
      `the hook in ${home('.claude/settings.json')} is started by the name node, which is not on the path`,
      'Put Node on the path of the shell that the host starts from.',
    ],
  ])
})

test('install registers the hook and the server, and uninstall removes both', async () => {
  const env = makePath({ node: process.execPath })
  const done = await stage.place.json<Installed>(['install', 'claude'], { env })
  expect([done.works, done.file, done.server.file]).toEqual([
    true,
    home('.claude/settings.json'),
    home('.claude.json'),
  ])
  expect(json('.claude.json')).toEqual({
    mcpServers: {
      sessionwire: { type: 'stdio', command: 'node', args: [realpathSync(stage.main), 'mcp'] },
    },
  })
  expect(await stage.place.json(['install', 'claude'], { env })).toMatchObject({
    difference: '',
    server: { difference: '' },
  })
  expect(await about('host claude MCP')).toEqual([`ok the server is registered in ${home('.claude.json')}`])
  await stage.place.json(['uninstall', 'claude'])
  expect([existsSync(home('.claude.json')), existsSync(home('.claude/settings.json'))]).toEqual([
    false,
    false,
  ])
})

test('install and uninstall change both files or none', async () => {
  const wrong = (file: string) =>
    `CONFIG: ${file}: not valid JSON at line 1; expected an object. Fix the file; nothing was changed.`
  const server = home('.claude.json')
  writeFileSync(server, '{ "a": ')
  expect((await stage.place.run(['install', 'claude'])).err).toContain(wrong(server))
  expect(existsSync(home('.claude/settings.json'))).toBe(false)
  writeFileSync(server, '{ "a": 1 }\n')
  await stage.place.json(['install', 'claude'])
  const registered = readFileSync(server, 'utf8')
  writeFileSync(home('.claude/settings.json'), '{')
  expect((await stage.place.run(['uninstall', 'claude'])).err).toContain(wrong(home('.claude/settings.json')))
  expect(readFileSync(server, 'utf8')).toBe(registered)
})

test('install --no-mcp registers the hook alone; one file can hold both', async () => {
  await stage.place.json(['install', 'claude', '--no-mcp'])
  expect(existsSync(home('.claude.json'))).toBe(false)
  mkdirSync(home('.gemini'))
  writeFileSync(home('.gemini/settings.json'), '{\n  // mine\n  "model": { "name": "x" }\n}\n')
  const before = readFileSync(home('.gemini/settings.json'), 'utf8')
  const shown = await stage.place.run(['install', 'gemini'])
  expect(shown.out).toMatch(
    /^Registered the hook in .* \(\d+ lines added, 1 removed\)\nRegistered the MCP server in .* \(9 lines added, 0 removed\)\n/,
  )
  expect(readFileSync(home('.gemini/settings.json'), 'utf8')).toContain('"mcpServers"')
  expect(readFileSync(home('.gemini/settings.json'), 'utf8')).toContain('"AfterAgent"')
  await stage.place.json(['uninstall', 'gemini'])
  expect(readFileSync(home('.gemini/settings.json'), 'utf8')).toBe(before)
})

test('status and doctor say when the newest session of a host wrote no line', async () => {
  expect(await stage.place.json(['status'])).toMatchObject({ unheard: [] })
  writeTranscript('before', Date.now() - 60_000)
  await stage.place.json(['install', 'claude'])
  // It began before the hook was there.
  expect(await stage.place.json(['status'])).toMatchObject({ unheard: [] })
  writeTranscript('after', Date.now() + 60_000)
  expect(await stage.place.json(['status'])).toMatchObject({
    unheard: [{ host: 'claude', session: 'after' }],
  })
  expect((await stage.place.run(['status'])).out).toContain(
    'claude: the hook wrote nothing of its newest session (after). Start the host again',
  )
  expect(await about('host claude')).toContainEqual(
    expect.stringMatching(/^warning the session after, begun/),
  )
  const payload = { session_id: 'after', hook_event_name: 'SessionStart', cwd: stage.place.folder }
  await stage.place.run(['hook', 'claude'], { input: JSON.stringify(payload) })
  expect(await stage.place.json(['status'])).toMatchObject({ unheard: [] })
})

test('doctor --timer writes a timer, and finds it', async () => {
  const { timer } = await stage.place.json<{ timer: { files: readonly string[]; start: string } }>([
    'doctor',
    '--timer',
  ])
  if (process.platform === 'linux') expect(timer.files.map(file => existsSync(file))).toEqual([true, true])
  expect((await stage.place.run(['doctor', '--timer'])).out).toContain(`Start it: ${timer.start}`)
})

test('what was captured before a service was configured stays here until a person shows it', async () => {
  const say = (event: string, more: object) => hear(stage.place, 'one', event, more)
  const wrote = (name: string) =>
    say('PostToolUse', {
      ...{ tool_name: 'Write', tool_use_id: name, tool_response: {} },
      tool_input: { file_path: join(stage.place.folder, name) },
    })
  const planned = async (): Promise<number> => {
    const { requests } = await stage.place.json<{ requests: readonly unknown[] }>(['preview'])
    return requests.length
  }
  await wrote('a.ts')
  await readSpool(stage.place)
  const settings = { project: 'work', adapters: { slack: { channel: 'C0123456789', mode: 'preview' } } }
  stage.place.write('sessionwire.config.json', JSON.stringify(settings))
  expect((await stage.place.run(['trust'])).out).toContain('1 session of before stays on this machine:')
  expect(await stage.place.json(['sessions'])).toMatchObject({ sessions: [{ status: 'active' }] })
  expect(await planned()).toBe(0)
  expect(await stage.place.json(['trust'])).toMatchObject({ earlier: [expect.any(String)] })
  expect(await planned()).toBe(0)
  // Its card would show the first file too.
  await wrote('b.ts')
  await readSpool(stage.place)
  expect(await planned()).toBe(0)
  await stage.place.json(['mirror'])
  expect(await planned()).toBeGreaterThan(0)
})

test('what was recorded before the workspace was trusted is there afterwards, once', async () => {
  const say = (event: string, more: object) => hear(stage.place, 'one', event, more)
  // No process that a hook starts takes over the sessions of before, or has their file open then: not that of the hook which
  // `install` tries, as one was started just now, and none later, as there is no command.
  mkdirSync(stage.place.data, { recursive: true })
  writeFileSync(join(stage.place.data, 'ingest.started'), '')
  await stage.place.json(['install', 'claude', '--no-mcp'])
  writeFileSync(join(stage.place.data, 'ingest.json'), '{ "command": [] }')
  await stage.place.json(['start', 'By hand'])
  await say('UserPromptSubmit', { prompt: 'First' })
  const count = async (word: string): Promise<number> => {
    const { lines } = await stage.place.json<{ lines: { text: string }[] }>(['recall', word])
    return lines.filter(({ text }) => text.includes(word)).length
  }
  const told = async () => {
    await readSpool(stage.place)
    const { sessions } = await stage.place.json<{ sessions: readonly unknown[] }>(['sessions'])
    return [sessions.length, [await count('First'), await count('Second'), await count('Third')]]
  }
  expect(await told()).toEqual([2, [1, 0, 0]])
  await stage.place.json(['init', '--yes'])
  expect((await stage.place.run(['sessions'])).err).toContain('Sessions of before are taken over')
  await say('UserPromptSubmit', { prompt: 'Second' })
  expect(await told()).toEqual([2, [1, 1, 0]])
  // A changed file is not used until it is trusted: meanwhile sessions go to the data folder.
  stage.place.write('sessionwire.config.json', '{ "project": "work", "adapters": {} }')
  await say('UserPromptSubmit', { prompt: 'Third' })
  await readSpool(stage.place)
  await stage.place.run(['sessions'])
  await stage.place.json(['trust'])
  expect(await told()).toEqual([2, [1, 1, 1]])
})

test('a command inside a host finds its session while another process reads the lines of the hook', async () => {
  const say = (event: string, more: object) => hear(stage.place, 'one', event, more)
  await stage.place.json(['start', 'By hand'])
  await say('SessionStart', { source: 'startup' })
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const lock = new DatabaseSync(join(stage.place.data, 'ingest.lock'))
  lock.exec('BEGIN EXCLUSIVE')
  const env = { SESSIONWIRE_DATA_DIR: stage.place.data, CLAUDE_CODE_SESSION_ID: 'one' }
  const opened = await openWorkspace(stage.place.folder, { env })
  try {
    const looking = opened.current()
    lock.close()
    expect(await looking).toMatchObject({ by: 'host' })
  } finally {
    await opened.close()
  }
})

test('without a service, mirror says so; init adds one to the file that it wrote before', async () => {
  await stage.place.json(['start', 'Lock it'])
  expect((await stage.place.run(['mirror'])).out).toMatch(
    /^No service is configured, so nothing mirrors Lock it\./,
  )
  await stage.place.json(['init', '--yes', '--name', 'billing'])
  await stage.place.json(['init', '--yes', '--adapter', 'slack'])
  const file = join(stage.place.folder, 'sessionwire.config.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    ...{ project: 'billing', adapters: { slack: { mode: 'preview' } } },
  })
  await stage.place.json(['init', '--yes', '--adapter', 'linear', '--execute'])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    adapters: { slack: { mode: 'preview' }, linear: { mode: 'execute' } },
  })
  const again = await stage.place.run(['init', '--yes', '--adapter', 'linear'])
  expect([again.code, again.err]).toEqual([
    3,
    expect.stringContaining(
      'sessionwire.config.json exists already, with slack, linear, and there is nothing',
    ),
  ])
})

test('init leaves a file alone that nobody trusted', async () => {
  stage.place.write('sessionwire.config.json', '{ "store": "elsewhere.db" }')
  expect((await stage.place.run(['init', '--yes', '--adapter', 'slack'])).code).toBe(3)
  expect(readFileSync(join(stage.place.folder, 'sessionwire.config.json'), 'utf8')).toBe(
    '{ "store": "elsewhere.db" }',
  )
})

test('preview --all shows what is planned in every session, and the hint names it', async () => {
  const settings = { project: 'work', adapters: { slack: { channel: 'C0123456789', mode: 'preview' } } }
  stage.place.write('sessionwire.config.json', JSON.stringify(settings))
  await stage.place.json(['trust'])
  await stage.place.json(['start', 'First'])
  const second = await stage.place.run(['start', 'Second'])
  expect(second.out).toContain('2 requests are planned; look at them with: sessionwire preview --all\n')
  const shown = (await stage.place.run(['preview', '--all'])).out
  expect([shown.includes('First'), shown.includes('Second')]).toEqual([true, true])
  expect((await stage.place.run(['preview'])).out).not.toContain('First')
})

test('uninstall says what it leaves', async () => {
  await stage.place.json(['install', 'claude', '--no-mcp'])
  expect((await stage.place.run(['uninstall', 'claude'])).out).toContain(
    `Kept: ${stage.place.data} with sessions`,
  )
})

test('a decision in a host’s session is the person’s from a terminal, and the model’s from the host', async () => {
  stage.place.write(
    'sessionwire.config.json',
    JSON.stringify({ project: 'work', recall: { trust: 'person' } }),
  )
  await stage.place.run(['trust'])
  await stage.place.json(['install', 'claude', '--no-mcp'])
  await stage.place.run(['hook', 'claude'], {
    input: JSON.stringify({
      ...{
        session_id: 'one',
        hook_event_name: 'UserPromptSubmit',
        cwd: stage.place.folder,
        prompt: 'Lock it',
      },
    }),
  })
  // A command reads the spool for a moment only.
  await readSpool(stage.place)
  await stage.place.json(['decide', 'From a terminal'], { isAttended: true })
  // The model of a host may have a terminal of its own.
  const env = { CLAUDE_CODE_SESSION_ID: 'one' }
  await stage.place.json(['decide', 'From the host'], { isAttended: true, env })
  await stage.place.json(['decide', 'From nobody knows where'])
  const { session } = await stage.place.json<{ session: Readonly<{ decisions: readonly object[] }> }>([
    'show',
  ])
  expect(session.decisions).toMatchObject([
    { content: 'From a terminal', author: { kind: 'person', name: 'Ada' } },
    { content: 'From the host', author: { kind: 'model', name: 'Claude Code' } },
    { content: 'From nobody knows where' },
  ])
  const { out } = await stage.place.run(['hook', 'claude'], {
    input: JSON.stringify({ session_id: 'two', hook_event_name: 'SessionStart', cwd: stage.place.folder }),
  })
  expect(out).toContain('Ada')
  expect(out).toContain('From a terminal')
  expect(out).not.toMatch(/From the host|From nobody/)
})
