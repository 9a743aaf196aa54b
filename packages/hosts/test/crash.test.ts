import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTracker, TrackerError } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleOnce } from '../../../test/built.ts'
import { RUNS_ALL } from '../../../test/sample.ts'
import { spoolFile } from '../src/hook/places.ts'
import type { Recorder } from '../src/ingest/apply.ts'
import { buildHook, ingestInto, makeFolder, makeTracker, removeFolder, runHook } from './stage.ts'

const here = import.meta.dirname
const KILLS = RUNS_ALL ? 500 : 15

let folder: string
let hook: string
let n = 0
const freshData = () => join(folder, `data-${n++}`)
beforeAll(() => {
  folder = makeFolder()
  hook = buildHook()
})
afterAll(() => removeFolder(folder))

const prompt = (text: string, session = 's1') => ({
  session_id: session,
  hook_event_name: 'UserPromptSubmit',
  cwd: '/home/dev/repo',
  prompt: text,
})

/** Contents of the messages of each host's session, oldest first. */
const messagesOf = async (tracker: Recorder) => {
  const found = new Map<string, string[]>()
  for (const { id, metadata } of await tracker.sessions({ project: 'repo' })) {
    const { messages } = await tracker.messages({ sessionId: id, limit: 1_000 })
    // Newest first by time; of one millisecond in the order of the store.
    found.set(String(metadata.hostSession), messages.map(({ content }) => content).reverse())
  }
  return found
}

test(`the hook is killed ${KILLS} times, at every call that it makes: each event once, in order`, async () => {
  const data = freshData()
  const tracker = await makeTracker()
  const whole: string[] = []
  const perhaps: string[] = []
  let killed = 0
  const places = new Set<string>()
  for (let round = 0; killed < KILLS; round++) {
    const text = `event ${String(round).padStart(4, '0')}`
    // One in four is left alone: it must arrive whatever those before it left.
    const isAimed = round % 4 !== 3
    // The hook makes seven calls of the file system for a line.
    const at = `${1 + (round % 7)} ${['before', 'half', 'after'][Math.floor(round / 7) % 3]}`
    const node = isAimed ? ['--require', join(here, 'kill-at.cjs')] : []
    const ended = runHook(hook, data, ['claude'], prompt(text), { node, env: { KILL_AT: at } })
    if (ended.signal !== null) {
      killed++
      places.add(at)
    }
    if (ended.signal === null) {
      expect(ended.status).toBe(0)
      whole.push(text)
    } else {
      expect(ended.signal).toBe('SIGKILL')
      perhaps.push(text)
    }
    if (round % 10 === 9) await ingestInto(data, tracker)
  }
  const last = await ingestInto(data, tracker)
  expect(last.complete).toBe(true)
  const found = (await messagesOf(tracker)).get('s1') ?? []
  expect(found).toEqual([...found].sort())
  expect(new Set(found).size).toBe(found.length)
  expect(whole.filter(text => !found.includes(text))).toEqual([])
  expect(found.filter(text => !whole.includes(text) && !perhaps.includes(text))).toEqual([])
  expect(perhaps).toHaveLength(KILLS)
  expect(places.size).toBeGreaterThan(RUNS_ALL ? 18 : 12)
  await tracker.close()
})

test('a torn line costs itself alone', async () => {
  const data = freshData()
  const path = spoolFile(data, 'claude', 's1')
  runHook(hook, data, ['claude'], prompt('one'))
  const whole = readFileSync(path, 'utf8')
  // In the middle of a sign of three bytes.
  appendFileSync(path, Buffer.concat([Buffer.from('\n{"v":1,"prompt":"'), Buffer.from('€').subarray(0, 2)]))
  runHook(hook, data, ['claude'], prompt('two'))
  appendFileSync(path, '\n[]\n\n\n{"v":2}\n')
  const tracker = await makeTracker()
  expect(await ingestInto(data, tracker)).toMatchObject({ lines: 5, unreadable: 3, complete: true })
  expect((await messagesOf(tracker)).get('s1')).toEqual(['one', 'two'])
  // A line without its end is not read yet.
  appendFileSync(
    path,
    whole
      .slice(0, -1)
      .replace('one', 'three')
      .replace(/"id":"[^"]+/, '"id":"three'),
  )
  expect(await ingestInto(data, tracker)).toMatchObject({ lines: 0 })
  appendFileSync(path, '\n')
  await ingestInto(data, tracker)
  expect((await messagesOf(tracker)).get('s1')?.toSorted()).toEqual(['one', 'three', 'two'])
  await tracker.close()
})

