import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Built, buildCommand, makePlace, type Place } from './stage.ts'

let built: Built
let place: Place
beforeAll(() => {
  built = buildCommand()
  built.addAdapter('slack')
})
beforeEach(() => {
  place = makePlace(built.main, { here: true })
})
afterEach(() => place.remove())

const PROMPT = 'please fix double charging'

const say = (event: string, more: object = {}) =>
  place.run(['hook', 'claude'], {
    input: JSON.stringify({ session_id: 'one', hook_event_name: event, cwd: place.folder, ...more }),
  })

const work = async (): Promise<void> => {
  await say('SessionStart', { source: 'startup' })
  await say('UserPromptSubmit', { prompt: PROMPT })
  await say('UserPromptSubmit', { prompt: 'and go on' })
  await say('PostToolUse', {
    ...{ tool_name: 'Write', tool_use_id: 't1', tool_response: {} },
    tool_input: { file_path: join(place.folder, 'lock.ts') },
  })
  // Every command reads what hooks wrote, but not for long: a busy machine would leave some of it to the next.
  await place.json(['ingest'])
}

test('a captured session says on this machine what it did, and nothing of the prompt leaves', async () => {
  const settings = { project: 'work', adapters: { slack: { channel: 'C0123456789', mode: 'preview' } } }
  place.write('sessionwire.config.json', JSON.stringify(settings))
  await place.json(['trust'])
  await work()
  const status = await place.run(['status'])
  expect(status.out.split('\n').slice(0, 2)).toEqual([PROMPT, expect.stringMatching(/^work, \d{4}-/)])
  expect(status.out).toContain('\n  1 file: lock.ts\n')
  expect(status.out).not.toContain('0 %')
  for (const words of [['sessions'], ['show'], ['digest']]) {
    const { out } = await place.run(words)
    // A list is as wide as the terminal.
    expect(out).toContain('please fix double')
    expect(out).not.toContain('0 %')
  }
  expect((await place.run(['digest'])).out).toContain('  - 1 file: lock.ts\n')
  await say('SessionEnd')
  expect((await place.run(['status'])).out).toContain('please fix double')
  // What others may read: requests, and objects that a script passes on.
  const planned = await place.run(['preview', '--all'])
  expect(planned.out).toMatch(/post to C0123456789: work, \d{4}-/)
  for (const { out } of [
    planned,
    await place.run(['digest', '--json']),
    await place.run(['sessions', '--json']),
    await place.run(['status', '--json']),
    await place.run(['export']),
  ])
    expect(out).not.toContain('double charging')
})

test('the prompt of another user is not shown', async () => {
  await work()
  expect((await place.run(['sessions'])).out).toContain('please fix double')
  const { out } = await place.run(['sessions', '--user', 'Bob'])
  expect(out).toContain('work, ')
  expect(out).not.toContain('please fix double')
})

test('notes for hosts follow the configuration from its trust on', async () => {
  await place.json(['install', 'claude', '--no-mcp'])
  await work()
  await place.run(['decide', 'Lock per invoice'])
  const start = async () => (await say('SessionStart', { source: 'startup' })).out
  expect(await start()).toContain('Lock per invoice')
  place.write('sessionwire.config.json', '{ "project": "work", "recall": { "inject": false } }')
  await place.json(['trust'])
  expect(await start()).toBe('')
  expect(readFileSync(join(place.folder, 'sessionwire.config.json'), 'utf8')).toContain('inject')
})
