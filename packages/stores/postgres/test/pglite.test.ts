import { PGlite } from '@electric-sql/pglite'
import { storeSuite } from '@sessionwire/core/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { overPglite } from './pglite.ts'
import { placesIn } from './places.ts'

const database = new PGlite()
// It compiles a database: seconds on a quiet machine, and no check is slow because of it.
beforeAll(() => database.waitReady, 600_000)
afterAll(() => database.close())

/** The first check of each subject: all of them run beside a real server, and once more on PGlite there. */
const some = (checks: ReturnType<typeof storeSuite>) => {
  const subjects = new Set<string>()
  return checks.filter(({ name }) => {
    const [subject = ''] = name.split(':')
    const isFirst = !subjects.has(subject)
    subjects.add(subject)
    return isFirst
  })
}

describe('postgresStore on PGlite', () => {
  const source = overPglite(database)
  const places = placesIn(source, source.query, 'sessionwire')
  test.for(some(storeSuite(places, { runs: 1, steps: 20 })))('$name', check => check.run())
})