test.runIf(process.platform === 'linux')(
  'a full disk: what was written is whole, and what comes later is recorded',
  async () => {
    const data = freshData()
    const limited = (text: string) =>
      // Files of at most 4 KiB; the system's signal for it is ignored, as a full disk sends none.
      spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 4; exec "${process.execPath}" "${hook}" claude`], {
        input: JSON.stringify(prompt(text)),
        env: { ...process.env, SESSIONWIRE_DATA_DIR: data },
        encoding: 'utf8',
      })
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'].map(letter => `${letter}: ${letter.repeat(900)}`)
    for (const text of texts) expect(limited(text)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    runHook(hook, data, ['claude'], prompt('there is room again'))
    const tracker = await makeTracker()
    expect(await ingestInto(data, tracker)).toMatchObject({ unreadable: 1, complete: true })
    const found = (await messagesOf(tracker)).get('s1') ?? []
    expect(found.map(text => text.slice(0, 1))).toEqual(['a', 'b', 'c', 't'])
    expect(readFileSync(join(data, 'hook-errors.log'), 'utf8')).toMatch(/spool: (wrote|EFBIG)/)
    await tracker.close()
  },
)

test('a store that fails for a while: nothing is passed over', async () => {
  const data = freshData()
  for (const text of ['one', 'two', 'three']) runHook(hook, data, ['claude'], prompt(text))
  const tracker = await makeTracker()
  let fails = 2
  const busy: Recorder = {
    ...tracker,
    session: id => {
      const session = tracker.session(id)
      return {
        ...session,
        message: async (...given) => {
          if (given[1] === 'two' && fails-- > 0) throw new TrackerError('STORE', 'disk full')
          return session.message(...given)
        },
      }
    },
  }
  expect((await ingestInto(data, busy)).complete).toBe(false)
  expect((await ingestInto(data, busy)).complete).toBe(false)
  expect((await ingestInto(data, busy)).complete).toBe(true)
  expect((await messagesOf(tracker)).get('s1')).toEqual(['one', 'two', 'three'])
  await tracker.close()
})

test('the ingest is killed before and after each record: each event once, in order', async () => {
  const data = freshData()
  const texts = Array.from({ length: 6 }, (_, place) => `event ${place}`)
  for (const text of texts) runHook(hook, data, ['claude'], prompt(text))
  runHook(hook, data, ['claude'], { ...prompt(''), hook_event_name: 'SessionEnd' })
  const program = join(bundleOnce('ingest', { child: join(here, 'ingest-child.ts') }), 'child.mjs')
  const child = (at: string, how: string) =>
    spawnSync(process.execPath, ['--no-warnings', program, data, at, how], { encoding: 'utf8' })
  for (const at of RUNS_ALL ? ['1', '2', '3', '4', '5', '6', '7'] : ['3'])
    for (const how of ['before', 'after']) expect(child(at, how).signal).toBe('SIGKILL')
  // Two at once, and then one that certainly ran.
  const both = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<string>(resolve => {
          const one = spawn(process.execPath, ['--no-warnings', program, data, '0', 'before'])
          let text = ''
          one.stdout.on('data', piece => {
            text += piece
          })
          one.on('close', () => resolve(text))
        }),
    ),
  )
  for (const text of both) expect(JSON.parse(text)).toMatchObject({ refused: 0 })
  expect(JSON.parse(child('0', 'before').stdout)).toMatchObject({ ran: true, complete: true, events: 0 })
  const tracker = await createTracker({
    ...{ project: 'repo', user: 'Ada', deliver: false, store: sqliteStore(join(data, 'sessions.db')) },
  })
  expect((await messagesOf(tracker)).get('s1')).toEqual(texts)
  expect((await tracker.sessions({ project: 'repo' })).map(({ status }) => status)).toEqual(['left'])
  await tracker.close()
})

test('two hosts at once on one workspace, ingests beside them: each event once, in order', async () => {
  const data = freshData()
  const tracker = await makeTracker()
  const hosts = ['claude', 'codex'] as const
  const call = (host: string, text: string) =>
    new Promise<number | null>(resolve => {
      const child = spawn(process.execPath, [hook, host], {
        env: { ...process.env, SESSIONWIRE_DATA_DIR: data },
      })
      child.on('close', resolve)
      child.stdin.end(JSON.stringify(prompt(text, host)))
    })
  const rounds = RUNS_ALL ? 8 : 3
  for (let round = 0; round < rounds; round++) {
    const codes = await Promise.all(hosts.map(host => call(host, `${host} ${round}`)))
    expect(codes).toEqual([0, 0])
    const [one, other] = await Promise.all([ingestInto(data, tracker), ingestInto(data, tracker)])
    // The lock is held while the first one waits for the store.
    expect([one.ran, other.ran]).toContain(true)
  }
  await ingestInto(data, tracker)
  const found = await messagesOf(tracker)
  for (const host of hosts)
    expect(found.get(host)).toEqual(Array.from({ length: rounds }, (_, round) => `${host} ${round}`))
  await tracker.close()
})

test('a spool is removed a day after its session ended and everything is recorded', async () => {
  const data = freshData()
  runHook(hook, data, ['claude'], prompt('one'))
  const path = spoolFile(data, 'claude', 's1')
  const tracker = await makeTracker()
  const later = (ms: number) => ({ now: () => Date.now() + ms })
  await ingestInto(data, tracker, later(3_600_000))
  expect(existsSync(path)).toBe(true)
  await ingestInto(data, tracker, later(90_000_000))
  expect(existsSync(path)).toBe(false)
  expect((await tracker.sessions({ project: 'repo' })).map(({ status }) => status)).toEqual(['left'])
  // The host goes on the next week: the same session, from a new spool.
  runHook(hook, data, ['claude'], { ...prompt(''), hook_event_name: 'SessionStart', source: 'resume' })
  runHook(hook, data, ['claude'], prompt('two'))
  await ingestInto(data, tracker)
  expect((await tracker.sessions({ project: 'repo' })).map(({ status }) => status)).toEqual(['active'])
  expect((await messagesOf(tracker)).get('s1')).toEqual(['one', 'two'])
  await tracker.close()
})

test('nothing is captured in a folder that is off, by whichever path a host or a person names it', () => {
  const data = freshData()
  mkdirSync(join(data, 'real', 'inside'), { recursive: true })
  symlinkSync(join(data, 'real'), join(data, 'link'))
  const captured = (off: string, cwd: string): boolean => {
    writeFileSync(join(data, 'off'), `${off}\n`)
    runHook(hook, data, ['claude'], { ...prompt('one'), cwd })
    return existsSync(spoolFile(data, 'claude', 's1'))
  }
  for (const cwd of ['real', 'link', 'real/inside', 'link/inside'])
    for (const off of ['real', 'link']) expect(captured(join(data, off), join(data, cwd))).toBe(false)
  expect(captured(join(data, 'real/inside'), join(data, 'link'))).toBe(true)
})

test('nothing is captured in a folder that is off, nor with the variable', () => {
  const data = freshData()
  mkdirSync(data)
  writeFileSync(join(data, 'off'), '/home/dev\n')
  runHook(hook, data, ['claude'], prompt('one'))
  runHook(
    hook,
    data,
    ['claude'],
    { ...prompt('two'), cwd: '/elsewhere' },
    { env: { SESSIONWIRE_CAPTURE: 'off' } },
  )
  expect(existsSync(spoolFile(data, 'claude', 's1'))).toBe(false)
  runHook(hook, data, ['claude'], { ...prompt('three'), cwd: '/home/developer' })
  expect(existsSync(dirname(spoolFile(data, 'claude', 's1')))).toBe(true)
})
