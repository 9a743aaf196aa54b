import { execFile } from 'node:child_process'
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTracker, memoryStore } from '@sessionwire/core'
import type { Call, Json, Reply } from '@sessionwire/core/adapter'
import { plainSender } from '@sessionwire/core/testing'
import matter from 'gray-matter'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { RUNS_ALL } from '../../../../test/sample.ts'
import type { Job } from '../src/actions.ts'
import { type FilesOptions, files } from '../src/index.ts'
import { isSafePath, nameFrom } from '../src/names.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-disk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const send = async (job: Job, options: Partial<FilesOptions> = {}): Promise<Reply> => {
  const adapter = files({ root, ...options } as FilesOptions)
  const http = plainSender({})
  const transport = adapter.transport?.({ secrets: () => undefined, http, now: Date.now }) ?? http
  const call = { kind: 'custom', target: 'file', payload: { root, ...job } as unknown as Json } satisfies Call
  return transport.send(call, { timeoutMs: 5_000 })
}
const statusOf = async (job: Job) => {
  const reply = await send(job)
  return reply.kind === 'answer' ? reply.status : reply.code
}
const entry = (n: number, heading = 'Sessions') => ({
  heading,
  line: `- entry ${n} of somebody ^sw-${n}`,
  mark: `^sw-${n}`,
})

const begin = async (options: Partial<FilesOptions> = {}) => {
  const tracker = await createTracker({
    project: 'billing',
    user: 'ada',
    store: memoryStore(),
    adapters: [files({ root, timeZone: 'UTC', ...options } as FilesOptions)],
    drainOnClose: 0,
  })
  return tracker
}

