import type { ClaimRequest, Commit, Settlement } from '@sessionwire/core/store'

/** The adapters of the benches with PostgreSQL. */
export const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** Calls under way at once in each process, of all adapters together. */
export const AT_ONCE = 24

const TIME = '2026-01-01T00:00:00.000Z'
const MORE = 'x'.repeat(1_200)

/** The payload of the `n`th request of a lane. */
export const payloadOf = (lane: string, n: number) => ({ lane, n, text: MORE })

/** An event with one request for each adapter. */
export const commitOf = (id: string, n: number): Commit => ({
  session: {
    expected: n - 1,
    summary: {
      ...{ id, project: 'bench', user: 'ada', title: 'Bench', status: 'active' as const },
      ...{ startProgress: 0, progress: n % 100, startedAt: TIME, lastEventAt: TIME },
      ...{ refs: {}, metadata: {}, revision: n },
    },
  },
  events: [
    {
      ...{ id: `${id}-${n}`, sessionId: id, sequence: n, time: TIME, at: TIME, version: 2, type: 'update' },
      payload: { description: `Step ${n}`, progress: n % 100, tags: [] },
    },
  ],
  lanes: NAMES.map(adapter => ({
    adapter,
    lane: id,
    open: { refs: {} },
    through: { from: n - 1, to: n },
    deliveries: [
      {
        key: `${id}/${n}/${adapter}`,
        action: 'entry',
        via: 'execute',
        sequence: n,
        holds: false,
        descriptor: {
          ...{ key: `${id}/${n}/${adapter}`, action: 'entry', kind: 'http', method: 'POST' },
          endpoint: 'https://service.example/items',
          payload: payloadOf(`${id}/${adapter}`, n),
          repeat: 'unsafe',
        },
      },
    ],
  })),
})

/** A claim with so much room in all. */
export const requestOf = (room: number): ClaimRequest => ({
  adapters: NAMES.map(name => ({
    ...{
      name,
      target: '',
      room: Math.ceil(room / NAMES.length),
      concurrency: 1_000,
      rates: {},
      begins: true,
    },
  })),
  lease: { baseMs: 60_000, readMs: 0 },
  afterMs: 0,
  unreportedMax: 3,
})

/** That a claimed request was delivered. */
export const settlementOf = (key: string, token: string, attempts: number): Settlement => ({
  ...{ key, token, attempts, state: 'delivered', dueAt: 0, doubtSince: null },
  ...{ reason: null, misses: 0, rejected: null },
})
