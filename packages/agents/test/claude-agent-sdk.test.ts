import { type HookInput, query, type SDKResultMessage } from '@anthropic-ai/claude-agent-sdk'
import { expect, test } from 'vitest'
import { createHooks, type HookRecording } from '../src/claude-agent-sdk.ts'
import { type Row, recorded, spawnStandIn } from './claude-stand-in.ts'
import { makeTracker, tellAll, tellMessages, tellSent } from './stage.ts'

const [story, resumed] = [1, 2].map(wanted => recorded.filter(({ run }) => run === wanted)) as [Row[], Row[]]

/** One query of the real SDK, with the stand-in as its program. */
const ask = async ({ hooks }: HookRecording, rows: readonly Row[], answers: unknown[] = []) => {
  const results: SDKResultMessage[] = []
  const messages = query({
    prompt: 'asked',
    options: {
      hooks,
      settingSources: [],
      pathToClaudeCodeExecutable: '/nowhere',
      spawnClaudeCodeProcess: spawnStandIn(rows, answers),
    },
  })
  for await (const message of messages) if (message.type === 'result') results.push(message)
  return results[0] as SDKResultMessage
}

const STORY = {
  agent: 'Claude',
  title: 'Work of Claude',
  status: 'completed',
  summary: undefined,
  usage: { inputTokens: 70, outputTokens: 70, cacheReadTokens: 0, cacheWriteTokens: 0 },
  files: ['file a.txt'],
  blockers: [['Bash failed 3 times in a row.', 'Bash works again.']],
}

test('a session of the SDK: messages, a file, a tool that fails three times, the end, and another turn', async () => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker)
  const answers: unknown[] = []
  await recording.end(await ask(recording, story, answers))
  expect(await tellAll(tracker)).toEqual([STORY])
  expect(await tellMessages(tracker)).toEqual([
    'user: canary-prompt [[story]]',
    'assistant: canary-answer: all done.',
  ])
  expect(answers).toEqual(story.filter(({ hook }) => hook !== undefined).map(() => ({})))

  // In another process: nothing is remembered but the store.
  const later = createHooks(tracker)
  const result = await ask(later, resumed)
  expect(await tellAll(tracker)).toEqual([{ ...STORY, status: 'active' }])
  await later.end(result)
  expect(await tellAll(tracker)).toMatchObject([{ status: 'completed', usage: { inputTokens: 80 } }])
  expect(await tellMessages(tracker)).toEqual([
    'user: canary-prompt [[story]]',
    'assistant: canary-answer: all done.',
    'user: go on [[hello]]',
    'assistant: hello again',
  ])
  expect(await tellSent(tracker)).not.toContain('canary')
  await tracker.close()
})

test.for<readonly [about: string, more: object, status: string]>([
  ['ends', { is_error: false, terminal_reason: 'completed' }, 'completed'],
  // The SDK calls this a success too: its text is that of the error.
  ['ends with an error of the API', { is_error: true, terminal_reason: 'api_error' }, 'failed'],
  [
    'is interrupted',
    { subtype: 'error_during_execution', terminal_reason: 'aborted_streaming' },
    'cancelled',
  ],
  ['is interrupted within a tool', { is_error: false, terminal_reason: 'aborted_tools' }, 'cancelled'],
  ['takes too many turns', { subtype: 'error_max_turns', terminal_reason: 'max_turns' }, 'failed'],
])('a query that %s', async ([, more, status]) => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker)
  const result = await ask(recording, story)
  await recording.end({ ...result, ...more })
  expect(await tellAll(tracker)).toMatchObject([{ status }])
  await ask(recording, resumed)
  await recording.flush()
  expect(await tellAll(tracker)).toMatchObject([{ status: 'active' }])
  await recording.close()
  await tracker.close()
})

test('a query that fails is failed, and one without an end is left', async () => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker, { text: 'summary', agent: 'fixer' })
  const result = await ask(recording, story)
  await recording.end({ ...result, subtype: 'error_max_turns' })
  await ask(recording, resumed)
  await recording.close()
  expect(await tellAll(tracker)).toMatchObject([
    { agent: 'fixer', title: 'canary-prompt [[story]]', status: 'left', summary: 'hello again' },
  ])
  await tracker.close()
})

test('a session that was passed in stays open', async () => {
  const tracker = await makeTracker()
  const session = await tracker.start({ goal: 'Stop double charging' })
  const recording = createHooks(session)
  await recording.end(await ask(recording, story))
  await recording.close()
  expect(await tellAll(tracker)).toEqual([
    { ...STORY, agent: undefined, title: 'Stop double charging', status: 'active', usage: undefined },
  ])
  await tracker.close()
})

const base = { session_id: 's', transcript_path: '', cwd: '/repo' }
const batch = (id: string, told: unknown): HookInput => ({
  ...base,
  hook_event_name: 'PostToolBatch',
  tool_calls: [{ tool_name: 'Edit', tool_input: {}, tool_use_id: id, tool_response: told }],
})
const tell = async ({ hooks }: HookRecording, input: unknown) => {
  const { hook_event_name: name } = (input ?? {}) as HookInput
  const [matcher] = hooks[name as keyof HookRecording['hooks']] ?? hooks.Stop
  return matcher?.hooks[0]?.(input as HookInput, undefined, { signal: new AbortController().signal })
}

