import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'
import { acquire, ownerStateOf } from '../src/store/sqlite/lock.ts'
import { storeOf } from '../src/store/sqlite/store.ts'
import { call, incoming, record, request, TOOL } from '../src/testing/store-suite-ground.ts'
import { child, folder, kill } from './sqlite/processes.ts'

/** Waits for what comes, however long a busy machine takes. */
const PATIENT = { timeout: 300_000 }

const OWNER = '00000000-0000-4000-8000-000000000001'
const path = () => join(folder(), 'sessions.db')
const old = (file: string): void => utimesSync(file, 1, 1)
const failing = async (act: () => Promise<unknown>) =>
  act().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

describe('what is known of an owner', () => {
  const locks = () => join(folder(), 'locks')

  it('is that it lives, while its time is young or its lock is held', () => {
    const root = locks()
    const lock = acquire(root, OWNER)
    onTestFinished(lock.release)
    expect(ownerStateOf(root, OWNER)).toBe('alive')
    old(join(root, OWNER))
    expect(ownerStateOf(root, OWNER)).toBe('alive')
    // A time far ahead proves nothing: the clock was set back.
    utimesSync(join(root, OWNER), Date.now() / 1_000 + 9_000, Date.now() / 1_000 + 9_000)
    expect(ownerStateOf(root, OWNER)).toBe('alive')
  })

  it('is that it ended, when its file is missing, or its time is old and its lock was taken', () => {
    const root = locks()
    expect(ownerStateOf(root, OWNER)).toBe('gone')
    mkdirSync(root, { recursive: true })
    writeFileSync(join(root, OWNER), '')
    expect(ownerStateOf(root, OWNER)).toBe('alive')
    old(join(root, OWNER))
    expect(ownerStateOf(root, OWNER)).toBe('gone')
  })

  it('is that it may have ended, where its lock could not be removed', () => {
    const root = locks()
    const lock = acquire(root, OWNER)
    rmSync(join(root, OWNER))
    mkdirSync(join(root, OWNER))
    expect(lock.release).not.toThrow()
    rmSync(join(root, OWNER), { recursive: true })
    expect(ownerStateOf(root, OWNER)).toBe('gone')
  })

  it.each([
    ['a link', (file: string) => symlinkSync('/dev/zero', file)],
    ['a folder', (file: string) => mkdirSync(file)],
    ['a pipe', (file: string) => void execFileSync('mkfifo', [file])],
    ['a file with content', (file: string) => writeFileSync(file, 'x')],
  ])('is nothing from %s, which is never opened nor removed', async (_, make) => {
    const database = path()
    mkdirSync(`${database}-locks`)
    const file = join(`${database}-locks`, OWNER)
    make(file)
    const before = lstatSync(file).ino
    expect(ownerStateOf(`${database}-locks`, OWNER)).toBe('alive')
    const store = sqliteStore(database)
    await store.counts()
    await store.close()
    expect(lstatSync(file).ino).toBe(before)
  })

  it('comes back with the lock, where the folder was removed', async () => {
    const database = path()
    const store = storeOf(database, { renewMs: 5 })
    await store.counts()
    const [name = ''] = readdirSync(`${database}-locks`)
    rmSync(`${database}-locks`, { recursive: true })
    await vi.waitFor(() => expect(readdirSync(`${database}-locks`)).toEqual([name]), PATIENT)
    await store.close()
    expect(readdirSync(`${database}-locks`)).toEqual([])
  })

  it('is taken again, where another program of the process freed the lock', async () => {
    const database = path()
    const holder = child(['begin', database])
    expect(await holder.line()).toBe('begun')
    const [lock = ''] = readdirSync(`${database}-locks`)
    const file = join(`${database}-locks`, lock)
    const before = statSync(file).mtimeMs
    await vi.waitFor(() => expect(statSync(file).mtimeMs).toBeGreaterThan(before), PATIENT)
    old(file)
    expect(ownerStateOf(`${database}-locks`, lock)).toBe('alive')
    await kill(holder)
    old(file)
    expect(ownerStateOf(`${database}-locks`, lock)).toBe('gone')
  })
})

