import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'
import { record, request, TOOL } from '../src/testing/store-suite-ground.ts'
import { folder } from './sqlite/processes.ts'

const start = Date.UTC(2026, 0, 1)
const fixtureOf = (format: number): URL => new URL(`./fixtures/store-${format}.db`, import.meta.url)

const tablesOf = (path: string): unknown => {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY name")
    .all()
  database.close()
  return tables
}

let ofThisVersion: unknown
beforeAll(() => {
  const made = mkdtempSync(join(tmpdir(), 'sessionwire-'))
  const script = fileURLToPath(new URL('./sqlite/make-fixture.ts', import.meta.url))
  execFileSync(process.execPath, ['--conditions=@sessionwire/source', script, join(made, 'fresh.db')])
  ofThisVersion = tablesOf(join(made, 'fresh.db'))
  rmSync(made, { recursive: true })
})

describe.for([1, 2, 3, 4])('a file of format %i', format => {
  const fixture = fixtureOf(format)

  it('is opened with all it holds, and goes on', async () => {
    const path = join(folder(), 'sessions.db')
    copyFileSync(fixture, path)
    const store = sqliteStore(path, { now: () => start + 2_000 })
    expect((await store.sessions({})).map(({ id, status, revision }) => [id, status, revision])).toEqual([
      ['open', 'active', 1],
      ['done', 'completed', 2],
    ])
    expect((await store.events('done')).map(({ id }) => id)).toEqual(['done-e1', 'done-e2'])
    expect((await store.load('done'))?.lanes).toMatchObject([
      { adapter: TOOL, lane: 'done', through: 1, sent: {} },
    ])
    expect(
      (await store.list({})).map(({ key, state, position, successor }) => [key, state, position, successor]),
    ).toEqual([
      ['k1', 'delivered', 1, undefined],
      // What replaces another took its position until format 2.
      ...(format === 1
        ? [
            ['k3', 'waiting', 2, undefined],
            ['k2', 'replaced', 3, 'k3'],
          ]
        : [
            ['k2', 'replaced', 2, 'k3'],
            ['k3', 'waiting', 3, undefined],
          ]),
      ['k4', 'planned', 4, undefined],
    ])
    expect(await store.listCaptures('done')).toEqual([
      { adapter: TOOL, lane: 'done', name: 'thread', value: 'T', key: 'k1' },
    ])
    expect(await store.pauses()).toMatchObject([{ adapter: TOOL, limit: 'post', until: start + 61_000 }])
    expect(await store.orphans(Date.UTC(2026, 5))).toEqual([{ id: 'open', writer: 'closed' }])
    const search = async (...words: readonly string[]) =>
      (await store.search({ words })).sessions.map(({ id }) => id)
    expect(await search('double', 'update')).toEqual(['open', 'done'])
    expect(await search('2', 'update')).toEqual(['done'])
    const { claims } = await store.claim(request())
    expect(claims.map(({ delivery, refs }) => [delivery.key, refs])).toEqual([['k3', { thread: 'T' }]])
    await store.commit(record('open', 2))
    expect(await store.events('open')).toHaveLength(2)
    await store.close()
  })

  it('becomes what this version makes: a format that was published is never changed, only followed by another', async () => {
    const old = join(folder(), 'old.db')
    copyFileSync(fixture, old)
    const store = sqliteStore(old)
    await store.counts()
    await store.close()
    expect(tablesOf(old)).toEqual(ofThisVersion)
  })
})