test('calls that were refused before they ran are known from their batch, each once', async () => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker)
  const refused = '<tool_use_error>String to replace not found in file.</tool_use_error>'
  for (const id of ['1', '2', '2', '3', '4']) await tell(recording, batch(id, refused))
  await tell(recording, { ...base, hook_event_name: 'UserPromptSubmit', prompt: '<task-notification>…' })
  await recording.close()
  expect(await tellAll(tracker)).toMatchObject([{ blockers: [['Edit failed 3 times in a row.', 'open']] }])
  expect(await tellMessages(tracker)).toEqual([])
  await tracker.close()
})

test('a tracker that fails and inputs of any shape leave the query as it is', async () => {
  const heard: string[] = []
  const refuse = () => {
    throw new Error('no store')
  }
  const recording = createHooks({ start: refuse }, { onError: error => heard.push(String(error)) })
  const answers: unknown[] = []
  const result = await ask(recording, story, answers)
  expect(result.subtype).toBe('success')
  expect(new Set(answers.map(answer => JSON.stringify(answer)))).toEqual(new Set(['{}']))
  await recording.end(result)
  await recording.flush()
  expect(new Set(heard)).toEqual(new Set(['Error: no store']))
  for (const input of [undefined, null, 7, {}, { hook_event_name: 'PostToolBatch', tool_calls: 7 }])
    expect(await tell(recording, input)).toEqual({})
  await recording.end(undefined as never)
})

test('commits that git reports and to-do lists that a tool sets, each change once', async () => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker)
  const used = (id: string, tool: string, input: object, response: unknown) => ({
    ...{ ...base, hook_event_name: 'PostToolUse', tool_name: tool, tool_use_id: id },
    ...{ tool_input: input, tool_response: response },
  })
  const list = (...states: readonly string[]) => ({
    todos: states.map(status => ({ content: 'canary', status })),
  })
  const printed = { stdout: '[main 1a2b3c4] Lock per invoice\n 1 file changed' }
  await tell(recording, used('1', 'Bash', { command: 'git commit -m canary' }, printed))
  await tell(recording, used('2', 'Bash', { command: 'git commit -m canary' }, printed))
  await tell(recording, used('3', 'Bash', { command: 'cat log' }, { stdout: '[main 5d6e7f8] canary' }))
  await tell(recording, used('4', 'TodoWrite', list('pending', 'pending'), {}))
  await tell(recording, used('5', 'TodoWrite', list('completed', 'in_progress'), {}))
  await tell(recording, used('r', 'Read', { file_path: 'a.txt' }, {}))
  await tell(recording, used('6', 'TodoWrite', list('completed', 'completed'), {}))
  await recording.close()
  const [session] = await tracker.sessions()
  const { updates, entities, progress } = await tracker.session(session?.id ?? '').load()
  expect([updates.map(({ description }) => description), entities.map(({ name }) => name), progress]).toEqual(
    [
      ['Commit 1a2b3c4: Lock per invoice', '1 of 2 to-do items done.', '2 of 2 to-do items done.'],
      ['1a2b3c4'],
      100,
    ],
  )
  expect(await tellSent(tracker)).not.toContain('canary')
  await tracker.close()
})

test('sub-agents work in the session, and a list that grows item by item is one step', async () => {
  const tracker = await makeTracker()
  const recording = createHooks(tracker)
  const used = (id: string, tool: string, input: object, response: unknown, more: object = {}) => ({
    ...{ ...base, ...more, hook_event_name: 'PostToolUse', tool_name: tool, tool_use_id: id },
    ...{ tool_input: input, tool_response: response },
  })
  const create = (id: string) =>
    used(`c${id}`, 'TaskCreate', { subject: 'canary' }, { task: { id, subject: 'canary' } })
  const change = (id: string, taskId: string, status: string) =>
    used(id, 'TaskUpdate', { taskId, status }, { success: true, taskId })
  for (const id of ['1', '2', '3']) await tell(recording, create(id))
  const inner = { agent_id: 'a1', agent_type: 'explorer' }
  await tell(recording, { ...base, ...inner, hook_event_name: 'SubagentStart' })
  const path = '/repo/notes.md'
  await tell(recording, used('w', 'Write', { file_path: path, content: 'canary' }, {}, inner))
  const stop = { ...base, hook_event_name: 'SubagentStop', last_assistant_message: 'canary-found' }
  await tell(recording, { ...stop, ...inner })
  // A compaction ends as a sub-agent that never began.
  await tell(recording, { ...stop, agent_id: 'a2', agent_type: '' })
  await tell(recording, change('u1', '1', 'completed'))
  await tell(recording, change('u2', '2', 'completed'))
  await tell(recording, change('u3', '3', 'deleted'))
  await recording.flush()
  expect(await tellAll(tracker)).toMatchObject([{ files: ['agent explorer', 'file notes.md'] }])
  const [session] = await tracker.sessions()
  const { updates, progress, entities } = await tracker.session(session?.id ?? '').load()
  expect([updates.map(({ description }) => description), progress]).toEqual([
    ['0 of 3 to-do items done.', '2 of 2 to-do items done.'],
    100,
  ])
  expect([...updates, ...entities].map(({ author }) => author)).toEqual(
    Array.from({ length: 4 }, () => ({ kind: 'model', name: 'Claude' })),
  )
  const { messages } = await tracker.messages({ project: 'billing' })
  expect(messages.map(({ role, name, content }) => [role, name, content])).toEqual([
    ['assistant', 'explorer', 'canary-found'],
  ])
  expect(await tellSent(tracker)).not.toContain('canary')
  await tracker.close()
})
