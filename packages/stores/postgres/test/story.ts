import type { Claim, ClaimRequest, Commit, Incoming, Settlement, Store } from '@sessionwire/core/store'

/** The adapter of the tests of faults. */
const TOOL = 'tool'

/** A call that can be looked up. */
export const post = (key: string): Incoming => ({
  key,
  action: 'post',
  via: 'execute',
  sequence: 1,
  holds: false,
  descriptor: {
    key,
    action: 'post',
    kind: 'http',
    method: 'POST',
    endpoint: 'https://service.test/posts',
    payload: { text: key },
    repeat: {
      by: 'mark',
      call: { kind: 'http', method: 'GET', endpoint: 'https://service.test/posts' },
      list: '/items',
      where: { pointer: '/mark', equals: key },
    },
  } as unknown as NonNullable<Incoming['descriptor']>,
})

const TIME = '2026-01-01T00:00:00.000Z'

/** The event of a session at this revision, with one call for each adapter. */
export const update = (id: string, revision: number, adapters: readonly string[] = [TOOL]): Commit => ({
  session: {
    expected: revision - 1,
    summary: {
      ...{ id, project: 'billing', user: 'fixer', title: 'Stop double charging', status: 'active' },
      ...{
        startProgress: 0,
        progress: 0,
        startedAt: TIME,
        lastEventAt: TIME,
        refs: {},
        metadata: {},
        revision,
      },
    } as NonNullable<Commit['session']>['summary'],
  },
  events: [
    {
      ...{ id: `${id}-e${revision}`, sessionId: id, sequence: revision, time: TIME, at: TIME, version: 2 },
      ...{ type: 'update', payload: { description: `update ${revision}`, tags: [] } },
    } as Commit['events'][number],
  ],
  lanes: adapters.map(adapter => ({
    adapter,
    lane: id,
    open: { refs: {} },
    through: { from: revision - 1, to: revision },
    deliveries: [post(`${id}-${revision}-${adapter}`)],
  })),
})

/** A claim with room for all. */
export const asking = (over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  adapters: [{ name: TOOL, target: '', room: 100, concurrency: 1_000, rates: {} }],
  lease: { baseMs: 60_000, readMs: 0 },
  afterMs: 0,
  unreportedMax: 3,
  ...over,
})

/** That a claim was delivered. */
export const delivered = ({ delivery: { key, token, attempts } }: Claim): Settlement => ({
  ...{ key, token, state: 'delivered', attempts, dueAt: 0, doubtSince: null },
  ...{ reason: null, misses: 0, rejected: null },
})

/** Keys by state, of everything that is stored. */
export const statesOf = async (store: Store): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await store.list({ limit: 100_000 })).map(({ key, state }) => [key, state]))
