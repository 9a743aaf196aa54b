import { PGlite } from '@electric-sql/pglite'
import { storeSuite } from '@sessionwire/core/testing'
import { afterAll, describe, test } from 'vitest'
import { overPglite } from './pglite.ts'
import { placesIn } from './places.ts'

const database = new PGlite()
afterAll(() => database.close())

describe('postgresStore on PGlite', () => {
  const source = overPglite(database)
  const places = placesIn(source, source.query, 'sessionwire')
  test.for(storeSuite(places, { runs: 1, steps: 40 }))('$name', check => check.run())
})
