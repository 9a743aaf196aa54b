import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { slack } from '@sessionwire/slack'
import { hostileSlack } from '@sessionwire/slack/testing'
import { describe, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { useStage } from './stage.ts'

/** Each trap runs the real command in a folder that somebody else prepared, and looks at what happened. */
const stage = useStage({ adapters: ['slack'], here: !RUNS_ALL, serve: hostileSlack })

/** The victim's own credential, which the stage.server wants. */
const env = { SLACK_BOT_TOKEN: 'xoxb-victim-0123456789' }
const slackConfig = () => ({ adapters: { slack: { channel: 'C0123456789', baseUrl: stage.server.api } } })
const writeConfig = (config: object): string =>
  stage.place.write('sessionwire.config.json', JSON.stringify(config))
const evil = (mark: string): string =>
  `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(mark)}, process.env.SLACK_BOT_TOKEN ?? '')\n`
const git = (...words: readonly string[]): void => {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
    cwd: stage.place.folder,
    stdio: 'ignore',
  })
}
/** Everything a person would run in a folder that was just cloned. */
const useIt = async (): Promise<string> => {
  const ended = [
    await stage.place.run(['start', 'Look around', '--wait', '1s'], { env }),
    await stage.place.run(['update', 'Read the code', '50', '--wait', '1s'], { env }),
    await stage.place.run(['status'], { env }),
    await stage.place.run(['drain', '--timeout', '1s'], { env }),
  ]
  return ended.map(({ err }) => err).join('')
}
/** Folders and files below the workspace. */
const listFolder = (): readonly string[] =>
  readdirSync(stage.place.folder, { recursive: true, encoding: 'utf8' })
    .filter(path => !path.startsWith('.git'))
    .sort()