describe('a session', () => {
  test('is one note with properties, a card and a log; a line in the daily note; and a decision record', async () => {
    mkdirSync(join(root, 'Daily'))
    const tracker = await begin({ daily: true, dailyFolder: 'Daily', adr: 'docs/decisions' })
    const session = await tracker.start({ goal: 'Stop: double charging? #12 [[x]]', agent: 'fixer' })
    await tracker.drain()
    const [name = ''] = readdirSync(join(root, 'Sessions'))
    const path = join(root, 'Sessions', name)
    // A person writes in the note, above and below.
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('\n# Stop', '\nMy words.\n\n# Stop').concat('\nAsk Mia.\n'),
    )
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice', {
      rationale: 'Stripe retries',
      alternatives: ['One global lock'],
    })
    await session.close({ summary: 'Fixed', progress: 100 })
    expect((await tracker.drain({ timeoutMs: 20_000 })).done).toBe(true)
    const text = readFileSync(path, 'utf8')
    expect(name).toMatch(/^\d{4}-\d{2}-\d{2} Stop double charging 12 x [0-9a-f]{8}\.md$/)
    expect(isSafePath(`Sessions/${name}`)).toBe(true)
    expect(text).toContain('My words.')
    expect(text).toContain('Ask Mia.')
    expect(text).toContain('0 → 100 %')
    const { data } = matter(text)
    expect(data).toMatchObject({
      session: session.id,
      session_status: 'completed',
      session_progress: 100,
      session_user: 'ada',
      tags: ['session'],
    })
    expect(parse(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '')).toEqual(data)
    expect(text.match(/^- .*\^sw-[0-9a-f-]{36}$/gm)).toHaveLength(2)
    expect(text).not.toMatch(/(?<!\\)\[\[x/)
    const [day = ''] = readdirSync(join(root, 'Daily'))
    const lines = readFileSync(join(root, 'Daily', day), 'utf8')
      .split('\n')
      .filter(line => line.startsWith('- '))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain(`[[Sessions/${name.replace('.md', '')}|Stop: double charging? 12 x]] started`)
    const record = readFileSync(join(root, 'docs/decisions/0001-lock-per-invoice.md'), 'utf8')
    expect(matter(record).data).toMatchObject({
      status: 'accepted',
      'decision-makers': ['ada', 'fixer'],
      session: session.id,
    })
    expect(record).toContain('Chosen option: "Lock per invoice", because Stripe retries')
    expect(readdirSync(root, { recursive: true }).filter(each => String(each).includes('sw-tmp'))).toEqual([])
    await tracker.close()
  })

  test('that is forgotten keeps the path of its note, and forget says so', async () => {
    const tracker = await begin({ daily: true })
    const session = await tracker.start({ goal: 'PLANTgoal' })
    await tracker.drain({ timeoutMs: 60_000 })
    const { remaining } = await tracker.forget(session.id)
    const kept =
      ' The store keeps its path with words of the texts, as later calls need it; prune removes it with the session.'
    const sent = 'It was sent to files. Remove it there; a secret in it is no longer secret.'
    expect(remaining.map(({ action, todo }) => [action, todo])).toEqual([
      ['createNote', `${sent}${kept}`],
      ['addDailyLine', sent],
    ])
    await tracker.close()
  })

  test('whose note was deleted stops until the card is made again', async () => {
    const tracker = await begin()
    const session = await tracker.start({ goal: 'Stop double charging' })
    await tracker.drain()
    rmSync(join(root, 'Sessions'), { recursive: true })
    await session.update('Reproduced', { progress: 35 })
    await tracker.drain({ timeoutMs: 60_000 })
    expect((await tracker.status()).adapters[0]?.gone).toBe(1)
    await tracker.recreateCard(session.id, 'files')
    expect((await tracker.drain({ timeoutMs: 60_000 })).done).toBe(true)
    expect(readdirSync(join(root, 'Sessions'))).toHaveLength(1)
    await tracker.close()
  })

  test('waits where the folder is not there, and loses nothing', async () => {
    const tracker = await begin()
    rmSync(root, { recursive: true })
    await tracker.start({ goal: 'Stop double charging' })
    const isTold = async () => JSON.stringify(await tracker.status()).includes('is not there')
    while (!(await isTold())) await tracker.drain({ timeoutMs: 50 })
    expect(existsSync(root)).toBe(false)
    mkdirSync(root)
    await tracker.unpause('files')
    expect((await tracker.drain({ timeoutMs: 60_000 })).done).toBe(true)
    await tracker.close()
  })

  test('is shown as a diff before it is written', async () => {
    const tracker = await begin({ mode: 'preview' })
    const session = await tracker.start({ goal: 'Stop double charging' })
    await session.decide('Lock per invoice')
    const shown = tracker.render(await tracker.preview(session.id), 'diff')
    expect(shown).toMatch(/^--- \/dev\/null\n\+\+\+ b\/Sessions\/.*\.md\n@@ -0,0 \+1,\d+ @@\n\+---$/m)
    expect(shown).toMatch(/^@@ at the end of Log @@\n ## Log\n\+- .*Lock per invoice/m)
    expect(readdirSync(root)).toEqual([])
    await tracker.close()
  })
})

