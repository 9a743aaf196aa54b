import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'
import { storeOf } from '../src/store/sqlite/store.ts'
import { call, incoming, record, request, TOOL } from '../src/testing/store-suite-ground.ts'
import { child, folder, kill } from './sqlite/processes.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const failing = async (act: () => Promise<unknown>) =>
  act().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
const first = (path: string) => failing(() => sqliteStore(path).commit(record('s', 1)))
const filled = async (path: string, events = 40): Promise<void> => {
  const store = sqliteStore(path)
  for (let n = 1; n <= events; n++) await store.commit(record('s', n))
  await store.close()
}

describe('the files of a store', () => {
  it('are for this user only, in folders made for this user only', async () => {
    const root = folder()
    const path = join(root, 'a', 'b', 'sessions.db')
    const store = sqliteStore(path)
    await store.commit(record('s', 1))
    expect(modeOf(join(root, 'a'))).toBe('700')
    expect(modeOf(join(root, 'a', 'b'))).toBe('700')
    expect(modeOf(`${path}-locks`)).toBe('700')
    const files = readdirSync(join(root, 'a', 'b')).filter(name => !name.endsWith('-locks'))
    expect(files.sort()).toEqual(['sessions.db', 'sessions.db-shm', 'sessions.db-wal'])
    for (const name of files) expect(modeOf(join(root, 'a', 'b', name))).toBe('600')
    await store.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
    expect(store.where).toBe(path)
  })

  it('leave a folder of the user as it is, and become private where they were not', async () => {
    const root = folder()
    chmodSync(root, 0o755)
    const path = join(root, 'sessions.db')
    await filled(path, 1)
    chmodSync(path, 0o644)
    const store = sqliteStore(path)
    await store.commit(record('s', 2))
    expect([modeOf(root), modeOf(path), modeOf(`${path}-wal`)]).toEqual(['755', '600', '600'])
    await store.close()
  })

  it('are looked for where the process stood when the store was made', async () => {
    const root = folder()
    const before = process.cwd()
    process.chdir(root)
    const store = sqliteStore('sessions.db')
    process.chdir(before)
    await store.counts()
    expect(existsSync(join(root, 'sessions.db'))).toBe(true)
    await store.close()
  })

  it.for([
    ['', 'path is missing'],
    ['  ', 'path is missing'],
    [undefined, 'path is missing'],
    [':memory:', 'memoryStore'],
    ['a\0b', 'NUL'],
    ['file:///x.db', 'fileURLToPath'],
    ['file:x.db', 'fileURLToPath'],
    ['FILE:x.db?mode=memory', 'fileURLToPath'],
    [' file:///x.db', 'fileURLToPath'],
    ['sqlite://x.db', 'give a path'],
    ['postgres:/x', 'give a path'],
    ['postgres://ada:secret@db/x', 'sqliteStore: postgres:… is an address'],
    [new URL('file:///x.db'), 'file:… is an address'],
  ])('refuse the path %j', ([path, words]) => {
    expect(() => sqliteStore(path as string)).toThrow(
      expect.objectContaining({
        code: 'CONFIG',
        field: 'path',
        message: expect.stringContaining(words as string),
      }),
    )
  })

  it.for(['C:/data/x.db', 'c:\\data\\x.db', 'x:y.db', 'files/x.db', 'a:b/c:/x.db'])(
    'take the path %j',
    path => {
      expect(sqliteStore(path).where).toBe(resolve(path))
    },
  )

  it.for([
    [{ durability: 'ram' }, 'durability'],
    [{ busyMs: -1 }, 'busyMs'],
    [{ busyMs: Number.NaN }, 'busyMs'],
    [{ busyMs: '5' }, 'busyMs'],
    [{ now: 5 }, 'now'],
    [{ busyMS: 5 }, 'busyMS'],
  ] as const)('refuse the option %j', ([options, field]) => {
    expect(() => sqliteStore('x.db', options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG', field }),
    )
  })

  it('refuse a folder, a symbolic link, and what is no file', async () => {
    const root = folder()
    await filled(join(root, 'real.db'), 1)
    symlinkSync(join(root, 'real.db'), join(root, 'link.db'))
    symlinkSync(join(root, 'nowhere.db'), join(root, 'dangling.db'))
    mkdirSync(join(root, 'folder.db'))
    for (const [name, words] of [
      ['link.db', 'symbolic link'],
      ['dangling.db', 'symbolic link'],
      ['folder.db', 'a folder'],
    ] as const)
      expect(await first(join(root, name))).toMatchObject({
        code: 'CONFIG',
        field: 'path',
        message: expect.stringContaining(words),
      })
    expect(existsSync(join(root, 'nowhere.db'))).toBe(false)
    expect(await first('/dev/null')).toMatchObject({ code: 'CONFIG' })
    expect(await first(join(root, 'real.db', 'below.db'))).toMatchObject({ code: 'STORE' })
  })

  it('refuse a path that leads nowhere, in words and without names of files of a moment', async () => {
    const root = folder()
    symlinkSync(join(root, 'nowhere'), join(root, 'dangling'))
    symlinkSync(join(root, 'circle'), join(root, 'circle'))
    writeFileSync(join(root, 'file'), '')
    // biome-ignore format: a table is read one line at a time
    for (const [name, words] of [
      ['dangling/sessions.db', 'a folder of the path is not there, or is a link that leads nowhere: make it, or choose another path'],
      ['circle/sessions.db', 'links of the path lead in a circle: choose another path'],
      ['file/sessions.db', 'a part of the path is a file, not a folder: choose another path'],
      ['file/deeper/sessions.db', 'a part of the path is a file, not a folder: choose another path'],
      [`${'x'.repeat(300)}/sessions.db`, 'the path is too long: choose a shorter one'],
    ] as const) {
      const path = join(root, name)
      expect(await first(path)).toMatchObject({
        code: 'STORE',
        field: 'path',
        message: `${path}: ${words}.`,
      })
    }
    expect(readdirSync(root).sort()).toEqual(['circle', 'dangling', 'file'])
  })

  it('refuse a path of a working directory that was removed', () => {
    const [before, gone] = [process.cwd(), folder()]
    process.chdir(gone)
    rmSync(gone, { recursive: true })
    try {
      expect(() => sqliteStore('sessions.db')).toThrow(
        expect.objectContaining({
          code: 'CONFIG',
          field: 'path',
          message:
            'sqliteStore: sessions.db is looked for in the working directory, which was removed: give an absolute path, or start in another directory',
        }),
      )
    } finally {
      process.chdir(before)
    }
  })

  it("cannot be made where Node's permission model forbids it", async () => {
    const root = folder()
    const path = join(root, 'sessions.db')
    const read = ['--permission', '--allow-fs-read=*']
    expect(await child(['try', path], { flags: read }).line()).toBe(
      `STORE ${path}: Node's permission model forbids it: start Node with --allow-fs-read and --allow-fs-write for its folder, or choose another path.`,
    )
    expect(readdirSync(root)).toEqual([])
    // No right to start a thread is needed.
    expect(await child(['try', path], { flags: [...read, `--allow-fs-write=${root}`] }).line()).toBe('done')
  })

  it('cannot be made where this user may not write', async () => {
    const root = folder()
    chmodSync(root, 0o555)
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const said = await child(['try', join(root, 'sessions.db')], nobody).line()
    expect(said).toMatch(/^STORE .*may not write there/)
    const deeper = await child(['try', join(root, 'a', 'sessions.db')], nobody).line()
    expect(deeper).toMatch(/^STORE .*may not write there/)
    expect(readdirSync(root)).toEqual([])
    chmodSync(root, 0o755)
    writeFileSync(join(root, 'sessions.db-locks'), '')
    expect(await first(join(root, 'sessions.db'))).toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('sessions.db-locks is in the way'),
    })
  })
})