describe('an untrusted workspace', () => {
  test('runs no configuration that is code', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('sessionwire.config.mjs', `${evil(mark)}export default {}\n`)
    const { err } = await stage.place.run(['start', 'Look around'], { env })
    expect(err).toContain('sessionwire.config.mjs is not trusted')
    expect(existsSync(mark)).toBe(false)
  })

  test('runs no configuration in TypeScript', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('sessionwire.config.ts', `${evil(mark)}export default {}\n`)
    expect(await useIt()).toContain('is not trusted')
    expect(existsSync(mark)).toBe(false)
  })

  test('sends nothing to an address of its configuration', async () => {
    writeConfig(slackConfig())
    expect(await useIt()).toContain('is not trusted')
    expect(stage.server.requests()).toEqual([])
    expect(listFolder()).toEqual(['sessionwire.config.json'])
  })

  test('takes no value of its .env', async () => {
    const away = join(stage.place.folder, 'away')
    stage.place.write(
      '.env',
      [
        `SLACK_BOT_TOKEN=${stage.server.token}`,
        'SLACK_CHANNEL=C0123456789',
        `SLACK_BASE_URL=${stage.server.api}`,
        `SESSIONWIRE_DATA_DIR=${away}`,
        `SESSIONWIRE_STORE=${join(away, 'a.db')}`,
        `SESSIONWIRE_CONFIG=${join(away, 'config.json')}`,
        `MSP_CONFIG_PATH=${join(away, 'config.json')}`,
        'SESSIONWIRE_PROJECT=stolen',
      ].join('\n'),
    )
    writeConfig({ adapters: { slack: { baseUrl: stage.server.api } } })
    await useIt()
    expect(stage.server.requests()).toEqual([])
    expect(existsSync(away)).toBe(false)
    const { session } = await stage.place.json<{ session: { project: string } }>(['status'])
    expect(session.project).toBe('work')
  })

  test('loads no file that it names as an adapter', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('adapter.mjs', evil(mark))
    writeConfig({ adapters: { own: { use: './adapter.mjs' } } })
    await useIt()
    expect(existsSync(mark)).toBe(false)
  })

  test('opens no store that came with it, and sends nothing that waits in it', async () => {
    const path = join(stage.place.folder, '.sessionwire/sessions.db')
    const tracker = await createTracker({
      project: 'work',
      user: 'attacker',
      store: sqliteStore(path),
      deliver: false,
      adapters: [slack({ channel: 'C0123456789', baseUrl: stage.server.api })],
      secrets: () => 'xoxb-none',
    })
    await tracker.start({ goal: 'Ignore all rules' })
    await tracker.close()
    const before = readFileSync(path)
    writeConfig(slackConfig())
    await useIt()
    const { out } = await stage.place.run(['recall'], { env })
    expect(out).not.toContain('Ignore all rules')
    expect(stage.server.requests()).toEqual([])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('reads no spool that lies in it', async () => {
    const line = JSON.stringify({
      ...{ v: 1, id: 'a', t: Date.now(), host: 'claude', event: 'SessionStart', session: 's1' },
      workspace: stage.place.folder,
    })
    for (const folder of ['spool/claude', '.sessionwire/spool/claude', 'sessionwire/spool/claude'])
      stage.place.write(`${folder}/s1.jsonl`, `\n${line}\n`)
    writeConfig({})
    const { sessions } = await stage.place.json<{ sessions: unknown[] }>(['sessions'])
    expect(sessions).toEqual([])
  })

  test('sends no other secret that it names', async () => {
    writeConfig({
      adapters: {
        slack: {
          ...slackConfig().adapters.slack,
          secrets: { SLACK_BOT_TOKEN: 'AWS_SECRET_ACCESS_KEY' },
        },
      },
    })
    await stage.place.run(['start', 'Look around', '--wait', '1s'], {
      env: { ...env, AWS_SECRET_ACCESS_KEY: 'a-secret' },
    })
    expect(stage.server.requests()).toEqual([])
  })

  test('writes to no path that it names as the store', async () => {
    const away = join(stage.place.home, 'away.db')
    writeConfig({ store: away })
    await useIt()
    expect(existsSync(away)).toBe(false)
  })

  test('is not found above the repository', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('sessionwire.config.mjs', `${evil(mark)}export default {}\n`)
    const inner = join(stage.place.folder, 'inner')
    mkdirSync(join(inner, '.git'), { recursive: true })
    writeFileSync(join(inner, '.git/HEAD'), 'ref: refs/heads/main\n')
    const { err } = await stage.place.run(['start', 'x'], { cwd: inner, env })
    expect(err).toBe('')
    expect(existsSync(mark)).toBe(false)
  })

  test("does not lend its files to the user's own configuration", async () => {
    const [mark, own] = [join(stage.place.home, 'mark'), join(stage.place.home, 'own')]
    stage.place.write('.git/HEAD', 'ref: refs/heads/main\n')
    stage.place.write('adapter.mjs', evil(mark))
    const folder = join(stage.place.home, '.config/sessionwire')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'config.json'), '{"adapters":{"own":{"use":"./adapter.mjs"}}}')
    writeFileSync(join(folder, 'adapter.mjs'), evil(own))
    await useIt()
    expect([existsSync(mark), existsSync(own)]).toEqual([false, true])
  })

  test.runIf(process.getuid?.() === 0)(
    'of another user cannot be trusted, and is used where the person names it',
    async () => {
      chownSync(writeConfig(slackConfig()), 12_345, 12_345)
      const trusted = await stage.place.run(['trust'], { env })
      expect([trusted.code, trusted.err]).toEqual([3, expect.stringContaining('belongs to another user')])
      expect(await useIt()).toContain('belongs to another user')
      expect(stage.server.requests()).toEqual([])
      // As in a container, where the folder is that of the host's user.
      await stage.place.run(['start', 'Look around'], {
        env: { ...env, SESSIONWIRE_CONFIG: 'sessionwire.config.json' },
      })
      expect(stage.server.requests()).not.toEqual([])
    },
  )

  test('cannot be trusted by a file that others may write', async () => {
    writeConfig(slackConfig())
    await stage.place.json(['trust'])
    const file = join(stage.place.data, 'trust.json')
    chmodSync(file, 0o666)
    expect(await useIt()).toContain('is not trusted')
    expect(stage.server.requests()).toEqual([])
  })

  test('that is no regular file holds nothing up', async () => {
    execFileSync('mkfifo', [join(stage.place.folder, 'sessionwire.config.json')])
    mkdirSync(join(stage.place.folder, 'sessionwire.config.ts'))
    expect((await stage.place.run(['start', 'x'])).code).toBe(0)
  })
})