describe('nothing is written outside', () => {
  const patch = { create: 'x' }
  test.for([
    '../out.md',
    '/etc/out.md',
    'C:/out.md',
    'a/../../out.md',
    '..\\out.md',
    'a//b.md',
    './a.md',
    '.obsidian/app.md',
    'con.md',
    'CON .md',
    'CONIN$.md',
    'conout$',
    'CLOCK$.txt.md',
    'SESSIO~1.MD',
    'GIT~1/config.md',
    'Sessions/OBSID~12.md',
    'COM1.txt.md',
    'a\u0000b.md',
    'a?.md',
    'trail./x.md',
    'space /x.md',
    '',
    'a/.md',
    `${'x'.repeat(300)}.md`,
    'ok\ud800.md',
  ])('refuses the path %j', async path => {
    expect(await statusOf({ do: 'patch', path, patch })).toBe(400)
    expect(await statusOf({ do: 'read', path })).toBe(400)
    expect(readdirSync(root)).toEqual([])
  })

  test('by a link to a folder, a link to a file, a link that leads nowhere, or a folder called like a note', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'files-out-'))
    writeFileSync(join(elsewhere, 'secret.md'), 'secret')
    symlinkSync(elsewhere, join(root, 'linked'))
    symlinkSync(join(elsewhere, 'secret.md'), join(root, 'note.md'))
    symlinkSync(join(elsewhere, 'new.md'), join(root, 'nowhere.md'))
    mkdirSync(join(root, 'folder.md'))
    for (const path of ['linked/x.md', 'linked/secret.md', 'note.md', 'nowhere.md', 'folder.md']) {
      expect(await statusOf({ do: 'patch', path, patch: { ...patch, entry: entry(1) } })).toBe(400)
      expect(await statusOf({ do: 'read', path })).toBe(400)
    }
    expect(await statusOf({ do: 'number', folder: 'linked', slug: 'x', mark: 'm', content: 'x' })).toBe(400)
    expect(await statusOf({ do: 'list', folder: 'linked' })).toBe(400)
    expect(readFileSync(join(elsewhere, 'secret.md'), 'utf8')).toBe('secret')
    expect(readdirSync(elsewhere)).toEqual(['secret.md'])
    rmSync(elsewhere, { recursive: true })
  })

  test('by a second name of a note: a file elsewhere is neither changed nor parted from it', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'files-out-'))
    const there = join(elsewhere, 'mine.md')
    const words = '# Mine\n\n## Sessions\n\n- a\n'
    writeFileSync(there, words)
    linkSync(there, join(root, 'note.md'))
    // The one would append, the others replace the file.
    for (const change of [
      { entry: entry(1) },
      { entry: entry(1, 'Log'), block: { open: '# Mine', close: '- a', text: 'x' } },
    ]) {
      const reply = await send({ do: 'patch', path: 'note.md', patch: change })
      expect(reply).toMatchObject({ status: 400 })
      expect(JSON.stringify(reply)).toContain('note.md is a hard link')
    }
    expect(readFileSync(there, 'utf8')).toBe(words)
    expect(readFileSync(join(root, 'note.md'), 'utf8')).toBe(words)
    // What is there already is no change, and a name that is removed frees it.
    expect(await statusOf({ do: 'patch', path: 'note.md', patch: { create: 'x' } })).toBe(200)
    rmSync(there)
    expect(await statusOf({ do: 'patch', path: 'note.md', patch: { entry: entry(1) } })).toBe(200)
    // A hidden name of a killed process of another machine is ours.
    linkSync(join(root, 'note.md'), join(root, '.note.md.0123abcd.77.s0123abcd.1.sw-tmp'))
    expect(await statusOf({ do: 'patch', path: 'note.md', patch: { entry: entry(2) } })).toBe(200)
    expect(readFileSync(join(root, 'note.md'), 'utf8').split('^sw-')).toHaveLength(3)
    rmSync(elsewhere, { recursive: true })
  })

  test('by a folder that may not be read: it is not empty', async () => {
    mkdirSync(join(root, 'closed'))
    // The superuser may read every folder, so the system's answer to others is given here.
    const { readdir } = promises
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    promises.readdir = (async (path: string, ...rest: readonly never[]) =>
      path === join(root, 'closed') ? Promise.reject(denied) : readdir(path, ...rest)) as typeof readdir
    syncBuiltinESMExports()
    try {
      expect(await statusOf({ do: 'list', folder: 'closed' })).toBe(503)
    } finally {
      promises.readdir = readdir
      syncBuiltinESMExports()
    }
  })

  test('by a note where a folder is expected, and lists nothing of a folder that is not there', async () => {
    writeFileSync(join(root, 'note.md'), 'x')
    expect(await statusOf({ do: 'list', folder: 'note.md' })).toBe(400)
    expect(await send({ do: 'list', folder: 'none' })).toMatchObject({ status: 200, body: { files: [] } })
  })

  test('by a descriptor that was planned for another folder', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'files-out-'))
    const reply = await send({ do: 'patch', path: 'x.md', patch, root: elsewhere } as never)
    expect(reply).toMatchObject({ status: 400 })
    expect(readdirSync(elsewhere)).toEqual([])
    rmSync(elsewhere, { recursive: true })
  })

  test('by a title: every one gives a name that every system takes', () => {
    for (const title of [
      '../../etc/passwd',
      'CON',
      'nul.txt',
      'a/b\\c',
      '...',
      ' . ',
      '',
      '\u202egnp.exe',
      'x'.repeat(500),
      '🙂'.repeat(200),
      'a#b^c[d]|e',
      'é'.normalize('NFD'),
      'COM¹',
      'CONOUT$',
      'conin$.x',
      'PROGRA~1',
      'a~1',
    ])
      expect(isSafePath(`${nameFrom(title, '1a2b3c4d')}.md`), title).toBe(true)
  })
})

