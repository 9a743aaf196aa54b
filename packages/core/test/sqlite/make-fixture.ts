/**
 * Makes a file of the format of this version, for later versions to open: `node make-fixture.ts <path>`. Run once for
 * each format and keep what it made; never make an older one again.
 */
import { rmSync } from 'node:fs'
import { sqliteStore } from '../../src/sqlite.ts'
import { call, card, create, incoming, record, request, TOOL } from '../../src/testing/store-suite-ground.ts'

const path = process.argv[2] as string
let time = Date.UTC(2026, 0, 1)
const store = sqliteStore(path, { now: () => time })
const planned = [
  incoming(create('k1')),
  incoming(card('k2')),
  incoming(card('k3')),
  incoming(call('k4'), { via: 'preview' }),
]
const lane = {
  adapter: TOOL,
  lane: 'done',
  open: { refs: { issue: 'BIL-212' } },
  through: { from: 0, to: 1 },
}
await store.commit(
  record('done', 1, { refs: { tool: { issue: 'BIL-212' } } }, [{ ...lane, deliveries: planned }]),
)
await store.commit(record('done', 2, { status: 'completed', endedAt: '2026-01-01T01:00:00.000Z' }))
await store.commit(record('open', 1))
time += 1_000
const [claim] = (await store.claim(request())).claims
if (claim === undefined) throw new Error('nothing was claimed')
const { key, token } = claim.delivery
const rest = { attempts: 1, dueAt: time, doubtSince: null, reason: null, misses: 0, rejected: null }
await store.settle([{ key, token, state: 'delivered', ...rest, captures: { thread: 'T' } }])
await store.pause({
  adapter: TOOL,
  limit: 'post',
  kind: 'throttled',
  reason: '429',
  since: time,
  until: time + 60_000,
})
await store.close()
rmSync(`${path}-locks`, { recursive: true })
