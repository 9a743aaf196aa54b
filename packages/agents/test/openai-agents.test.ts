import { Agent, applyPatchTool, Runner, setTracingDisabled, tool, Usage } from '@openai/agents'
import {
  assistantMessage,
  functionCall,
  modelError,
  ScriptedModel,
  type ScriptedModelInput,
} from '@openai/agents/testing'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { recordRuns } from '../src/openai-agents.ts'
import { makeTracker, tellAll, tellMessages, tellSent } from './stage.ts'

setTracingDisabled(true)

const PROMPT = 'canary-prompt: two webhooks charge twice'
const usage = new Usage({ requests: 1, inputTokens: 10, outputTokens: 20, totalTokens: 30 })
let calls = 0
const calling = (name: string, input: Readonly<Record<string, unknown>> = {}): ScriptedModelInput => [
  functionCall(name, input, { callId: `call-${++calls}` }),
]
const saying = (text: string): ScriptedModelInput => [assistantMessage(text)]

const makeTools = () => {
  let isBroken = true
  const runTests = tool({
    name: 'runTests',
    description: 'Runs the tests',
    parameters: z.object({}),
    execute: async () => {
      if (isBroken) throw new Error('canary-error: no staging key')
      return '3 passed'
    },
  })
  const mend = tool({
    name: 'mend',
    description: 'Mends it',
    parameters: z.object({}),
    execute: async () => {
      isBroken = false
      return 'canary-output'
    },
  })
  const write = tool({
    name: 'write_file',
    description: 'Writes a file',
    parameters: z.object({ path: z.string(), content: z.string() }),
    execute: async () => 'written',
  })
  return [runTests, mend, write]
}
const makeRunner = () => new Runner({ tracingDisabled: true })

test('a run becomes a session: messages, a handoff, files, a tool that fails three times, and the end', async () => {
  const tracker = await makeTracker()
  const runner = makeRunner()
  const recording = recordRuns(runner, tracker, { goal: 'Stop double charging', workspace: '/repo' })
  const fixer = new Agent({
    name: 'fixer',
    instructions: 'Fix it.',
    tools: makeTools(),
    model: new ScriptedModel([
      calling('write_file', { path: '/repo/src/lock.ts', content: 'canary-content' }),
      ...[1, 2, 3, 4].map(() => calling('runTests')),
      calling('mend'),
      calling('runTests'),
      { output: [assistantMessage('canary-answer: one lock per invoice.')], usage },
    ]),
  })
  const triage = Agent.create({
    name: 'triage',
    instructions: 'Hand over.',
    handoffs: [fixer],
    model: new ScriptedModel([calling('transfer_to_fixer')]),
  })
  const { finalOutput } = await runner.run(triage, PROMPT, { maxTurns: 20 })
  expect(finalOutput).toBe('canary-answer: one lock per invoice.')
  await recording.flush()

  expect(await tellAll(tracker)).toEqual([
    {
      agent: 'triage',
      title: 'Stop double charging',
      status: 'completed',
      summary: undefined,
      usage: { inputTokens: 10, outputTokens: 20, cacheReadTokens: 0 },
      files: ['file src/lock.ts'],
      blockers: [['runTests failed 3 times in a row.', 'runTests works again.']],
    },
  ])
  expect(await tellMessages(tracker)).toEqual([
    `user: ${PROMPT}`,
    'system: Handoff from triage to fixer.',
    'assistant: canary-answer: one lock per invoice.',
  ])
  const sent = await tellSent(tracker)
  expect(sent).toContain('runTests failed 3 times in a row')
  expect(sent).not.toContain('canary')
  await tracker.close()
})

test('runs side by side are sessions of their own, streamed or not; one that throws is left', async () => {
  const tracker = await makeTracker()
  const runner = makeRunner()
  const recording = recordRuns(runner, tracker)
  const agent = (name: string, ...answers: readonly ScriptedModelInput[]) =>
    new Agent({ name, model: new ScriptedModel(answers) })
  const [, streamed] = await Promise.all([
    runner.run(agent('one', saying('1')), 'First?'),
    runner.run(agent('two', saying('2')), 'Second?', { stream: true }),
  ])
  await streamed.completed
  await expect(runner.run(agent('three', modelError(new Error('no model'))), 'Third?')).rejects.toThrow(
    'no model',
  )
  await recording.close()
  await runner.run(agent('four', saying('4')), 'Nobody listens?')
  await recording.flush()
  expect(await tellAll(tracker)).toMatchObject([
    { agent: 'one', title: 'Work of one', status: 'completed' },
    { agent: 'two', title: 'Work of two', status: 'completed' },
    { agent: 'three', title: 'Work of three', status: 'left' },
  ])
  expect([...(await tellMessages(tracker))].sort()).toEqual([
    'assistant: 1',
    'assistant: 2',
    'user: First?',
    'user: Second?',
    'user: Third?',
  ])
  await tracker.close()
})

