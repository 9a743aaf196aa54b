import { createTracker } from '@sessionwire/core'
import { expect, onTestFinished, test } from 'vitest'
import { countingAdapter, countingService } from './counting.ts'
import { openStore } from './places.ts'
import { freshSchema } from './server.ts'

const HOUR = 3_600_000

test('a worker that would look again in an hour is woken by what another process records, also over a new connection', async () => {
  const { url, schema, pool } = await freshSchema()
  const service = await countingService(0)
  const open = async (over: Readonly<{ deliver?: false; pollMs?: number }>) => {
    const tracker = await createTracker({
      ...{ project: 'counting', user: 'someone', drainOnClose: 0, ...over },
      store: openStore({ url }, { schema, notify: true }),
      adapters: [countingAdapter(service.origin, {})],
    })
    onTestFinished(() => tracker.close())
    return tracker
  }
  const recorder = await open({ deliver: false })
  const session = await recorder.start({ goal: 'tell the others' })
  const worker = await open({ pollMs: HOUR })
  const listeners = async () =>
    (
      await pool.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN "sessionwire_${schema}"' AND state = 'idle'`,
      )
    ).rows.map(({ pid }) => pid)
  const isListening = async (other?: number) => {
    for (;;) {
      const [pid] = await listeners()
      if (pid !== undefined && pid !== other) return pid
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  const sent = (count: number) =>
    new Promise<void>(resolve => {
      const stop = worker.on('delivered', () => {
        if (service.posts.length < count) return
        stop()
        resolve()
      })
    })
  const first = await isListening()
  // Nothing is left to do, and the next look of its own is an hour away.
  await worker.drain()
  const one = sent(1)
  await session.update('one')
  await one
  await pool.query('SELECT pg_terminate_backend($1)', [first])
  await isListening(first)
  await worker.drain()
  const two = sent(2)
  await session.update('two')
  await two
  expect(service.posts.map(({ text }) => text)).toEqual(['one', 'two'])
})

test('without the option nobody listens, and a store that closes keeps no connection', async () => {
  const { url, schema, pool } = await freshSchema()
  const plain = openStore({ url }, { schema })
  expect(plain.watch).toBe(undefined)
  await plain.close()
  const store = openStore({ url }, { schema, notify: true })
  await store.identity()
  const heard: string[] = []
  const begun = new Promise<void>(resolve => {
    const end = store.watch?.(() => {
      heard.push('begun')
      resolve()
      end?.()
    })
  })
  await begun
  await store.close()
  const { rows } = await pool.query(
    `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN "sessionwire_${schema}"%'`,
  )
  expect([heard, rows]).toEqual([['begun'], []])
})
