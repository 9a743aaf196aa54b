import pg from 'pg'
import { onTestFinished } from 'vitest'

/** The server that the environment names. */
export const SERVER = process.env.TEST_POSTGRES_URL ?? ''

let made = 0

/** A schema that nothing was made in, dropped with the test; and a pool beside the store's. */
export const freshSchema = async (): Promise<Readonly<{ url: string; schema: string; pool: pg.Pool }>> => {
  const schema = `sw_${process.pid}_${++made}`
  const pool = new pg.Pool({ connectionString: SERVER, max: 4 })
  pool.on('error', () => undefined)
  await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  onTestFinished(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`).catch(() => undefined)
    await pool.end()
  })
  return { url: SERVER, schema, pool }
}
