import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { runsOf } from '../../../test/sample.ts'
import type { Settlement } from '../src/delivery/model.ts'
import { makeToken } from '../src/store/sqlite/claim.ts'
import { connect, migrate } from '../src/store/sqlite/client.ts'
import { settleAll } from '../src/store/sqlite/settle.ts'

type Next = Readonly<{
  state: number
  via: number
  holds: number
  due: number
  name: string | null
  everyMs: number | null
  lim: string | null
  lease: number | null
}>

const next: fc.Arbitrary<Next> = fc.record({
  state: fc.integer({ min: 0, max: 7 }),
  via: fc.integer({ min: 0, max: 2 }),
  holds: fc.integer({ min: 0, max: 1 }),
  due: fc.integer({ min: 0, max: 2_000 }),
  name: fc.constantFrom(null, 'card'),
  everyMs: fc.constantFrom(null, 500),
  lim: fc.constantFrom(null, 'post'),
  lease: fc.constantFrom(null, 1_500),
})

const SENT = '{"card":{"at":900,"rank":1,"key":"before"}}'
const TOKEN = makeToken(1, 1, false)

const client = connect(':memory:')
migrate(client, ':memory:')
afterAll(() => client.close())

const COUNTS =
  "SELECT state, count FROM counts WHERE adapter = 1 AND target = '' AND state < 100 AND count > 0 ORDER BY state"
/** What a worker holds counts as waiting. */
const COUNTED = `SELECT CASE WHEN state = 2 OR state = 3 AND token IS NOT NULL THEN 1 ELSE state END AS state,
  count(*) AS count FROM deliveries WHERE lane = 1 GROUP BY 1 ORDER BY 1`

/** A lane whose head is under way, with others behind it; linked, it does not take the short way. */
const laneWith = (others: readonly Next[], refs: string, gone: string | null): void => {
  client.run(
    `INSERT INTO lanes (id, adapter, lane, next, walk, kind, lim, due, ready, sent, gone, refs)
      VALUES (1, 1, 'a', ?, 1, 3, '', 9000, 9000, ?, ?, ?)`,
    others.length + 2,
    SENT,
    gone,
    refs,
  )
  const add = (position: number, each: Next, token: string | null): void => {
    client.run(
      `INSERT INTO deliveries (lane, position, key, state, rank, action, via, sequence, holds, planned_at, due_at,
        name, every_ms, lim, lease_until, token) VALUES (1, ?, ?, ?, ?, 'post', ?, 1, ?, 0, ?, ?, ?, ?, ?, ?)`,
      ...[position, `k${position}`, each.state, position, each.via, each.holds, each.due, each.name],
      ...[each.everyMs, each.lim, each.lease, token],
    )
  }
  const head = { state: 3, via: 0, holds: 0, due: 0, name: null, everyMs: null, lim: null, lease: 9_000 }
  add(1, head, TOKEN)
  others.forEach((each, n) => {
    add(n + 2, each, null)
  })
  client.run(`INSERT INTO counts SELECT 1, '', state, count FROM (${COUNTED})`)
}

const readWalk = (): unknown =>
  client.get('SELECT walk, kind, lim, due, ready, served, next, names, sent, gone FROM lanes WHERE id = 1')

/** Where the lane stands once its head was delivered. */
const settleIn = (others: readonly Next[], refs: string, gone: string | null): unknown => {
  client.run('BEGIN')
  try {
    laneWith(others, refs, gone)
    const settlement: Settlement = {
      ...{ key: 'k1', token: TOKEN, attempts: 1, dueAt: 0, misses: 0, captures: { id: 7 } },
      ...{ state: 'delivered' as const, doubtSince: null, reason: null, rejected: null },
    }
    expect(settleAll(client, [settlement], 1_000)).toEqual([true])
    expect(client.all(COUNTS)).toEqual(client.all(COUNTED))
    return [readWalk(), client.all('SELECT name, position, value FROM captures')]
  } finally {
    client.run('ROLLBACK')
  }
}

it('a lane moves on the short way as it does step by step, and is counted', () => {
  fc.assert(
    fc.property(fc.array(next, { maxLength: 4 }), fc.constantFrom(null, 'deleted'), (others, gone) => {
      expect(settleIn(others, '{}', gone)).toEqual(settleIn(others, '{"linked":1}', gone))
    }),
    { numRuns: runsOf(200) },
  )
})

it('a lane whose next head is paced waits for its own time', () => {
  const paced = { state: 1, via: 0, holds: 0, due: 0, name: 'card', everyMs: 500, lim: null, lease: null }
  expect(settleIn([paced], '{}', null)).toEqual([
    {
      ...{ walk: 2, kind: 2, lim: '', due: 1_400, ready: 1_000, served: 1_000 },
      ...{ next: 3, names: '{}', sent: SENT, gone: null },
    },
    [{ name: 'id', position: 1, value: '7' }],
  ])
})
