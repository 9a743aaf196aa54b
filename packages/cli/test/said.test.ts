import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { useStage } from './stage.ts'

/** What commands say where there is nothing to do, or where they were asked for something that is not there. */
const stage = useStage({ here: true })

const run = async (...words: readonly string[]): Promise<readonly unknown[]> => {
  const { code, out, err } = await stage.place.run(words)
  return [code, out, err]
}

test('a folder that is not there is an error, wherever a command is told to work', async () => {
  const missing = `${stage.place.folder}/missing`
  for (const folder of ['missing', missing])
    expect(await run('status', '--cwd', folder)).toEqual([
      64,
      '',
      `USAGE: --cwd: there is no folder ${missing}.\n`,
    ])
})

test('a query that nothing fits says so beside what is always told', async () => {
  await run('start', 'Lock per invoice')
  const [code, out, err] = await run('recall', 'staging key')
  expect([code, err]).toEqual([0, 'note: No line has all of these words: staging key\n'])
  expect(out).toMatch(/^Goal: Lock per invoice \[/)
  expect((await run('recall', 'LOCK'))[2]).toBe('')
})

test.each([
  ['start', 'Lock per invoice'],
  ['forget', 'abc'],
])('%s takes no --session, which is for commands about the current one', async (...words) => {
  const [code, out, err] = await run(...words, '--session', 'abc')
  expect([code, out]).toEqual([64, ''])
  expect(err).toContain("unknown option '--session'")
})

test('capture that is off here is told by status', async () => {
  await run('off')
  expect((await run('status'))[1]).toContain(
    `Agent hosts are not captured in ${stage.place.folder}: sessionwire on\n`,
  )
  await run('on')
  expect((await run('status'))[1]).not.toContain('captured')
})

test.for([
  [['prune'], 0, 'Removed what ended more than 30d ago: 0 sessions, 0 messages, 0 requests\n', ''],
  [
    ['prune', '--older-than', '1d'],
    0,
    'Removed what ended more than 1d ago: 0 sessions, 0 messages, 0 requests\n',
    '',
  ],
  [
    ['help', 'strat'],
    64,
    '',
    "USAGE: unknown command 'strat'\n(Did you mean start?)\nRun `sessionwire help <command>` for its arguments and options. Text that begins with a dash goes behind --.\n",
  ],
  [['actions'], 3, '', 'CONFIG: No adapter is configured.\nMake a configuration with: sessionwire init\n'],
  [
    ['unpause', 'linear'],
    64,
    '',
    'INVALID_INPUT: unpause.adapter: unknown adapter "linear"; there is none here.\n',
  ],
] as const)('%j', async ([words, ...expected]) => {
  expect(await run(...words)).toEqual(expected)
})

test('an item that cannot be linked is called an item', async () => {
  await run('start', 'Lock')
  expect(await run('link', 'BIL-212')).toEqual([
    64,
    '',
    'USAGE: item: invalid link; expected one such as jira=ENG-1, got "BIL-212".\n',
  ])
})

test('a store at an address of another kind is refused, and no folder is made of its name', async () => {
  for (const store of ['mysql://ada:secret@db/x', 'postgress://db/x', 'file:///tmp/x.db']) {
    const { code, err } = await stage.place.run(['start', 'Lock'], { env: { SESSIONWIRE_STORE: store } })
    expect([code, err]).toEqual([
      3,
      'CONFIG: SESSIONWIRE_STORE: store: unknown kind of address; expected a path, or postgres://user@host/database.\n',
    ])
  }
  expect(readdirSync(stage.place.folder)).not.toContain('mysql:')
})

test('a recorded stream that is not there is named, and one line is one line', async () => {
  for (const file of ['missing.jsonl', '.'])
    expect(await run('hook', 'claude', '--replay', file)).toEqual([
      64,
      '',
      `USAGE: --replay: there is no file ${resolve(stage.place.folder, file)}.\n`,
    ])
  stage.place.write('stream.jsonl', 'nothing\n')
  expect((await run('hook', 'claude', '--replay', 'stream.jsonl'))[1]).toBe('1 line could not be read.\n')
})
