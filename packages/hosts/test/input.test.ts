import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { places, spoolFile } from '../src/hook/places.ts'
import { buildHook, makeFolder, removeFolder } from './stage.ts'

let hook: string
let data: string
let hasty: string
beforeAll(() => {
  hook = buildHook()
})
beforeEach(() => {
  data = makeFolder()
  // Time passes a hundred times as fast.
  hasty = join(data, 'hasty.cjs')
  writeFileSync(hasty, 'const wait = setTimeout; globalThis.setTimeout = (act, ms) => wait(act, ms / 100)')
})
afterEach(() => removeFolder(data))

type Ended = Readonly<{ code: number | null; said: string }>
type Feed = (write: (text: string) => Promise<void>) => Promise<void>

/** Runs the hook on an input that does not end by itself. */
const run = (node: readonly string[], feed: Feed, isEnding: boolean): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, HOME: data, SESSIONWIRE_DATA_DIR: data }
    const child = spawn(process.execPath, [...node, hook, 'claude'], { env })
    let said = ''
    child.stdout.on('data', part => {
      said += part
    })
    child.stderr.on('data', part => {
      said += part
    })
    child.stdin.on('error', () => undefined)
    const write = (text: string) => new Promise<void>(done => child.stdin.write(text, () => done()))
    child.on('error', reject)
    child.on('close', code => {
      child.stdin.destroy()
      resolve({ code, said })
    })
    void feed(write).then(() => isEnding && child.stdin.end())
  })

const payload = JSON.stringify({
  session_id: 's',
  hook_event_name: 'Stop',
  cwd: '/repo',
  prompt: 'é'.repeat(9),
})
const written = () => JSON.parse(readFileSync(spoolFile(data, 'claude', 's'), 'utf8')) as object
const errors = () => readFileSync(places(data).errors, 'utf8').replaceAll(/^\S+ /gm, '')

describe.runIf(process.platform !== 'win32')('an input that does not end', () => {
  test('of which nothing comes holds the host for a time, and is in the log', async () => {
    const ended = await run(['--require', hasty], async () => undefined, false)
    expect(ended).toEqual({ code: 0, said: '' })
    expect(errors()).toBe('input: nothing came for 8 s: read 0 bytes\n')
    expect(existsSync(places(data).spool)).toBe(false)
  })

  test('whose object is whole is recorded', async () => {
    const ended = await run(['--require', hasty], write => write(payload), false)
    expect(ended).toEqual({ code: 0, said: '' })
    expect(written()).toMatchObject({ session: 's', event: 'Stop' })
    expect(errors()).toBe(`input: nothing came for 8 s: read ${Buffer.byteLength(payload)} bytes\n`)
  })

  test('whose object is half says nothing of it', async () => {
    const ended = await run(['--require', hasty], write => write(payload.slice(0, 40)), false)
    expect(ended).toEqual({ code: 0, said: '' })
    expect(errors()).toBe('input: nothing came for 8 s: read 40 bytes\n')
  })
})

test('an input in many pieces is one', async () => {
  const feed: Feed = async write => {
    for (const piece of payload.match(/[\s\S]{1,3}/g) ?? []) await write(piece)
  }
  expect(await run([], feed, true)).toEqual({ code: 0, said: '' })
  expect(written()).toMatchObject({ event: 'Stop', prompt: 'é'.repeat(9) })
})

describe.runIf(process.platform !== 'win32')('a user', () => {
  const as = (env: Readonly<Record<string, string>>, node: readonly string[] = []) =>
    spawnSync(process.execPath, [...node, hook, 'claude'], {
      env: { PATH: process.env.PATH, ...env },
      input: payload,
      cwd: join(data, 'repo'),
      encoding: 'utf8',
    })
  beforeEach(() => mkdirSync(join(data, 'repo')))

  test('without a home folder loses an event, and nothing else', () => {
    const homeless = join(data, 'homeless.cjs')
    // As in a container whose user has no entry in the system.
    writeFileSync(
      homeless,
      'const os = require("node:os"); os.homedir = os.userInfo = () => { throw new Error("ENOENT") }',
    )
    const { status, stdout, stderr } = as({}, ['--require', homeless])
    expect([status, stdout, stderr]).toEqual([0, '', ''])
  })

  test.each([{ SESSIONWIRE_DATA_DIR: 'data' }, { SESSIONWIRE_DATA_DIR: './' }])(
    'whose folder is relative (%o) gets nothing written where the host works',
    env => {
      const { status, stdout, stderr } = as({ HOME: data, ...env })
      expect([status, stdout, stderr]).toEqual([0, '', ''])
      expect(readdirSync(join(data, 'repo'))).toEqual([])
    },
  )

  test.each([{ HOME: '' }, { HOME: 'home' }])('whose home is %o has the one that the system knows', home => {
    const known = join(data, 'known.cjs')
    writeFileSync(known, `require("node:os").userInfo = () => ({ homedir: ${JSON.stringify(data)} })`)
    expect(as({ ...home, XDG_DATA_HOME: 'xdg' }, ['--require', known]).status).toBe(0)
    expect(readdirSync(join(data, 'repo'))).toEqual([])
    const own = process.platform === 'darwin' ? 'Library/Application Support' : '.local/share'
    expect(existsSync(join(data, own, 'sessionwire/spool/claude/s.jsonl'))).toBe(true)
  })
})
