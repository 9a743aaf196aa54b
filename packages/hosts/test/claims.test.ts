import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { isHeld, parseClaims } from '../src/hook/claim.ts'
import { claimFile, spoolFile } from '../src/hook/places.ts'
import { buildHook, ingestInto, makeFolder, makeTracker, removeFolder, runHook } from './stage.ts'

let hook: string
let data: string
beforeAll(() => {
  hook = buildHook()
})
beforeEach(() => {
  data = makeFolder()
})
afterEach(() => removeFolder(data))

const claim = (session: string, text: string): string => {
  const path = claimFile(data, 'claude', session)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}
const say = (session: string, event: string, more: object = {}) =>
  runHook(hook, data, ['claude'], { session_id: session, hook_event_name: event, cwd: '/repo', ...more })
const lines = (session: string): readonly string[] => {
  const path = spoolFile(data, 'claude', session)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text
    .split('\n')
    .flatMap(each => (each === '' ? [] : [(JSON.parse(each) as { event: string }).event]))
}

test('claims are read from their lines', () => {
  expect(parseClaims('7 100\nuntil 200\n8 300\n')).toEqual([
    { pid: 7, from: 100, until: 200 },
    { pid: 8, from: 300 },
  ])
  expect(parseClaims('until 5\nnonsense\n7 x\n7 1 2\n\n')).toEqual([])
  expect(isHeld([])).toBe(false)
  expect(isHeld([{ pid: process.pid, from: 1 }])).toBe(true)
  expect(isHeld([{ pid: process.pid, from: 1, until: 2 }])).toBe(false)
  // No system has such a process.
  expect(isHeld([{ pid: 2_000_000_000, from: 1 }])).toBe(false)
})

test('the hook leaves out a session that a living program records, and no other', () => {
  claim('held', `${process.pid} 1\n`)
  claim('ended', `${process.pid} 1\nuntil 2\n`)
  claim('killed', '2000000000 1\n')
  for (const session of ['held', 'ended', 'killed', 'free'])
    expect(say(session, 'UserPromptSubmit', { prompt: 'Fix it' })).toMatchObject({ status: 0, stdout: '' })
  expect(['held', 'ended', 'killed', 'free'].map(lines)).toEqual([
    [],
    ...Array.from({ length: 3 }, () => ['UserPromptSubmit']),
  ])
})

test('what the hooks wrote beside the program is recorded once: by the program', async () => {
  const at = Date.parse('2026-11-30T10:00:00.000Z')
  const write = (
    session: string,
    rows: readonly (readonly [seconds: number, event: string, more?: object])[],
  ) => {
    const path = spoolFile(data, 'claude', session)
    mkdirSync(dirname(path), { recursive: true })
    const base = { v: 1, host: 'claude', session, workspace: '/repo' }
    const text = rows.map(([seconds, event, more], place) =>
      JSON.stringify({ ...base, id: `${session}-${place}`, t: at + seconds * 1_000, event, ...more }),
    )
    writeFileSync(path, `${text.join('\n')}\n`)
  }
  const prompt = (text: string) => ({ prompt: text })
  // Its start comes long before the first prompt, and its end after the result.
  write('whole', [
    [-300, 'SessionStart'],
    [0, 'UserPromptSubmit', prompt('beside it')],
    [61, 'SessionEnd'],
  ])
  claim('whole', `7 ${at}\nuntil ${at + 60_000}\n`)
  // It goes on in the host itself.
  write('later', [
    [0, 'UserPromptSubmit', prompt('beside it')],
    [3_600, 'SessionStart', { source: 'resume' }],
    [3_610, 'UserPromptSubmit', prompt('by hand')],
  ])
  claim('later', `7 ${at}\nuntil ${at + 60_000}\n`)
  write('running', [[7_200, 'UserPromptSubmit', prompt('not yet over')]])
  claim('running', `${process.pid} ${at}\n`)
  const old = claim('old', `7 ${at}\n`)
  utimesSync(old, at / 1_000 - 700_000, at / 1_000 - 700_000)
  const tracker = await makeTracker()
  expect(await ingestInto(data, tracker, { now: () => at + 7_200_000 })).toMatchObject({ complete: true })
  const { messages } = await tracker.messages({ project: 'repo' })
  expect(messages.map(({ content }) => content)).toEqual(['by hand'])
  expect((await tracker.sessions()).map(({ metadata }) => metadata.hostSession)).toEqual(['later'])
  expect([existsSync(old), existsSync(claimFile(data, 'claude', 'whole'))]).toEqual([false, true])
  await tracker.close()
})