const isRoot = process.getuid?.() === 0

describe('a note of a person', () => {
  const properties = { session: 'new' }
  const edit = () => statusOf({ do: 'patch', path: 'a.md', patch: { properties } })
  const write = (text: string | Uint8Array = '---\nsession: old\n---\n', mode = 0o644) =>
    writeFileSync(join(root, 'a.md'), text, { mode })
  const hidden = () => readdirSync(root).filter(name => name.endsWith('.sw-tmp'))

  test('that others may not read is not readable for them while it is replaced', async () => {
    write(undefined, 0o600)
    const { open } = promises
    const modes: (number | undefined)[] = []
    promises.open = (async (path: string, flags: number, mode?: number) => {
      if (path.endsWith('.sw-tmp') && mode !== undefined) modes.push(mode)
      return open(path, flags, mode)
    }) as typeof open
    syncBuiltinESMExports()
    try {
      expect(await edit()).toBe(200)
    } finally {
      promises.open = open
      syncBuiltinESMExports()
    }
    expect(modes).toEqual([0o600])
    expect(statSync(join(root, 'a.md')).mode & 0o777).toBe(0o600)
  })

  test('on a full disk stays, and nothing hidden is left', async () => {
    write()
    const { open } = promises
    promises.open = (async (path: string, flags: number, mode?: number) => {
      const handle = await open(path, flags, mode)
      if (path.endsWith('.sw-tmp') && mode !== undefined)
        handle.sync = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
      return handle
    }) as typeof open
    syncBuiltinESMExports()
    try {
      expect(await edit()).toBe(503)
      expect(await statusOf({ do: 'patch', path: 'b.md', patch: { create: 'b' } })).toBe(503)
    } finally {
      promises.open = open
      syncBuiltinESMExports()
    }
    expect(hidden()).toEqual([])
    expect(readFileSync(join(root, 'a.md'), 'utf8')).toContain('session: old')
  })

  test.runIf(process.getuid !== undefined)('keeps its owner and group', async () => {
    write()
    // Another user may give nothing away.
    const owner = isRoot
      ? ([1000, 1001] as const)
      : ([process.getuid?.() ?? 0, process.getgid?.() ?? 0] as const)
    chownSync(join(root, 'a.md'), ...owner)
    expect(await edit()).toBe(200)
    const { uid, gid } = statSync(join(root, 'a.md'))
    expect([uid, gid]).toEqual(owner)
  })

  test('that this user may not write stays as it is', async () => {
    write(undefined, 0o444)
    const before = readFileSync(join(root, 'a.md'), 'utf8')
    // The superuser may write everything; the mode stays.
    expect(await edit()).toBe(isRoot ? 200 : 503)
    const { mode } = statSync(join(root, 'a.md'))
    expect([mode & 0o777, readFileSync(join(root, 'a.md'), 'utf8') === before]).toEqual([0o444, !isRoot])
  })

  test('in UTF-16, with zero bytes, and a longer one than 16 MiB are refused by name', async () => {
    const entryOf = () => send({ do: 'patch', path: 'a.md', patch: { entry: entry(1) } })
    for (const bytes of [Buffer.from('\ufeffWords', 'utf16le'), Buffer.from('a\0b')]) {
      write(bytes)
      expect(await entryOf()).toMatchObject({
        status: 400,
        body: { error: 'a.md is not UTF-8 text; save it as UTF-8' },
      })
    }
    write()
    truncateSync(join(root, 'a.md'), 16_777_217)
    expect(await entryOf()).toMatchObject({ status: 400, body: { error: expect.stringContaining('16 MiB') } })
    expect(await statusOf({ do: 'read', path: 'a.md' })).toBe(400)
  })

  test.for([
    ['emptied', ''],
    ['saved by half', 'Words that are '],
    ['saved in two parts', 'Words that are longer now\n'],
  ])('that an editor has %s is changed once it is whole, and loses nothing', async ([, first = '']) => {
    const whole = 'Words that are longer now\n\n## Sessions\n\n## Below\n\nmore words\n'
    write('Words\n\n## Sessions\n\n## Below\n')
    const handle = await promises.open(join(root, 'a.md'), 'w')
    await handle.write(first)
    const entered = statusOf({ do: 'patch', path: 'a.md', patch: { entry: entry(1) } })
    await new Promise(resolve => setTimeout(resolve, 150))
    await handle.write(whole.slice(first.length))
    await handle.close()
    expect(await entered).toBe(200)
    expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe(
      whole.replace('## Sessions\n', `## Sessions\n\n${entry(1).line}\n`),
    )
  })

  test.runIf(process.platform === 'linux')(
    'among decision records is read only where it is a file',
    async () => {
      await promisify(execFile)('mkfifo', [join(root, '0007-a.md')])
      symlinkSync('/dev/zero', join(root, '0008-b.md'))
      for (const name of ['0009-Use_Postgres.md', '0010-café.md', '2026-11-30-meeting.md'])
        writeFileSync(join(root, name), 'x')
      expect(await send({ do: 'number', folder: '', slug: 'c', mark: 'm', content: 'm' })).toMatchObject({
        body: { path: '0011-c.md' },
      })
    },
  )
})

