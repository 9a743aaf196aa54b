import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type AnyAdapter, type Json, step } from '../src/adapter.ts'
import { createTracker } from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { createRandom } from '../src/testing/fakes.ts'

const call = (payload: Json) =>
  ({ kind: 'http', method: 'POST', endpoint: 'https://board.example/x', payload, repeat: 'safe' }) as const

/** A card that is edited at every event, as one call that replaces the one before. */
const board = {
  name: 'board',
  config: {},
  mode: 'execute',
  secrets: [],
  limits: { rates: {} },
  actions: {},
  check: { call: { kind: 'http', method: 'GET', endpoint: 'https://board.example/me' } },
  outcome: () => ({ kind: 'delivered' }),
  hooks: Object.fromEntries(
    ['start', 'update', 'decision'].map(hook => [
      hook,
      (
        _: unknown,
        { title, updates }: Readonly<{ title: string; updates: readonly { description: string }[] }>,
      ) => [
        step('card', () => ({
          ...call([title, updates.at(-1)?.description ?? '']),
          coalesce: { name: 'card' },
        })),
      ],
    ]),
  ),
} as unknown as AnyAdapter

test('forgotten texts are in no part of the file, and in none of its WAL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'erased-'))
  const path = join(folder, 'sessions.db')
  const random = createRandom(7)
  const pick = (most: number): number => Math.floor(random() * most)
  const mark = (session: number): string => `MARK${session}X `
  // A search keeps its words in lower case.
  const hasMark = (file: Buffer, n: number): boolean =>
    file.includes(mark(n)) || file.includes(mark(n).trim().toLowerCase())
  // Some texts need pages of their own, most share one.
  const text = (session: number): string => mark(session).repeat(1 + pick(pick(4) === 0 ? 800 : 40))
  const countMarks = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      ['', '-wal'].map(end => [
        `file${end}`,
        forgotten.filter(n => existsSync(path + end) && hasMark(readFileSync(path + end), n)).length,
      ]),
    )
  const tracker = await createTracker({
    project: 'billing',
    user: 'ada',
    store: sqliteStore(path),
    adapters: [board],
    drainOnClose: 0,
    transports: { board: { send: async () => ({ kind: 'answer', status: 200, headers: {}, body: {} }) } },
  })
  const sessions = await Promise.all(
    Array.from({ length: 12 }, (_, n) => tracker.start({ goal: text(n), refs: {} })),
  )
  for (let turn = 0; turn < 100; turn++) {
    const n = pick(sessions.length)
    const session = sessions[n]
    if (turn % 3 === 0) await session?.decide(text(n))
    else await session?.update(text(n), turn % 2 === 0 ? { goal: text(n) } : {})
    if (turn % 20 === 0) await tracker.drain({ timeoutMs: 5_000 })
  }
  const forgotten = [0, 2, 4, 6, 8, 10]
  expect((await tracker.recall({ query: mark(4) })).text).toContain(mark(4))
  const searched = readFileSync(`${path}-wal`)
  expect(forgotten.filter(n => searched.includes(`\n${mark(n).trim().toLowerCase()}\n`))).toEqual(forgotten)
  expect(countMarks()).not.toMatchObject({ 'file-wal': 0 })
  for (const n of forgotten) await tracker.forget(sessions[n]?.id ?? '')
  expect(countMarks()).toEqual({ file: 0, 'file-wal': 0 })
  await tracker.close()
  expect(countMarks()).toEqual({ file: 0, 'file-wal': 0 })
  expect(readFileSync(path).includes(mark(1))).toBe(true)
  rmSync(folder, { recursive: true })
})

test('pruned sessions and messages are in no part of the file, the words of a search included', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'erased-'))
  const path = join(folder, 'sessions.db')
  let now = Date.UTC(2026, 0, 1)
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'ada', store: sqliteStore(path, { now: () => now }), adapters: [] },
    now: () => now,
  })
  const over = await tracker.start({ goal: 'zebra stripes' })
  await over.close({ summary: 'giraffe' })
  const open = await tracker.start({ goal: 'kept' })
  await open.message('user', 'elephant trunk')
  for (const query of ['zebra', 'giraffe', 'elephant'])
    expect((await tracker.recall({ query })).text).toContain(query)
  const words = (): readonly string[] =>
    ['zebra', 'giraffe', 'elephant', 'kept'].filter(word =>
      ['', '-wal'].some(end => existsSync(path + end) && readFileSync(path + end).includes(word)),
    )
  expect(words()).toEqual(['zebra', 'giraffe', 'elephant', 'kept'])
  now += 90 * 86_400_000
  await tracker.prune({ olderThanMs: 1, messagesMs: 1 })
  expect(words()).toEqual(['kept'])
  await tracker.close()
  rmSync(folder, { recursive: true })
})

test('a reader elsewhere puts off emptying the WAL, and delays no call', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'erased-'))
  const path = join(folder, 'sessions.db')
  const open = () =>
    createTracker({ project: 'billing', user: 'ada', store: sqliteStore(path), adapters: [] })
  const tracker = await open()
  const session = await tracker.start({ goal: 'MARK' })
  const reader = new DatabaseSync(path, { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM sessions').get()
  await tracker.forget(session.id)
  expect(readFileSync(`${path}-wal`).includes('MARK')).toBe(true)
  reader.close()
  await tracker.close()
  expect(existsSync(`${path}-wal`) && readFileSync(`${path}-wal`).includes('MARK')).toBe(false)
  expect(readFileSync(path).includes('MARK')).toBe(false)
  rmSync(folder, { recursive: true })
})
