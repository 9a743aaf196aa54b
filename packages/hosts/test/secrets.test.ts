import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTracker } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { linear } from '../../adapters/linear/src/index.ts'
import { slack } from '../../adapters/slack/src/index.ts'
import { buildHook, ingestInto, makeFolder, removeFolder, runHook } from './stage.ts'

/** `secret` must appear nowhere; `text` is where it stands. They are broken by `~~`, so that no scanner takes the file for a leak. */
type Secret = Readonly<{ name: string; secret: string; text: string }>
const read = (name: string): readonly Secret[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8').replaceAll('~~', ''))

/** The second list was chosen by another person, who had not read the patterns. */
const LISTS = [
  ['written beside the patterns', read('secrets.json')],
  ['as they occur in terminals', read('secrets-chosen.json')],
] as const

let folder: string
let hook: string
beforeAll(() => {
  folder = makeFolder()
  hook = buildHook()
})
afterAll(() => removeFolder(folder))

const everyFile = (path: string): string =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => readFileSync(join(each.parentPath, each.name), 'latin1'))
    .join('\n')

test.each(LISTS)('40 secrets %s: in no file, store, card or log', async (list, SECRETS) => {
  expect(SECRETS).toHaveLength(40)
  const data = join(folder, list.replaceAll(' ', '-'))
  const base = { session_id: 's1', cwd: '/home/dev/repo' }
  const call = (event: string, more: object) =>
    expect(runHook(hook, data, ['claude'], { ...base, hook_event_name: event, ...more })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
  const tool = (name: string, input: object, response: unknown, id: string) => ({
    tool_calls: [{ tool_name: name, tool_input: input, tool_response: response, tool_use_id: id }],
  })
  const all = SECRETS.map(({ text }) => text).join('\n')
  call('SessionStart', { source: 'startup' })
  for (const [place, { text }] of SECRETS.entries()) {
    // In a sample two stand alone in each of the two; all of them stand in both below.
    if (RUNS_ALL || place % 20 === 0) call('UserPromptSubmit', { prompt: `Please ${text}` })
    if (RUNS_ALL || place % 20 === 10)
      call(
        'PostToolBatch',
        tool(
          'Bash',
          { command: text },
          `[main abcdef${String(place).padStart(2, '0')}] ${text}`,
          `b${place}`,
        ),
      )
  }
  call('UserPromptSubmit', { prompt: all })
  call('PostToolUse', {
    tool_name: 'Bash',
    tool_use_id: 'c1',
    tool_input: { command: `git commit -m '${all}'` },
    tool_response: {
      stdout: SECRETS.map(
        ({ text }, place) => `[main abcdef${place % 10}${place % 7}] ${text.replaceAll('\n', ' ')}`,
      ).join('\n'),
      stderr: all,
    },
  })
  call('PostToolUse', {
    tool_name: 'TodoWrite',
    tool_use_id: 'c2',
    tool_input: { todos: SECRETS.map(({ text }) => ({ content: text, status: 'pending' })) },
    tool_response: {},
  })
  call('PostToolUse', {
    tool_name: 'Write',
    tool_use_id: 'c3',
    tool_input: { file_path: '/home/dev/repo/.env', content: all },
    tool_response: { content: all },
  })
  for (const id of ['e1', 'e2', 'e3'])
    call('PostToolUseFailure', { tool_name: 'Edit', tool_use_id: id, tool_input: {}, error: all })
  call('Stop', { last_assistant_message: all })
  call('SessionEnd', { reason: 'other' })

  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false, store: sqliteStore(join(data, 'sessions.db')) },
    adapters: [
      slack({ channel: 'C0123456789', mode: 'preview' }),
      linear({ teamId: 'b2f1c1f0-0000-4000-8000-000000000000', mode: 'preview' }),
    ],
  })
  expect((await ingestInto(data, tracker, { capture: { text: 'summary', todos: 'steps' } })).refused).toBe(0)
  const [session] = await tracker.sessions({ project: 'repo' })
  const planned = await tracker.preview(session?.id ?? '')
  expect(planned.length).toBeGreaterThan(2)
  const cards = JSON.stringify(planned)
  const store = JSON.stringify([
    await tracker.session(session?.id ?? '').load(),
    await tracker.messages({ limit: 1_000 }),
  ])
  await tracker.close()
  const files = everyFile(data)
  // Of a key over several lines, none.
  const isIn = (text: string, secret: string): boolean => secret.split('\n').some(line => text.includes(line))
  const leaked = SECRETS.flatMap(({ name, secret }) => [
    ...(isIn(files, secret) ? [`${name}: in a file`] : []),
    ...(isIn(store, secret) ? [`${name}: in the store`] : []),
    ...(isIn(cards, secret) ? [`${name}: on a card`] : []),
  ])
  expect(leaked).toEqual([])
})

test('values of variables that are named like credentials are redacted wherever they stand', () => {
  const data = join(folder, 'known')
  const value = 'plain-words-that-no-pattern-knows'
  const payload = { session_id: 's1', hook_event_name: 'UserPromptSubmit', cwd: '/x', prompt: `say ${value}` }
  runHook(hook, data, ['claude'], payload, { env: { BILLING_TOKEN: value } })
  expect(everyFile(data)).toContain('"prompt":"say [redacted]"')
})

test('words of prompts, answers, plans and outputs leave nowhere by default', async () => {
  const data = join(folder, 'private')
  const base = { session_id: 's1', cwd: '/home/dev/repo' }
  const call = (event: string, more: object) =>
    runHook(hook, data, ['claude'], { ...base, hook_event_name: event, ...more })
  call('SessionStart', { source: 'startup' })
  call('UserPromptSubmit', { prompt: 'canary-prompt' })
  call('PostToolUse', {
    tool_name: 'Write',
    tool_use_id: '1',
    tool_input: { file_path: '/home/dev/repo/a.ts', content: 'canary-content' },
    tool_response: { content: 'canary-content' },
  })
  call('PostToolUse', {
    tool_name: 'Bash',
    tool_use_id: '2',
    tool_input: { command: 'echo canary-command' },
    tool_response: { stdout: 'canary-output' },
  })
  call('PostToolUse', {
    tool_name: 'TodoWrite',
    tool_use_id: '3',
    tool_input: { todos: [{ content: 'canary-plan', status: 'pending' }] },
    tool_response: {},
  })
  call('PostToolUse', {
    tool_name: 'Read',
    tool_use_id: '4',
    tool_input: { file_path: '/home/dev/repo/b.ts' },
    tool_response: { file: { content: 'canary-read' } },
  })
  for (const id of ['5', '6', '7'])
    call('PostToolUseFailure', {
      tool_name: 'Edit',
      tool_use_id: id,
      tool_input: { old_string: 'canary-old' },
      error: 'canary-error',
    })
  call('Stop', { last_assistant_message: 'canary-answer' })
  call('SessionEnd', { reason: 'other' })
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false, store: sqliteStore(join(data, 'sessions.db')) },
    adapters: [slack({ channel: 'C0123456789', mode: 'preview' })],
  })
  await ingestInto(data, tracker)
  const [session] = await tracker.sessions({ project: 'repo' })
  const cards = JSON.stringify(await tracker.preview(session?.id ?? ''))
  await tracker.close()
  expect(cards).toContain('0 of 1 to-do items done')
  expect(cards).not.toContain('canary')
  // Contents of files are kept nowhere at all.
  expect(everyFile(data)).not.toMatch(/canary-(content|read|old)/)
})
