import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hear, readSpool, useStage } from './stage.ts'

const stage = useStage({ adapters: ['slack'], here: true })

const PROMPT = 'please fix double charging'

const say = (event: string, more: object = {}) => hear(stage.place, 'one', event, more)

const work = async (): Promise<void> => {
  await say('SessionStart', { source: 'startup' })
  await say('UserPromptSubmit', { prompt: PROMPT })
  await say('UserPromptSubmit', { prompt: 'and go on' })
  await say('PostToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 't1', tool_response: {} },
    tool_input: { file_path: join(stage.place.folder, 'lock.ts') },
  })
  // Every command reads what hooks wrote, but not for long: a busy machine would leave some of it to the next.
  await readSpool(stage.place)
}

test('a captured session says on this machine what it did, and nothing of the prompt leaves', async () => {
  const settings = { project: 'work', adapters: { slack: { channel: 'C0123456789', mode: 'preview' } } }
  stage.place.write('sessionwire.config.json', JSON.stringify(settings))
  await stage.place.json(['trust'])
  await work()
  const status = await stage.place.run(['status'])
  expect(status.out.split('\n').slice(0, 2)).toEqual([PROMPT, expect.stringMatching(/^work, \d{4}-/)])
  expect(status.out).toContain('\n  1 file: lock.ts\n')
  expect(status.out).not.toContain('0 %')
  for (const words of [['sessions'], ['show'], ['digest']]) {
    const { out } = await stage.place.run(words)
    // A list is as wide as the terminal.
    expect(out).toContain('please fix double')
    expect(out).not.toContain('0 %')
  }
  expect((await stage.place.run(['digest'])).out).toContain('  - 1 file: lock.ts\n')
  await say('SessionEnd')
  await stage.place.json(['ingest'])
  expect((await stage.place.run(['status'])).out).toContain('please fix double')
  // What others may read: requests, and objects that a script passes on.
  const planned = await stage.place.run(['preview', '--all'])
  expect(planned.out).toMatch(/post to C0123456789: work, \d{4}-/)
  for (const { out } of [
    planned,
    await stage.place.run(['digest', '--json']),
    await stage.place.run(['sessions', '--json']),
    await stage.place.run(['status', '--json']),
    await stage.place.run(['export']),
  ])
    expect(out).not.toContain('double charging')
})

test('the prompt of another user is not shown', async () => {
  await work()
  expect((await stage.place.run(['sessions'])).out).toContain('please fix double')
  const { out } = await stage.place.run(['sessions', '--user', 'Bob'])
  expect(out).toContain('work, ')
  expect(out).not.toContain('please fix double')
})

test('notes for hosts follow the configuration from its trust on', async () => {
  await stage.place.json(['install', 'claude', '--no-mcp'])
  await work()
  await stage.place.run(['decide', 'Lock per invoice'])
  const start = async () => (await say('SessionStart', { source: 'startup' })).out
  expect(await start()).toContain('Lock per invoice')
  stage.place.write('sessionwire.config.json', '{ "project": "work", "recall": { "inject": false } }')
  await stage.place.json(['trust'])
  expect(await start()).toBe('')
  expect(readFileSync(join(stage.place.folder, 'sessionwire.config.json'), 'utf8')).toContain('inject')
})

/** What a host is told at the start of a session in a folder. */
const startIn = async (cwd: string, id: string): Promise<string> =>
  (await hear(stage.place, id, 'SessionStart', { source: 'startup', cwd })).out

const readNotes = (): string =>
  readdirSync(join(stage.place.data, 'recall'))
    .map(name => readFileSync(join(stage.place.data, 'recall', name), 'utf8'))
    .join('')

test('a host gets the notes of its workspace in each folder of it, and by a link', async () => {
  mkdirSync(join(stage.place.folder, '.git'))
  stage.place.write('.git/HEAD', 'ref: refs/heads/main\n')
  await stage.place.json(['install', 'claude', '--no-mcp'])
  await work()
  await stage.place.json(['decide', 'Lock per invoice'])
  const [inside, link] = [join(stage.place.folder, 'packages', 'app'), join(stage.place.home, 'link')]
  mkdirSync(inside, { recursive: true })
  symlinkSync(stage.place.folder, link)
  for (const [n, cwd] of [inside, link, join(link, 'packages')].entries())
    expect(await startIn(cwd, `told-${n}`)).toContain('Lock per invoice')
  // What an ingest writes for one folder counts for all.
  await readSpool(stage.place)
  await stage.place.json(['decide', 'Retry once'])
  expect(await startIn(inside, 'told-again')).toContain('Retry once')
  expect(readdirSync(join(stage.place.data, 'recall'))).toHaveLength(1)
})

test.each([
  ['forget', async (id: string) => stage.place.json(['forget', id, '--yes'])],
  [
    'prune',
    async (id: string) => {
      await stage.place.json(['end', '--session', id])
      await stage.place.json(['prune', '--older-than', '0s'])
    },
  ],
] as const)('%s takes the texts out of the notes for hosts too', async (_, remove) => {
  await stage.place.json(['install', 'claude', '--no-mcp'])
  const { session } = await stage.place.json<{ session: Readonly<{ id: string }> }>(['start', 'Fix it'])
  await stage.place.json(['decide', 'Ask Zoe'])
  expect(readNotes()).toContain('Ask Zoe')
  await remove(session.id)
  expect(readNotes()).not.toContain('Ask Zoe')
  expect(await startIn(stage.place.folder, 'one')).not.toContain('Ask Zoe')
})

test('forget takes the texts out of the spool, and the session goes on', async () => {
  await stage.place.json(['install', 'claude', '--no-mcp'])
  const todos = (content: string, status: string) => ({
    ...{ tool_name: 'TodoWrite', tool_use_id: status, tool_response: {} },
    tool_input: { todos: [{ content, status, activeForm: content }] },
  })
  await work()
  await say('PostToolUse', todos('Ask Zoe', 'in_progress'))
  await readSpool(stage.place)
  const spool = join(stage.place.data, 'spool', 'claude')
  const readSpools = (): string =>
    readdirSync(spool)
      .map(name => readFileSync(join(spool, name), 'utf8'))
      .join('')
  expect(readSpools()).toMatch(/double charging[\s\S]*lock\.ts[\s\S]*Ask Zoe/)
  const { session } = await stage.place.json<{ session: Readonly<{ id: string }> }>(['show'])
  expect(await stage.place.json(['forget', session.id, '--yes'])).toMatchObject({ spoolErased: true })
  expect(readSpools()).not.toMatch(/double|lock\.ts|Zoe/)
  await say('UserPromptSubmit', { prompt: 'now the invoices' })
  await say('PostToolUse', todos('Ask Bob', 'completed'))
  await readSpool(stage.place)
  const after = await stage.place.json<{
    session: Readonly<{ id: string }>
    messages: readonly Readonly<{ content: string }>[]
  }>(['show'])
  expect(after.session.id).toBe(session.id)
  expect(after.messages.map(({ content }) => content)).toEqual(['now the invoices'])
  expect(JSON.stringify(after)).not.toMatch(/double|lock\.ts|Zoe/)
})
