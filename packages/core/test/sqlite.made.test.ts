import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, vi } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'
import { migrate, open } from '../src/store/sqlite/client.ts'
import { record } from '../src/testing/store-suite-ground.ts'
import { folder } from './sqlite/processes.ts'

it('a file whose tables another process makes at the same time is ours', async () => {
  const path = join(folder(), 'sessions.db')
  const other = open({ path, durability: 'process' })
  const prepare = DatabaseSync.prototype.prepare
  let isMade = false
  // After the first look at the file, and before the second one.
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql) {
    if (!isMade && sql.includes('sqlite_schema')) {
      isMade = true
      other.exec('BEGIN IMMEDIATE')
      migrate(other, path)
      other.exec('COMMIT')
    }
    return prepare.call(this, sql)
  })
  const store = sqliteStore(path)
  await store.commit(record('s', 1))
  expect(isMade).toBe(true)
  expect((await store.events('s')).length).toBe(1)
  await store.close()
  other.close()
})
