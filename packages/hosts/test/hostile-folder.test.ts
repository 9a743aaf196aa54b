import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Line } from '../src/hook/line.ts'
import { places, spoolFile } from '../src/hook/places.ts'
import { buildHook, ingestInto, makeFolder, makeTracker, removeFolder, runHook } from './stage.ts'

let hook: string
let home: string
let data: string
let repo: string
beforeAll(() => {
  hook = buildHook()
})
beforeEach(() => {
  home = makeFolder()
  data = join(home, 'data')
  repo = join(home, 'repo')
  mkdirSync(repo)
})
afterEach(() => removeFolder(home))

const started = () => ({ session_id: 's', hook_event_name: 'SessionStart', cwd: repo })
const written = (): Line => JSON.parse(readFileSync(spoolFile(data, 'claude', 's'), 'utf8')) as Line
const inFolder = (git: string): string => {
  mkdirSync(git)
  return join(git, 'HEAD')
}
const fifo = (path: string) => expect(spawnSync('mkfifo', [path]).status).toBe(0)

describe.runIf(process.platform !== 'win32')('a folder of somebody else', () => {
  test.for<[what: string, make: (git: string) => void]>([
    ['a pipe as .git', fifo],
    ['a device as .git', git => symlinkSync('/dev/zero', git)],
    ['a pipe as HEAD', git => fifo(inFolder(git))],
    ['a device as HEAD', git => symlinkSync('/dev/zero', inFolder(git))],
    ['a folder as HEAD', git => mkdirSync(join(git, 'HEAD'), { recursive: true })],
    ['.git that names itself', git => writeFileSync(git, `gitdir: ${git}`)],
    ['a .git file of megabytes', git => writeFileSync(git, 'x'.repeat(5_000_000))],
  ])('%s neither holds nor fills the hook', ([, make]) => {
    make(join(repo, '.git'))
    const { status, stdout, stderr } = runHook(hook, data, ['claude'], started(), { timeout: 300_000 })
    expect([status, stdout, stderr]).toEqual([0, '', ''])
    expect(written().branch).toBeUndefined()
  })

  test('starts no program that it brings along', () => {
    const bin = join(repo, 'node_modules', '.bin')
    const mark = join(home, 'started')
    const program = (folder: string) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'sessionwire'), `#!/bin/sh\necho "$0" >> "${mark}"\n`)
      chmodSync(join(folder, 'sessionwire'), 0o755)
    }
    const safe = join(home, 'safe')
    for (const each of [bin, join(repo, 'tools'), join(home, 'other', 'node_modules', '.bin'), safe])
      program(each)
    mkdirSync(data)
    writeFileSync(
      places(data).command,
      JSON.stringify({ command: ['/gone/node', '/gone/main.js', 'ingest'] }),
    )
    fifo(mark)
    const path = [bin, join(repo, 'tools'), '.', '', join(home, 'other', 'node_modules', '.bin'), safe]
    const env = { PATH: [...path, process.env.PATH].join(':') }
    expect(
      runHook(hook, data, ['claude'], { ...started(), hook_event_name: 'SessionEnd' }, { env }).status,
    ).toBe(0)
    // The pipe waits for the program that was started.
    expect(readFileSync(mark, 'utf8')).toBe(`${join(safe, 'sessionwire')}\n`)
  })
})

test.runIf(process.platform !== 'win32')('a working directory that was removed loses no event', () => {
  const gone = join(home, 'gone')
  mkdirSync(gone)
  const input = join(home, 'input.json')
  writeFileSync(input, JSON.stringify(started()))
  const script = `cd "${gone}" && rmdir "${gone}" && "${process.execPath}" "${hook}" claude < "${input}"`
  const env = { PATH: process.env.PATH, HOME: data, SESSIONWIRE_DATA_DIR: data }
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
  expect(written()).toMatchObject({ event: 'SessionStart', workspace: repo })
})

test('a byte order mark before the input is none of it', () => {
  runHook(hook, data, ['claude'], `\ufeff${JSON.stringify(started())}`)
  expect(written().event).toBe('SessionStart')
})

test('a line of another inner shape costs itself alone', async () => {
  const path = spoolFile(data, 'claude', 's')
  mkdirSync(join(path, '..'), { recursive: true })
  const T = Date.now() - 3_600_000
  const whole = { v: 1, host: 'claude', session: 's', workspace: '/home/dev/repo' }
  const odd = [
    { event: 'PostToolUse', t: T + 1, tools: [null] },
    { event: 'PostToolUse', t: T + 2, tools: 'x' },
    // Nothing in it can be read, and nothing is.
    { event: 'PostToolUse', t: T + 3, tools: [7] },
    { event: 'UserPromptSubmit', t: 1e308, prompt: 'later' },
    { event: 'UserPromptSubmit', t: 8.64e15 + 1, prompt: 'later' },
  ]
  const lines = [
    { event: 'SessionStart', t: T, source: 'startup' },
    ...odd,
    { event: 'UserPromptSubmit', t: T + 4, prompt: 'go on' },
  ].map((each, place) => JSON.stringify({ ...whole, id: `l${place}`, ...each }))
  writeFileSync(path, lines.map(each => `\n${each}\n`).join(''))
  const tracker = await makeTracker()
  const done = await ingestInto(data, tracker)
  expect(done).toMatchObject({ ran: true, complete: true, lines: 7, unreadable: 4 })
  const { messages } = await tracker.messages({})
  expect(messages.map(({ content }) => content)).toEqual(['go on'])
  expect(existsSync(places(data).errors)).toBe(false)
  await tracker.close()
})