/** Each of them waits for the editor, which never stops. */
const ENTRIES = RUNS_ALL ? 24 : 2

describe('others write at the same time', () => {
  test('an editor that saves the whole note again and again loses nothing, and no entry is doubled', async () => {
    const path = join(root, 'Plan.md')
    await writeFile(path, '# Plan\n\n## Sessions\n\n- mine\n\n## Below\n\nwords\n')
    let typed = 0
    let isDone = false
    const editor = (async () => {
      while (!isDone) {
        // As an editor does: it reads, and some time later writes all of it, with what was typed, unless the file changed.
        const seen = await readFile(path, 'utf8')
        await new Promise(resolve => setTimeout(resolve, 3))
        if ((await readFile(path, 'utf8')) !== seen) continue
        typed += 1
        await writeFile(path, seen.replace('## Below\n', `## Below\n\nline ${typed}.\n`))
      }
    })()
    for (let n = 0; n < ENTRIES; n++) {
      const job = { do: 'patch', path: 'Plan.md', patch: { entry: entry(n) } } as const
      let status = await statusOf(job)
      // Where the editor was faster every time, nothing is written and the worker sends it again.
      for (let again = 0; status === 503 && again < 100; again++) status = await statusOf(job)
      expect(status).toBe(200)
    }
    isDone = true
    await editor
    const text = await readFile(path, 'utf8')
    const lines = text.split('\n')
    for (let n = 0; n < ENTRIES; n++)
      expect(lines.filter(line => line.endsWith(`^sw-${n}`)).length).toBeLessThanOrEqual(1)
    expect(text).toContain('- mine')
    expect(text).toContain('words')
    expect(typed).toBeGreaterThan(3)
  })

  test('programs that only append never lose a line to ours', async () => {
    const path = join(root, 'Daily.md')
    await writeFile(path, '## Sessions\n\n- mine\n')
    await Promise.all([
      (async () => {
        for (let n = 0; n < 60; n++) await appendFile(path, `- typed ${n}.\n`)
      })(),
      ...Array.from({ length: 20 }, (_, n) =>
        statusOf({ do: 'patch', path: 'Daily.md', patch: { entry: entry(n) } }),
      ),
    ])
    const text = await readFile(path, 'utf8')
    for (let n = 0; n < 60; n++) expect(text.split(`typed ${n}.`)).toHaveLength(2)
    for (let n = 0; n < 20; n++) expect(text.split(new RegExp(`\\^sw-${n}$`, 'm'))).toHaveLength(2)
  })

  test('two records get two numbers, and a repeated one stays the only one', async () => {
    const record = (n: number): Job => ({
      do: 'number',
      folder: 'adr',
      slug: `d-${n % 4}`,
      mark: `id: "${n % 8}"`,
      content: `id: "${n % 8}"\n`,
    })
    await Promise.all(Array.from({ length: 24 }, (_, n) => statusOf(record(n))))
    const names = readdirSync(join(root, 'adr')).sort()
    expect(names.map(name => name.slice(0, 4))).toEqual([
      '0001',
      '0002',
      '0003',
      '0004',
      '0005',
      '0006',
      '0007',
      '0008',
    ])
  })
})