describe('files that are moved while a store is in use', () => {
  const plan = (key: string) => ({
    events: [],
    lanes: [{ adapter: TOOL, lane: 's', open: { refs: {} }, deliveries: [incoming(call(key))] }],
  })

  it.each([
    ['the -wal is removed', (database: string) => rmSync(`${database}-wal`)],
    [
      'the -wal is replaced',
      (database: string) => {
        renameSync(`${database}-wal`, `${database}-moved`)
        writeFileSync(`${database}-wal`, '')
      },
    ],
    ['the database is moved away', (database: string) => renameSync(database, `${database}-moved`)],
  ])('refuse what is written from then on: %s', async (_, move) => {
    const database = path()
    const store = sqliteStore(database)
    await store.commit(plan('k1'))
    move(database)
    for (const act of [
      () => store.commit(plan('k2')),
      () => store.claim(request()),
      () => store.list({}),
      () => store.begin([]),
    ])
      expect(await failing(act)).toMatchObject({ code: 'STORE', message: expect.stringContaining('removed') })
    await store.close()
  })

  it('leave what was acknowledged to the next store', async () => {
    const database = path()
    const store = sqliteStore(database)
    for (let n = 0; n < 20; n++) await store.commit(plan(`k${n}`))
    rmSync(`${database}-wal`)
    expect(await failing(() => store.commit(plan('refused')))).toMatchObject({ code: 'STORE' })
    await store.close()
    const next = sqliteStore(database)
    expect((await next.list({})).map(({ key }) => key)).toEqual(Array.from({ length: 20 }, (_, n) => `k${n}`))
    await next.close()
  })
})

describe('backup', () => {
  it('writes all there is to a new private file, and goes on', async () => {
    const database = path()
    const store = sqliteStore(database)
    for (let n = 1; n <= 50; n++) await store.commit(record('s', n))
    const copy = join(folder(), 'deep', 'copy.db')
    const made = store.backup?.(copy)
    for (let n = 51; n <= 60; n++) await store.commit(record('s', n))
    await made
    expect((statSync(copy).mode & 0o777).toString(8)).toBe('600')
    const other = sqliteStore(copy)
    const revision = (await other.load('s'))?.summary.revision ?? 0
    expect(revision).toBeGreaterThanOrEqual(50)
    expect(await other.events('s')).toHaveLength(revision)
    await other.commit(record('s', revision + 1))
    await other.close()
    await store.close()
  })

  it('refuses a file that is there, and leaves it as it is', async () => {
    const database = path()
    const store = sqliteStore(database)
    const copy = join(folder(), 'copy.db')
    writeFileSync(copy, 'mine')
    expect(await failing(async () => store.backup?.(copy))).toMatchObject({
      code: 'STORE',
      field: 'path',
      message: `backup: ${copy} exists already; expected a new file. Choose another path.`,
    })
    expect(statSync(copy).size).toBe(4)
    expect(await failing(async () => store.backup?.(''))).toMatchObject({ code: 'CONFIG' })
    await store.close()
    expect(existsSync(database)).toBe(true)
  })
})

it('calls that follow each other give the event loop its turn', async () => {
  const store = sqliteStore(path())
  await store.counts()
  let time = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    time += 0.5
    return time
  })
  onTestFinished(() => clock.mockRestore())
  let turns = 0
  let going = true
  const turn = (): void => {
    turns++
    if (going) setImmediate(turn)
  }
  setImmediate(turn)
  for (let n = 0; n < 200; n++) await store.begin([])
  going = false
  // Each call looks at the clock once or more: 200 of them take 100 ms at least, and a turn comes every 8.
  expect(turns).toBeGreaterThanOrEqual(10)
  clock.mockRestore()
  await store.close()
})