test('a conversation on a session that was passed in records only what is new', async () => {
  const tracker = await makeTracker()
  const session = await tracker.start({ goal: 'Stop double charging' })
  const runner = makeRunner()
  const recording = recordRuns(runner, session, { text: 'summary' })
  const patch = { type: 'apply_patch_call', callId: 'patch', status: 'completed' } as const
  const operation = { type: 'update_file', path: 'src/lock.ts', diff: '@@' } as const
  const editor = {
    createFile: async () => ({}),
    updateFile: async () => ({}),
    deleteFile: async () => ({}),
  }
  const agent = new Agent({
    name: 'fixer',
    tools: [applyPatchTool({ editor })],
    model: new ScriptedModel([
      saying('One per invoice.'),
      [{ ...patch, operation }],
      saying('Done. Ship it.'),
    ]),
  })
  const first = await runner.run(agent, 'Which lock?')
  await runner.run(agent, [
    ...first.history,
    { role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
  ])
  await recording.close()
  expect(await tellMessages(tracker)).toEqual([
    'user: Which lock?',
    'assistant: One per invoice.',
    'user: Go on.',
    'assistant: Done. Ship it.',
  ])
  const { status, updates, entities } = await session.load()
  expect(status).toBe('active')
  expect(updates.map(({ description }) => description)).toEqual(['One per invoice.', 'Done.'])
  expect(entities.map(({ name }) => name)).toEqual(['src/lock.ts'])
  await tracker.close()
})

test('a run that waits for an approval is one session', async () => {
  const tracker = await makeTracker()
  const runner = makeRunner()
  const recording = recordRuns(runner, tracker)
  const pay = tool({
    name: 'pay',
    description: 'Pays',
    parameters: z.object({}),
    needsApproval: true,
    execute: async () => 'refused: no money',
  })
  const agent = new Agent({
    name: 'payer',
    tools: [pay],
    model: new ScriptedModel([calling('pay'), saying('Paid.')]),
  })
  const asked = await runner.run(agent, 'Pay?')
  for (const each of asked.interruptions) asked.state.approve(each)
  await runner.run(agent, asked.state)
  await recording.close()
  expect(await tellAll(tracker)).toMatchObject([{ agent: 'payer', status: 'completed' }])
  expect(await tellMessages(tracker)).toEqual(['user: Pay?', 'assistant: Paid.'])
  await tracker.close()
})

test('failures of tools with their own words are those that the caller knows', async () => {
  const tracker = await makeTracker()
  const runner = makeRunner()
  const recording = recordRuns(runner, tracker, { isFailed: (_, output) => output.startsWith('refused') })
  const pay = tool({
    name: 'pay',
    description: 'Pays',
    parameters: z.object({}),
    execute: async () => 'refused: no money',
  })
  const agent = new Agent({
    name: 'payer',
    tools: [pay],
    model: new ScriptedModel([calling('pay'), calling('pay'), calling('pay'), saying('No money.')]),
  })
  await runner.run(agent, 'Pay!')
  await recording.flush()
  expect(await tellAll(tracker)).toMatchObject([{ blockers: [['pay failed 3 times in a row.', 'open']] }])
  await tracker.close()
})

test('a tracker that fails and events of any shape do not reach the runner', async () => {
  const heard: string[] = []
  const runner = makeRunner()
  const refuse = () => {
    throw new Error('no store')
  }
  const recording = recordRuns(runner, { start: refuse }, { onError: error => heard.push(String(error)) })
  const agent = new Agent({ name: 'fixer', tools: makeTools(), model: new ScriptedModel([saying('Done.')]) })
  expect((await runner.run(agent, 'Go!')).finalOutput).toBe('Done.')
  await recording.flush()
  expect(heard).toEqual(['Error: no store', 'Error: no store', 'Error: no store'])
  const names = ['agent_start', 'agent_handoff', 'agent_tool_end', 'agent_end'] as const
  for (const name of names)
    for (const event of [undefined, null, 7, {}])
      runner.emit(name, ...([event, event, event, event, event] as never))
  await recording.close()
  expect(heard.length).toBeGreaterThan(3)
})

test('agents that are tools of others work in the session, each under its name', async () => {
  const tracker = await makeTracker()
  const runner = makeRunner()
  const [, , write] = makeTools()
  if (write === undefined) throw new Error('no tool')
  const writing = (path: string) => calling('write_file', { path, content: 'canary-content' })
  const make = (name: string, tools: Agent['tools'], ...answers: readonly ScriptedModelInput[]) =>
    new Agent({ name, tools, model: new ScriptedModel(answers) })
  const researcher = make('researcher', [write], writing('notes.md'), saying('canary-found'))
  const parameters = z.object({ what: z.string() })
  const reviewer = make('reviewer', [], saying('canary-reviewed'))
  const lead = make(
    'lead',
    [
      write,
      researcher.asTool({ toolName: 'research', toolDescription: 'Looks for it' }),
      // It has a context of its own.
      reviewer.asTool({ toolName: 'review', toolDescription: 'Reads it', parameters }),
    ],
    calling('research', { input: 'canary-question' }),
    writing('src/lock.ts'),
    calling('review', { what: 'src/lock.ts' }),
    saying('canary-done'),
  )
  const recording = recordRuns(runner, tracker, { subAgents: [lead, researcher, reviewer] })
  await runner.run(lead, PROMPT)
  await recording.flush()
  // A run of its own is no sub-agent's.
  await runner.run(reviewer.clone({ model: new ScriptedModel([saying('alone')]) }), 'Read it')
  await recording.close()
  expect(await tellAll(tracker)).toMatchObject([
    {
      agent: 'lead',
      status: 'completed',
      files: ['agent researcher', 'file notes.md', 'file src/lock.ts', 'agent reviewer'],
    },
    { agent: 'reviewer', status: 'completed', files: [] },
  ])
  const { messages } = await tracker.messages({ project: 'billing' })
  expect(messages.map(({ role, name = '', content }) => [role, name, content]).reverse()).toEqual([
    ['user', '', PROMPT],
    ['system', 'researcher', 'canary-question'],
    ['assistant', 'researcher', 'canary-found'],
    ['system', 'reviewer', expect.stringContaining('src/lock.ts')],
    ['assistant', 'reviewer', 'canary-reviewed'],
    ['assistant', '', 'canary-done'],
    ['user', '', 'Read it'],
    ['assistant', '', 'alone'],
  ])
  expect(await tellSent(tracker)).not.toContain('canary')
  await tracker.close()
})
