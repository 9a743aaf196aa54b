import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostileLinear, hostileLinear } from '@sessionwire/linear/testing'
import { beforeEach, expect, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { hear, readSpool, useStage } from './stage.ts'

/** Work trees that `git worktree add` made, as one agent beside another works in. */
const stage = useStage<HostileLinear>({ adapters: ['linear'], here: true, serve: hostileLinear })

const git = (folder: string, ...words: readonly string[]): void => {
  const { status, stderr } = spawnSync('git', ['-C', folder, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
  })
  expect([words, status, stderr]).toEqual([words, 0, expect.anything()])
}

let tree: string
beforeEach(async () => {
  const { place, server } = stage
  git(place.folder, 'init', '-q')
  git(place.folder, '-c', 'user.name=Ada', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x')
  const adapters = { linear: { teamId: 'BIL', baseUrl: server.url } }
  place.write('sessionwire.config.json', JSON.stringify({ project: 'billing', adapters }))
  place.write('.env', 'LINEAR_API_KEY=lin_api_test\n')
  await place.json(['trust'])
  tree = join(place.home, 'tree')
  git(place.folder, 'worktree', 'add', '-q', '-b', 'feature/x', tree)
})

type Sessions = Readonly<{ sessions: readonly Readonly<{ title: string; status: string }>[] }>
const titles = async (cwd: string) =>
  (await stage.place.json<Sessions>(['sessions'], { cwd })).sessions.map(({ title }) => title)
type Status = Readonly<{ session: Readonly<{ title: string }> | null }>
const current = async (cwd: string) => (await stage.place.json<Status>(['status'], { cwd })).session?.title
const cards = (): readonly string[] =>
  stage.server
    .issues()
    .map(({ title }) => title)
    .filter(title => /^Stop/.test(title))

test('a work tree has trust, credentials and store of its repository, and sessions of its own', async () => {
  const { place } = stage
  await place.json(['start', 'Stop double charging'], { cwd: tree })
  await place.json(['start', 'Stop the refunds'])
  expect(cards()).toEqual(['Stop double charging', 'Stop the refunds'])
  expect([await current(tree), await current(place.folder)]).toEqual([
    'Stop double charging',
    'Stop the refunds',
  ])
  expect(await titles(tree)).toEqual(['Stop the refunds', 'Stop double charging'])
  expect(existsSync(join(tree, '.sessionwire'))).toBe(false)
})

test.runIf(RUNS_ALL)('a work tree within the repository has sessions of its own too', async () => {
  const { place } = stage
  const inner = join(place.folder, '.claude/worktrees/one')
  git(place.folder, 'worktree', 'add', '-q', '-b', 'one', inner)
  mkdirSync(join(place.folder, 'packages'))
  await place.json(['start', 'Stop the refunds'])
  await place.json(['start', 'Stop double charging'], { cwd: inner })
  expect([await current(join(place.folder, 'packages')), await current(inner)]).toEqual([
    'Stop the refunds',
    'Stop double charging',
  ])
  git(place.folder, 'worktree', 'remove', '--force', inner)
  expect(await current(place.folder)).toBe('Stop the refunds')
})

test('a session of a host ends in the store of its repository after its work tree was removed', async () => {
  const { place } = stage
  await place.run(['install', 'claude'])
  const inTree = { ...place, folder: tree }
  await hear(inTree, 's1', 'SessionStart', { source: 'startup' })
  await hear(inTree, 's1', 'UserPromptSubmit', { prompt: 'go' })
  await hear(inTree, 's1', 'PostToolUse', {
    tool_name: 'Write',
    tool_input: { file_path: join(tree, 'a.ts') },
  })
  await readSpool(place)
  git(place.folder, 'worktree', 'remove', '--force', tree)
  await hear(inTree, 's1', 'SessionEnd', { reason: 'other' })
  await readSpool(place)
  const { sessions } = await place.json<Sessions>(['sessions'])
  expect(sessions.map(({ status }) => status)).toEqual(['left'])
})

test.runIf(RUNS_ALL)(
  'a folder that names a repository which does not know it is no work tree of it',
  async () => {
    const { place } = stage
    const other = join(place.home, 'other')
    mkdirSync(other)
    writeFileSync(join(other, '.git'), readFileSync(join(tree, '.git')))
    await place.json(['start', 'Stop double charging'], { cwd: other })
    expect([cards(), await titles(place.folder), await titles(other)]).toEqual([
      [],
      [],
      ['Stop double charging'],
    ])
  },
)

test.runIf(RUNS_ALL)('capture that is off in the repository is off in its work trees', async () => {
  const { place } = stage
  const inTree = { ...place, folder: tree }
  await place.json(['off'])
  await hear(inTree, 's1', 'SessionStart', { source: 'startup' })
  await hear(inTree, 's1', 'UserPromptSubmit', { prompt: 'go' })
  expect(await titles(place.folder)).toEqual([])
  expect((await place.json<{ capture: boolean }>(['on'], { cwd: tree })).capture).toBe(false)
  await place.json(['on'])
  await place.json(['off'], { cwd: tree })
  await hear(inTree, 's2', 'SessionStart', { source: 'startup' })
  await hear(place, 's3', 'SessionStart', { source: 'startup' })
  expect(existsSync(join(place.data, 'spool/claude/s2.jsonl'))).toBe(false)
  expect(existsSync(join(place.data, 'spool/claude/s3.jsonl'))).toBe(true)
})

test.runIf(RUNS_ALL)('a configuration that only the work tree has is used there', async () => {
  const { place } = stage
  const folder = join(place.home, 'all')
  git(place.folder, 'clone', '-q', '--bare', place.folder, join(folder, '.git'))
  const only = join(folder, 'feature')
  git(folder, 'worktree', 'add', '-q', '-b', 'only', only)
  writeFileSync(join(only, 'sessionwire.config.json'), '{"project":"feature"}')
  const trusted = await place.json<{ file: string }>(['trust'], { cwd: only })
  await place.json(['start', 'Stop double charging'], { cwd: only })
  expect([trusted.file, await current(only)]).toEqual([
    join(only, 'sessionwire.config.json'),
    'Stop double charging',
  ])
})
