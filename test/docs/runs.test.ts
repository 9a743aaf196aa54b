import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandsOf } from '../../scripts/docs/commands.ts'
import { ROOT } from '../../scripts/docs/pages.ts'
import { readRuns, sortRuns } from '../../scripts/docs/runs.ts'

test('commands are found in blocks and in sentences, and nowhere else', () => {
  const text = [
    'Type `npm start`, or `pnpm  lint`; `tracker.start()` and `node_modules` are none.',
    '```sh',
    '# npm nothing',
    'npm test && node examples/slack/main.ts   # ends by itself',
    '```',
    '```ts',
    'const said = `npm lies`',
    '```',
  ].join('\n')
  expect(commandsOf({ path: 'docs/made.md', text })).toEqual([
    { place: 'docs/made.md:4', command: 'npm test' },
    { place: 'docs/made.md:4', command: 'node examples/slack/main.ts   # ends by itself' },
    { place: 'docs/made.md:1', command: 'npm start' },
    { place: 'docs/made.md:1', command: 'pnpm  lint' },
  ])
})

test('each command is run once, or left out for a reason; a reason that nothing needs is told', () => {
  const sorted = sortRuns([
    { place: 'a.md:1', command: 'npm start' },
    { place: 'b.md:2', command: 'npm run docs:serve' },
    { place: 'c.md:3', command: ' npm start' },
  ])
  expect([sorted.run, sorted.left]).toEqual([
    [{ place: 'a.md:1', command: 'npm start' }],
    ['npm run docs:serve: serves until it is stopped'],
  ])
  expect(sorted.problems).toContain('scripts/docs/runs.ts: no page says / --live$/ any more')
  expect(sorted.problems).toHaveLength(22)
})

test('every example says how it is run, which .ci/run does, and every reason is needed', () => {
  const { run, left, problems } = readRuns()
  expect(problems).toEqual([])
  const examples = readdirSync(`${ROOT}/examples`).filter(
    name => !['node_modules', 'package.json', 'README.md', 'stage'].includes(name),
  )
  expect(left).toEqual(
    expect.arrayContaining(examples.map(name => `npm run example -- ${name}: a step of its own in .ci/run`)),
  )
  const commands = run.map(({ command }) => command)
  expect(commands).toContain('npm run example')
  expect(commands).toContain('npm start')
})
