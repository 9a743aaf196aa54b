import { readFileSync } from 'node:fs'
import { hostileJira } from '@sessionwire/jira/testing'
import { expect, test } from 'vitest'
import { hear, useStage } from './stage.ts'

const stage = useStage({ adapters: ['jira'], here: true, serve: hostileJira })

const ENV = { JIRA_EMAIL: 'mia@example.com', JIRA_API_TOKEN: 'api-token' }
const DELIVERS = ['decide', 'mirror']
const run = (...words: readonly string[]) =>
  stage.place.run([...words, ...(DELIVERS.includes(words[0] ?? '') ? ['--wait', '5m'] : [])], { env: ENV })
const json = <T = Record<string, never>>(...words: readonly string[]) =>
  stage.place.json<T>(words, { env: ENV })

const configure = (mode: 'execute' | 'preview', more: object = {}): void => {
  const settings = { baseUrl: stage.server.address, projectKey: 'ENG', deployment: 'cloud', mode }
  stage.place.write(
    'sessionwire.config.json',
    JSON.stringify({ project: 'billing', adapters: { jira: settings }, ...more }),
  )
}

const say = (session: string, event: string, more: object = {}) => hear(stage.place, session, event, more)
/** A host writes a file, and the line is read: a command reads what hooks wrote, but not for long on a busy machine. */
const write = async (session: string, name: string): Promise<void> => {
  await say(session, 'PostToolUse', {
    ...{ tool_name: 'Write', tool_use_id: name, tool_input: { file_path: `${stage.place.folder}/${name}` } },
    tool_response: {},
  })
  await run('ingest')
}

/** A session of a host, with a file and a decision, before any service is known. */
const workBefore = async (): Promise<string> => {
  await say('one', 'SessionStart', { source: 'startup' })
  await say('one', 'UserPromptSubmit', { prompt: 'Lock it' })
  await write('one', 'private.ts')
  expect((await run('decide', 'Private decision')).code).toBe(0)
  const { sessions } = await json<{ sessions: readonly { id: string }[] }>('sessions')
  return sessions[0]?.id ?? ''
}

const shown = (): string => JSON.stringify(stage.server.issues())
const waiting = async (): Promise<readonly [planned: number, open: number]> => {
  const { adapters } = await json<{ adapters: readonly { states: Record<string, number> }[] }>('status')
  const states = adapters[0]?.states ?? {}
  return [states.planned ?? 0, states.waiting ?? 0]
}

test('what was captured before a service was set up stays until a person shows it', async () => {
  const id = await workBefore()
  await say('one', 'SessionEnd')
  configure('execute')
  const trusted = await run('trust')
  expect(trusted.out).toContain('Sessions that begin from now on are mirrored by: jira\n')
  expect(trusted.out).toContain(`\n1 session of before stays on this machine:\n  ${id} `)
  expect(trusted.out).toContain('\nShow one: sessionwire mirror --session <id>\n')
  await run('drain')
  expect([await waiting(), stage.server.issues()]).toEqual([[0, 0], []])
  // A session from now on is shown, and nothing of the one before with it.
  await say('two', 'SessionStart', { source: 'startup' })
  await write('two', 'public.ts')
  await run('drain')
  expect(stage.server.issues()).toHaveLength(1)
  expect(shown()).not.toContain('Private decision')
  expect(shown()).not.toContain('private.ts')
  await run('mirror', '--session', id)
  expect(stage.server.issues()).toHaveLength(2)
  expect(shown()).toContain('Private decision')
})

test('in mode preview nothing of before is planned either', async () => {
  await workBefore()
  configure('preview')
  expect(await json('trust')).toMatchObject({ adapters: ['jira'], earlier: [expect.any(String)] })
  expect(await waiting()).toEqual([0, 0])
  // It goes on: what it has from before would be shown with what comes.
  await write('one', 'later.ts')
  const decided = await run('decide', 'A second one')
  expect(decided.out).toContain(
    'It stays on this machine: it began before jira was set up here. Show it with: sessionwire mirror\n',
  )
  expect(await waiting()).toEqual([0, 0])
  expect((await run('mirror')).out).toContain('Mirrored by jira')
  expect((await run('decide', 'A third one')).out).not.toContain('It stays')
})

test('trusted again, a configuration has its adapters since the first time; one that comes back is new', async () => {
  configure('preview')
  await run('trust')
  await say('one', 'SessionStart', { source: 'startup' })
  configure('preview', { capture: { text: 'off' } })
  await run('trust')
  await write('one', 'a.ts')
  const [planned] = await waiting()
  expect(planned).toBeGreaterThan(0)
  await say('two', 'SessionStart', { source: 'startup' })
  configure('preview', { adapters: {} })
  await run('trust')
  await write('two', 'b.ts')
  configure('preview')
  expect(await json('trust')).toMatchObject({ earlier: [expect.any(String)] })
  expect(await waiting()).toEqual([planned, 0])
})

test('init adds an adapter to the file that it wrote before there was one', async () => {
  await stage.place.run(['init', '--yes', '--name', 'billing'])
  const empty = await stage.place.run(['init', '--yes'])
  expect([empty.code, empty.err]).toEqual([
    3,
    expect.stringContaining('exists already, and there is nothing to add.'),
  ])
  stage.place.write('.env', 'SLACK_BOT_TOKEN=xoxb-token\n')
  expect(await stage.place.json(['init', '--yes'])).toMatchObject({
    project: 'billing',
    adapters: ['slack'],
    mode: 'preview',
  })
  expect(await stage.place.json(['config'])).toMatchObject({ trust: 'trusted' })
  expect(JSON.parse(readFileSync(`${stage.place.folder}/sessionwire.config.json`, 'utf8'))).toEqual({
    $schema: 'https://unpkg.com/sessionwire/dist/config.schema.json',
    project: 'billing',
    adapters: { slack: { mode: 'preview' } },
  })
  // One that a person changed is read by the person first.
  stage.place.write('sessionwire.config.json', '{ "project": "billing" }')
  expect((await stage.place.run(['init', '--yes'])).err).toContain(
    'Edit it, and run `sessionwire trust` afterwards.',
  )
})

test('an empty folder .git makes no workspace of what lies below it', async () => {
  stage.place.write('.git/.keep', '')
  stage.place.write('inner/a.ts', '')
  const cwd = `${stage.place.folder}/inner`
  const { out } = await stage.place.run(['init', '--yes'], { cwd })
  expect(out).toContain(`Written and trusted: ${cwd}/sessionwire.config.json\nNo adapter`)
  stage.place.write('.git/HEAD', 'ref: refs/heads/main\n')
  stage.place.write('other/a.ts', '')
  const above = await stage.place.run(['init', '--yes'], { cwd: `${stage.place.folder}/other` })
  expect(above.out).toContain(`It holds for all of ${stage.place.folder}, the folder of the repository.`)
})

test('a session that was planned in mode preview is not sent when the mode changes', async () => {
  configure('preview')
  await run('trust')
  await say('one', 'SessionStart', { source: 'startup' })
  await write('one', 'a.ts')
  expect((await run('decide', 'Seen by me alone')).code).toBe(0)
  expect((await waiting())[0]).toBeGreaterThan(0)
  configure('execute')
  await run('trust')
  await write('one', 'b.ts')
  await run('decide', 'A second one')
  // What is new waits behind what a person has not released.
  expect((await run('drain')).out).toContain('Left: 2 planned, 2 waiting\n')
  expect(stage.server.issues()).toEqual([])
})
