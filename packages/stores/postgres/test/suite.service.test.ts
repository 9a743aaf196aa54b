import { storeSuite } from '@sessionwire/core/testing'
import pg from 'pg'
import { afterAll, describe, test } from 'vitest'
import { placesIn } from './places.ts'

const pool = new pg.Pool({ connectionString: process.env.TEST_POSTGRES_URL, max: 10 })
afterAll(() => pool.end())

const runs = Number(process.env.TEST_POSTGRES_RUNS ?? 60)

describe('postgresStore beside a real server', () => {
  const places = placesIn({ pool }, (text, values) => pool.query(text, [...values]), 'sessionwire_suite')
  test.for(storeSuite(places, { runs }))('$name', check => check.run())
})
