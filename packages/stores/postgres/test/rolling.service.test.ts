import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Store } from '@sessionwire/core/store'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { migrate, postgresStore } from '../src/index.ts'
import { VERSIONS } from '../src/migrate.ts'
import { freshSchema, SERVER } from './server.ts'
import { asking, delivered, update } from './story.ts'

type Make = (source: Readonly<{ pool: pg.Pool }>, options: Readonly<{ schema: string }>) => Store

/**
 * The package as it was when its schema was of version 2, with the functions of then and its own copy of core: commit
 * 9c45985b^ bundled by `esbuild src/index.ts --bundle --minify --format=esm --platform=node
 * --conditions=@sessionwire/source --external:pg`. Never made again.
 */
const former = async (): Promise<Make> => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-former-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'former-2.mjs')
  writeFileSync(
    file,
    gunzipSync(readFileSync(new URL('fixtures/former-2.mjs.gz', import.meta.url))).toString('utf8'),
  )
  return ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { postgresStore: Make })
    .postgresStore
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise(resolve => setTimeout(resolve, 10))
}

test('the release of schema 2 and this one record and deliver side by side, before, during and after the migration', async () => {
  const { schema, pool } = await freshSchema()
  const make = await former()
  const open = (by: Make): Store => {
    const own = new pg.Pool({ connectionString: SERVER, max: 3 })
    const store = by({ pool: own }, { schema })
    onTestFinished(async () => {
      await store.close()
      await own.end()
    })
    return store
  }
  let over = false
  const committed: string[] = []
  const sent: string[] = []
  const counts = { former: 0, this: 0 }
  const record = async (store: Store, name: string): Promise<void> => {
    for (let session = 1; !over; session++)
      for (let revision = 1; revision <= 3; revision++) {
        await store.commit(update(`${name}${session}`, revision))
        committed.push(`${name}${session}-${revision}-tool`)
      }
  }
  const deliver = async (store: Store, name: keyof typeof counts): Promise<void> => {
    while (!over || sent.length < committed.length) {
      const { claims } = await store.claim(asking())
      const starts = claims.map(({ delivery: { key, token } }) => ({ key, token }))
      const begun = await store.begin(starts)
      expect(begun).toEqual(starts.map(() => true))
      sent.push(...starts.map(({ key }) => key))
      expect(await store.settle(claims.map(delivered))).toEqual(starts.map(() => true))
      counts[name] += claims.length
      if (claims.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  const jobs = [record(open(make), 'former'), deliver(open(make), 'former')]
  await until(() => counts.former > 30)
  const { rows } = await pool.query(`SELECT max(version) AS version FROM ${schema}.migrations`)
  expect(rows).toEqual([{ version: 2 }])
  expect(await migrate({ url: SERVER }, { schema })).toEqual({ from: 2, to: VERSIONS.length })
  const made: Make = (source, options) => postgresStore(source as never, options)
  jobs.push(record(open(made), 'this'), deliver(open(made), 'this'))
  const before = { ...counts }
  await until(() => counts.former > before.former + 30 && counts.this > 30)
  // One that is opened after the migration works too.
  await open(make).commit(update('late', 1))
  committed.push('late-1-tool')
  over = true
  await Promise.all(jobs)
  expect(sent.toSorted()).toEqual(committed.toSorted())
  for (const place of [1, 2]) {
    const after = sent.filter(key => key.endsWith(`-${place + 1}-tool`))
    for (const key of after)
      expect(sent.indexOf(key)).toBeGreaterThan(sent.indexOf(key.replace(/\d-tool$/, `${place}-tool`)))
  }
  const [count] = await open(made).counts({})
  expect(count?.states).toEqual({ delivered: committed.length })
})