describe('a file that is not ours', () => {
  const untouched = async (path: string, code: string, words: string) => {
    const before = readFileSync(path)
    expect(await first(path)).toMatchObject({
      code,
      field: 'path',
      message: expect.stringContaining(words),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
  }

  it('is left byte for byte: another format', async () => {
    const path = join(folder(), 'notes.txt')
    writeFileSync(path, 'These are notes, and no database at all.\n'.repeat(200))
    await untouched(path, 'STORE_CORRUPT', 'left as it is')
  })

  it('is left byte for byte: the database of another program', async () => {
    const path = join(folder(), 'other.db')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE bookmarks (url TEXT)')
    other.close()
    await untouched(path, 'STORE', 'another program')
  })

  it('is left byte for byte: a newer version of ours', async () => {
    const path = join(folder(), 'newer.db')
    await filled(path)
    const newer = new DatabaseSync(path)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await untouched(path, 'STORE', 'newer version')
  })

  it('is left byte for byte: ours without its tables', async () => {
    const path = join(folder(), 'bare.db')
    await filled(path)
    const bare = new DatabaseSync(path)
    bare.exec('DROP TABLE sessions')
    bare.close()
    await untouched(path, 'STORE_CORRUPT', 'tables are missing')
  })

  it.for([
    ['its head overwritten', 0],
    ['its list of tables overwritten', 100],
    ['its middle overwritten', 20_000],
  ] as const)('is left byte for byte: ours with %s', async ([, at]) => {
    const path = join(folder(), 'damaged.db')
    await filled(path)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xa5, at, at + 1_500))
    await untouched(path, 'STORE_CORRUPT', 'left as it is')
  })

  it('is left byte for byte: ours cut short', async () => {
    const path = join(folder(), 'short.db')
    await filled(path)
    truncateSync(path, Math.floor(statSync(path).size / 2))
    await untouched(path, 'STORE_CORRUPT', 'left as it is')
  })

  it('may be put right, and the same store goes on', async () => {
    const path = join(folder(), 'sessions.db')
    writeFileSync(path, 'x'.repeat(5_000))
    const store = sqliteStore(path)
    expect(await failing(() => store.counts())).toMatchObject({ code: 'STORE_CORRUPT' })
    writeFileSync(path, '')
    expect(await store.counts()).toEqual([])
    await store.close()
  })
})

