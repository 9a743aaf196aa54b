// The Claude Agent SDK with the real program of Claude Code, without a way out of this machine, against a model that answers by a
// script, recorded by @sessionwire/agents.
//   pnpm hosts:sdk
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { query, type SDKResultMessage } from '@anthropic-ai/claude-agent-sdk'
import { createHooks } from '@sessionwire/agents/claude-agent-sdk'
import { createTracker, memoryStore } from '@sessionwire/core'
import { ingest, install, listSpool } from '@sessionwire/hosts'
import { slack } from '@sessionwire/slack'
import { buildSync } from 'esbuild'
import { binOf, runIsolated } from './hosts/isolate.ts'
import { startModel } from './hosts/model.ts'

const program = join(binOf('claude'), 'claude')

const tell = async (): Promise<readonly string[]> => {
  const home = mkdtempSync(join(tmpdir(), 'sw-sdk-'))
  const work = join(home, 'repo')
  mkdirSync(work)
  // The user has the hooks of Claude Code installed too: they must leave these sessions out.
  const data = join(home, 'data')
  process.env.SESSIONWIRE_DATA_DIR = data
  const hook = join(home, 'hook.cjs')
  buildSync({
    entryPoints: [join(import.meta.dirname, '../packages/hosts/src/hook/main.ts')],
    outfile: hook,
    ...{ bundle: true, platform: 'node', format: 'cjs', conditions: ['@sessionwire/source'] },
  })
  install({ host: 'claude', data, env: { ...process.env, HOME: home }, hook })
  const call = (name: string, input: Readonly<Record<string, unknown>>) => ({ tools: [{ name, input }] })
  const run = (command: string) => call('Bash', { command, description: 'x' })
  const model = await startModel({
    story: [
      call('Write', { file_path: join(work, 'a.txt'), content: 'one\n' }),
      ...[1, 2, 3].map(() => run('echo out; exit 3')),
      call('Edit', { file_path: join(work, 'a.txt'), old_string: 'missing', new_string: 'x' }),
      run('echo fine'),
      // It gives the schemas of these tools only when it asks for them.
      call('ToolSearch', { query: 'select:TaskCreate,TaskUpdate', max_results: 5 }),
      ...['canary-first', 'second'].map(subject => call('TaskCreate', { subject, description: subject })),
      call('TaskUpdate', { taskId: '1', status: 'completed' }),
      call('Agent', { description: 'look', prompt: 'look [[sub]]', subagent_type: 'general-purpose' }),
      { text: 'canary-answer' },
    ],
    sub: [call('Write', { file_path: join(work, 'b.txt'), content: 'two\n' }), { text: 'canary-found' }],
    hello: [{ text: 'hello again' }],
  })
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', store: memoryStore() },
    adapters: [slack({ channel: 'C0123456789', mode: 'preview' })],
  })
  const wrong: string[] = []
  const expect = (what: string, got: unknown, wanted: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(wanted)) wrong.push(`${what}: ${JSON.stringify(got)}`)
  }
  const ask = async (prompt: string, resume?: string): Promise<SDKResultMessage | undefined> => {
    // Another process has nothing but the store.
    const recording = createHooks(tracker, { onError: error => wrong.push(String(error)) })
    let result: SDKResultMessage | undefined
    const options = {
      ...{ cwd: work, hooks: recording.hooks, pathToClaudeCodeExecutable: program },
      settingSources: ['user' as const],
      allowedTools: ['Write', 'Edit', 'Bash'],
      ...(resume === undefined ? {} : { resume }),
      env: {
        ...{ PATH: process.env.PATH, HOME: home, ANTHROPIC_BASE_URL: model.url },
        SESSIONWIRE_DATA_DIR: data,
        ...{ ANTHROPIC_API_KEY: 'dummy-key-0000000000', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
        CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
      },
    }
    for await (const message of query({ prompt, options })) if (message.type === 'result') result = message
    if (result !== undefined) await recording.end(result)
    return result
  }
  try {
    const first = await ask('canary-prompt [[story]]')
    await ask('go on [[hello]]', first?.session_id)
    const [session, ...others] = await tracker.sessions()
    expect('sessions', others.length, 0)
    const story = await tracker.session(session?.id ?? '').load()
    expect('status', story.status, 'completed')
    expect(
      'files',
      story.entities.map(({ name }) => name),
      ['a.txt', 'general-purpose', 'b.txt'],
    )
    expect(
      'to-do list',
      story.updates.map(({ description, author }) => [description, author?.name]),
      [['1 of 2 to-do items done.', 'Claude']],
    )
    expect(
      'blockers',
      story.blockers.map(({ description, resolution }) => [description, resolution]),
      [['Bash failed 3 times in a row.', 'Bash works again.']],
    )
    const { messages } = await tracker.messages({ sessionId: story.id })
    const listSaid = (of: string | undefined) =>
      messages.flatMap(({ content, name }) => (name === of ? [content] : [])).reverse()
    // The sub-agent works in the background: its end is a turn of its own.
    expect('messages', listSaid(undefined), [
      ...['canary-prompt [[story]]', 'canary-answer', 'canary-answer', 'go on [[hello]]', 'hello again'],
    ])
    expect('messages of the sub-agent', listSaid('general-purpose'), ['canary-found'])
    const heard = listSpool(data).map(({ path }) => readFileSync(path, 'utf8'))
    // Before the first prompt no program claims the session, and its end may come after the result.
    const events = new Set(heard.join('').match(/(?<="event":")\w+/g))
    events.delete('SessionEnd')
    expect('events of the hooks', [...events], ['SessionStart'])
    await ingest({ data, open: async () => ({ tracker, project: 'repo', user: 'Ada' }) })
    expect('sessions after the ingest', (await tracker.sessions()).length, 1)
    const cards = JSON.stringify(await tracker.preview(story.id))
    expect('cards', [cards.includes('Bash failed 3 times'), cards.includes('canary')], [true, false])
  } finally {
    await tracker.close()
    model.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
  return wrong
}

await runIsolated(import.meta.filename, ['claude'], async () => {
  const wrong = await tell()
  process.stdout.write(
    wrong.length === 0 ? 'ok     Claude Agent SDK\n' : `failed ${wrong.join('\n       ')}\n`,
  )
  return wrong.length === 0
})
process.exit()
