import { readFileSync } from 'node:fs'
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