describe.runIf(RUNS_ALL)('a process that is killed', () => {
  const child = join(import.meta.dirname, 'kill-child.ts')
  const run = (kill: number, mode: string) =>
    new Promise<number | null>(resolve => {
      execFile(
        process.execPath,
        ['--conditions=@sessionwire/source', child, root, mode, String(kill)],
        { timeout: 600_000 },
        error => resolve(error === null ? 0 : 1),
      )
    })

  test.for(['entry', 'insert', 'block', 'create', 'number'])(
    'at each operation of the disk while it does %s leaves every byte of a person, and the next attempt does it once',
    async mode => {
      const person = '# Plan\n\nMy words: \u00e9\u20ac.\n\n## Sessions\n\n- mine\n'
      const below = mode === 'insert' ? '\n## Below\n\nmore of mine\n' : ''
      const block = mode === 'block' ? '\n<!-- begin -->\nold\n<!-- end -->\n' : ''
      const isNew = mode === 'create' || mode === 'number'
      let isOver = false
      for (let kill = 1; !isOver && kill < 60; kill++) {
        rmSync(root, { recursive: true, force: true })
        mkdirSync(root)
        if (!isNew) writeFileSync(join(root, 'Plan.md'), person + below + block)
        isOver = (await run(kill, mode)) === 0
        const check = (when: string) => {
          if (isNew) return
          const text = readFileSync(join(root, 'Plan.md'), 'utf8')
          for (const line of (person + below).split('\n').filter(each => each !== ''))
            expect(text, `${when}, killed at ${kill}`).toContain(line)
        }
        check('after the kill')
        expect(await run(0, mode)).toBe(0)
        check('after the next attempt')
        const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name =>
          name.endsWith('.md'),
        )
        expect(all, `killed at ${kill}`).toHaveLength(1)
        const text = readFileSync(join(root, all[0] ?? ''), 'utf8')
        expect(text.split('^sw-77').length - 1, `killed at ${kill}: ${text}`).toBe(mode === 'block' ? 0 : 1)
        if (mode === 'block') expect(text).toContain('<!-- begin -->\nnew\n<!-- end -->')
        const rest = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name =>
          name.includes('.sw-tmp'),
        )
        expect(rest, `killed at ${kill}`).toEqual([])
      }
      expect(isOver).toBe(true)
    },
  )
})

test('a folder that is not there is named as such, and no credential', async () => {
  const gone = join(root, 'nope')
  const tracker = await createTracker({
    ...{ project: 'billing', user: 'Ada', store: memoryStore() },
    adapters: [files({ root: gone })],
  })
  const { ok, kind, reason, hint } = await tracker.check('files')
  expect({ ok, kind, reason, hint }).toEqual({
    ...{ ok: false, kind: 'denied' },
    reason: `the folder ${gone} is not there, or this user may not see it`,
    hint: 'Check that the place is there and what this user may do in it; deliveries wait and go out when it is accepted.',
  })
  mkdirSync(gone)
  expect(await tracker.check('files')).toMatchObject({ ok: true })
  await tracker.close()
})