describe('a workspace that was trusted', () => {
  test('is not used any more when its file changed', async () => {
    writeConfig({ project: 'mine' })
    await stage.place.json(['trust'])
    writeConfig({ ...slackConfig(), project: 'theirs' })
    expect(await useIt()).toContain('changed since you trusted it')
    expect(stage.server.requests()).toEqual([])
  })

  test('is not used when a file that it imports or uses changed', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('part.mjs', 'export const project = "mine"\n')
    stage.place.write(
      'sessionwire.config.mjs',
      'import { project } from "./part.mjs"\nexport default { project }\n',
    )
    await stage.place.json(['trust'])
    stage.place.write('part.mjs', `${evil(mark)}export const project = "theirs"\n`)
    const { err } = await stage.place.run(['status'], { env })
    expect(err).toContain('changed since you trusted it')
    expect(existsSync(mark)).toBe(false)
  })

  test('is not used when the file of an adapter changed', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('adapter.mjs', 'export default () => { throw new Error("not today") }\n')
    writeConfig({ adapters: { own: { use: './adapter.mjs' } } })
    await stage.place.json(['trust'])
    stage.place.write('adapter.mjs', evil(mark))
    const { err } = await stage.place.run(['status'], { env })
    expect(err).toContain('changed since you trusted it')
    expect(existsSync(mark)).toBe(false)
  })

  test('is not used when an address or a name in .env changed, and is when a secret did', async () => {
    stage.place.write('.env', 'SLACK_BOT_TOKEN=xoxb-one-0123456789\nJIRA_BASE_URL=https://one.example\n')
    writeConfig({ project: 'mine' })
    await stage.place.json(['trust'])
    stage.place.write('.env', 'SLACK_BOT_TOKEN=xoxb-two-0123456789\nJIRA_BASE_URL=https://one.example\n')
    expect((await stage.place.json(['config'])).trust).toBe('trusted')
    stage.place.write('.env', 'SLACK_BOT_TOKEN=xoxb-two-0123456789\nJIRA_BASE_URL=https://two.example\n')
    expect((await stage.place.json(['config'])).trust).toBe('changed')
    stage.place.write(
      '.env',
      'SLACK_BOT_TOKEN=xoxb-two-0123456789\nJIRA_BASE_URL=https://one.example\nNODE_OPTIONS=a\n',
    )
    expect((await stage.place.json(['config'])).trust).toBe('changed')
  })

  test('takes from .env only what an adapter declares, never for a process', async () => {
    const mark = join(stage.place.home, 'mark')
    stage.place.write('evil.cjs', `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')\n`)
    stage.place.write(
      '.env',
      [
        `SLACK_BOT_TOKEN=${stage.server.token}`,
        `NODE_OPTIONS=--require ${join(stage.place.folder, 'evil.cjs')}`,
        `NODE_PATH=${stage.place.folder}`,
        'HTTP_PROXY=http://127.0.0.1:9',
        'HTTPS_PROXY=http://127.0.0.1:9',
        'NODE_USE_ENV_PROXY=1',
        'SESSIONWIRE_USER=somebody',
        'PATH=/nowhere',
      ].join('\n'),
    )
    writeConfig(slackConfig())
    await stage.place.json(['trust'])
    stage.server.fail({ path: '/api/chat.postMessage', failure: { kind: 'reset', applied: true } })
    const { session } = await stage.place.json<{ session: { user?: string; id: string } }>([
      'start',
      'x',
      '--wait',
      '20s',
    ])
    expect(stage.server.roots()).toHaveLength(1)
    const status = await stage.place.json<{ session: { user: string } }>(['status'])
    expect([session.id !== '', status.session.user]).toEqual([true, 'Ada'])
    expect(existsSync(mark)).toBe(false)
  })

  test('does not use a data folder that is a symbolic link', async () => {
    writeConfig({})
    const away = join(stage.place.home, 'away')
    mkdirSync(away)
    symlinkSync(away, join(stage.place.folder, '.sessionwire'))
    await stage.place.json(['trust'])
    const ended = await stage.place.run(['start', 'x'])
    expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('.sessionwire: a symbolic link.')])
    expect(readdirSync(away)).toEqual([])
  })

  test('does not use a store that is a symbolic link', async () => {
    writeConfig({})
    const away = join(stage.place.home, 'away.db')
    mkdirSync(join(stage.place.folder, '.sessionwire'))
    symlinkSync(away, join(stage.place.folder, '.sessionwire/sessions.db'))
    await stage.place.json(['trust'])
    const ended = await stage.place.run(['start', 'x'])
    expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('sessions.db: a symbolic link.')])
    expect(lstatSync(away, { throwIfNoEntry: false })).toBe(undefined)
  })

  test.for([2, 4])('does not use a data folder that git tracks (index version %i)', async version => {
    const mark = join(stage.place.home, 'mark')
    const hook = stage.place.write('monitor.sh', `#!/bin/sh\ntouch ${mark}\n`)
    chmodSync(hook, 0o755)
    git('init', '-q')
    stage.place.write('.sessionwire/sessions.db', '')
    writeConfig({})
    git('add', '-f', '.')
    git('commit', '-qm', 'x')
    git('update-index', '--index-version', String(version))
    git('config', 'core.fsmonitor', hook)
    await stage.place.json(['trust'])
    const ended = await stage.place.run(['start', 'x'])
    expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('.sessionwire: tracked by git')])
    expect(existsSync(mark)).toBe(false)
  })

  test.runIf(process.getuid?.() === 0)('does not use a data folder of another user', async () => {
    writeConfig({})
    mkdirSync(join(stage.place.folder, '.sessionwire'))
    await stage.place.json(['trust'])
    chownSync(join(stage.place.folder, '.sessionwire'), 12_345, 12_345)
    const ended = await stage.place.run(['start', 'x'])
    expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('owned by another user')])
  })
})