describe('a full disk', () => {
  const text = 'x'.repeat(20_000)
  const plan = (key: string) => ({
    events: [],
    lanes: [
      {
        adapter: TOOL,
        lane: 's',
        open: { refs: {} },
        deliveries: [incoming(call(key, { payload: { text } }))],
      },
    ],
  })

  it.for(['process', 'power'] as const)('loses nothing that was acknowledged (%s)', async durability => {
    const path = join(folder(), 'sessions.db')
    const store = storeOf(path, { durability, maxPages: 120 })
    await store.counts()
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => store.commit(plan(`k${n}`))))
    const stored = ends.flatMap((end, n) => (end.status === 'fulfilled' ? [`k${n}`] : []))
    const failed = ends.flatMap(end => (end.status === 'rejected' ? [end.reason as unknown] : []))
    expect(stored.length).toBeGreaterThan(2)
    expect(failed.length).toBeGreaterThan(2)
    for (const error of failed)
      expect(error).toMatchObject({
        code: 'STORE',
        message: expect.stringMatching(/disk is full: free space/),
      })
    expect((await store.list({})).map(({ key }) => key)).toEqual(stored)
    await store.close()
    const later = sqliteStore(path)
    expect((await later.list({})).map(({ key }) => key)).toEqual(stored)
    await later.commit(plan('later'))
    expect(await later.list({})).toHaveLength(stored.length + 1)
    await later.close()
  })
})

