import { afterEach, expect, it, vi } from 'vitest'
import { sqliteStore } from '../src/sqlite.ts'

afterEach(() => vi.restoreAllMocks())

it('says which Node has SQLite where there is none', () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  expect(() => sqliteStore('sessions.db')).toThrow(
    expect.objectContaining({
      code: 'CONFIG',
      message: `sqliteStore: Node ${process.version} has no node:sqlite: run on Node 22.18 or newer, such as 24, or take memoryStore()`,
    }),
  )
})