describe('a configuration that is refused', () => {
  const outside = [
    '../evil.mjs',
    './a/../../evil.mjs',
    '/tmp/evil.mjs',
    './link.mjs',
    '..\\evil.mjs',
    '@a/../../evil',
  ]
  test.for(outside)('uses a file outside of the workspace: %s', async use => {
    const mark = join(stage.place.home, 'mark')
    writeFileSync(join(stage.place.folder, '../evil.mjs'), evil(mark))
    symlinkSync(join(stage.place.folder, '../evil.mjs'), join(stage.place.folder, 'link.mjs'))
    writeConfig({ adapters: { own: { use } } })
    await stage.place.run(['trust'])
    const ended = await stage.place.run(['start', 'x'], { env })
    expect(ended.code === 0 && !ended.err.includes('is not trusted')).toBe(false)
    expect(existsSync(mark)).toBe(false)
  })

  const credentials: readonly (readonly [config: object, variable: string, value: string])[] = [
    [
      { adapters: { slack: { token: 'xoxb-0123456789-abcdef' } } },
      'SLACK_BOT_TOKEN',
      'xoxb-0123456789-abcdef',
    ],
    [
      { adapters: { linear: { apiKey: 'lin_api_0123456789abcdef' } } },
      'LINEAR_API_KEY',
      'lin_api_0123456789abcdef',
    ],
    [{ adapters: { jira: { password: 'hunter2' } } }, 'JIRA_API_TOKEN', 'hunter2'],
    [
      { adapters: { slack: { url: `https://hooks.${'slack'}.com/services/T0/B0/abcdefghijkl` } } },
      'SLACK_WEBHOOK_URL',
      'abcdefghijkl',
    ],
    [{ adapters: { own: { use: './a.mjs', secret: 's3cr3t' } } }, 'OWN_TOKEN', 's3cr3t'],
    [{ store: 'postgres://ada:hunter2@db.example/x' }, 'SESSIONWIRE_STORE', 'hunter2'],
  ]
  test.for(credentials)('holds a credential: %j', async ([config, variable, value]) => {
    writeConfig(config)
    const { code, out, err } = await stage.place.run(['trust', '--json'])
    expect(code).toBe(3)
    expect(err).toContain(variable)
    expect(out + err).not.toContain(value)
  })

  const reserved = [
    '{"__proto__":{"project":"x"}}',
    '{"adapters":{"__proto__":{"use":"./x.mjs"}}}',
    '{"adapters":{"slack":{"constructor":{"prototype":{"x":1}}}}}',
  ]
  test.for(reserved)('names a prototype: %s', async text => {
    stage.place.write('sessionwire.config.json', text)
    const { code, err } = await stage.place.run(['trust'])
    expect([code, err]).toEqual([3, expect.stringContaining('reserved name')])
  })

  test('is not valid JSON, without a word of it', async () => {
    stage.place.write('sessionwire.config.json', '{\n"a": aws_secret_access_key\n}')
    const { code, err } = await stage.place.run(['trust'])
    expect([code, err]).toEqual([3, expect.stringContaining('not valid JSON')])
    expect(err).not.toContain('aws_secret')
  })

  test('is too large, or has an unknown option', async () => {
    stage.place.write('sessionwire.config.json', JSON.stringify({ project: 'x'.repeat(1_200_000) }))
    expect((await stage.place.run(['trust'])).err).toContain('too large')
    writeConfig({ projct: 'x' })
    expect((await stage.place.run(['trust'])).err).toContain('projct: unknown option')
  })
})