describe('durability: power', () => {
  it('writes what is called in one tick, each for itself', async () => {
    const store = sqliteStore(join(folder(), 'sessions.db'), { durability: 'power' })
    const ends = await Promise.allSettled([
      store.commit(record('a', 1)),
      store.commit(record('b', 1)),
      store.commit(record('a', 1)),
      store.commit(record('b', 2)),
    ])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect((await store.sessions({})).map(({ id, revision }) => [id, revision]).sort()).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    await store.close()
  })
})

describe('a long WAL', () => {
  it('is moved into the file, and everything is there afterwards', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    for (let n = 1; n <= 1_500; n++) await store.commit(record('s', n))
    expect(statSync(`${path}-wal`).size).toBeLessThan(12_000_000)
    await store.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
    const later = sqliteStore(path)
    expect(await later.events('s')).toHaveLength(1_500)
    await later.close()
  })
})

describe('a WAL under steady commits', () => {
  it('begins anew again and again, however long they go on', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    const metadata = { text: 'x'.repeat(12_000) }
    const sizes: number[] = []
    for (let n = 1; n <= 4_000; n++) {
      await store.commit(record('s', n, { metadata }))
      if (n % 50 === 0) sizes.push(statSync(`${path}-wal`).size)
    }
    await store.close()
    // All pages together are over 80 MB; commits wait for the thread at 5,500 pages of 2 KiB.
    expect(Math.max(...sizes)).toBeLessThan(16_000_000)
  })
})

describe('a file that changes behind a store', () => {
  it('is noticed when it was removed or replaced, before more is lost with it', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    await store.commit(record('s', 1))
    for (const name of ['', '-wal', '-shm']) rmSync(path + name)
    const later = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2_000)
    onTestFinished(() => later.mockRestore())
    for (let n = 0; n < 2; n++)
      expect(await failing(() => store.commit(record('s', 2)))).toMatchObject({
        code: 'STORE',
        message: expect.stringContaining('removed or replaced'),
      })
    await store.close()
  })

  it('is left alone once a newer version has changed it', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    await store.commit(record('s', 1))
    const newer = new DatabaseSync(path)
    newer.exec('ALTER TABLE deliveries ADD COLUMN more TEXT; PRAGMA user_version = 99')
    const later = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2_000)
    onTestFinished(() => later.mockRestore())
    expect(await failing(() => store.commit(record('s', 2)))).toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('newer version'),
    })
    newer.close()
    await store.close()
  })

  it('gives nothing twice, should a lane’s row be wrong', async () => {
    const path = join(folder(), 'sessions.db')
    const store = sqliteStore(path)
    const lane = { adapter: TOOL, lane: 's', open: { refs: {} } }
    await store.commit({
      events: [],
      lanes: [{ ...lane, deliveries: [incoming(call('k1')), incoming(call('k2'))] }],
    })
    const [first] = (await store.claim(request())).claims
    const wrong = new DatabaseSync(path)
    wrong.exec('UPDATE lanes SET kind = 1, due = 0, ready = 0')
    wrong.close()
    expect((await store.claim(request({ holding: ['k1'] }))).claims).toEqual([])
    const { key, token, attempts } = first?.delivery ?? { key: '', token: '', attempts: 0 }
    const rest = { attempts, dueAt: 0, doubtSince: null, reason: null, misses: 0, rejected: null }
    expect(await store.settle([{ key, token, state: 'delivered', ...rest }])).toEqual([true])
    expect((await store.claim(request())).claims.map(({ delivery }) => delivery.key)).toEqual(['k2'])
    await store.close()
  })

  it('is finished when a process died while it made it', async () => {
    const path = join(folder(), 'sessions.db')
    const dying = child(['half', path])
    expect(await dying.line()).toBe('half')
    await kill(dying)
    expect(existsSync(`${path}-journal`)).toBe(true)
    const store = sqliteStore(path)
    await store.commit(record('s', 1))
    expect((await store.load('s'))?.summary.revision).toBe(1)
    await store.close()
  })
})
