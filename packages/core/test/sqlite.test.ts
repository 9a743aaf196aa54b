import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import type { Store } from '../src/store/contract.ts'
import { storeOf } from '../src/store/sqlite/store.ts'
import { storeSuite } from '../src/testing/store-suite.ts'

describe('sqliteStore', () => {
  const suite = storeSuite(
    now => {
      const folder = mkdtempSync(join(tmpdir(), 'sessionwire-'))
      const path = join(folder, 'sessions.db')
      const locks = () => {
        try {
          return readdirSync(`${path}-locks`)
        } catch {
          return []
        }
      }
      const owners = new Map<Store, string>()
      return {
        open: async () => {
          const before = locks()
          // A lock that is renewed would come back.
          const store = storeOf(path, { now, renewMs: 3_600_000 })
          await store.pauses()
          owners.set(store, locks().find(name => !before.includes(name)) as string)
          return store
        },
        // A lock file that is not there is one that nobody holds.
        vanish: store => rmSync(join(`${path}-locks`, owners.get(store) as string)),
        end: () => rmSync(folder, { recursive: true }),
      }
    },
    RUNS_ALL ? {} : { runs: 1 },
  )
  test.for(suite)('$name', check => check.run())
})
