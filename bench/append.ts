import { memoryStore } from '@sessionwire/core'
import type { AnyAdapter, Descriptor } from '@sessionwire/core/adapter'
import type { Incoming, Placed, Store } from '@sessionwire/core/delivery'
import type { appendFloor, Written } from './floor-append.ts'
import { type Cost, percentile, type Row } from './measure.ts'
import { type appendOurs, type Calls, updateOnce, type updateOurs } from './ours-append.ts'
import { compareSides, type Side, startSide } from './side.ts'
import { everyAdapter } from './stage.ts'

const ROUNDS = 5
const EACH = 1_000

/** The rows of one update, as the store writes them: event, session, and one delivery for each adapter. */
const rowsOf = (names: readonly string[], session: string, n: number) => {
  const id = `${session}-${n}`
  const event = {
    id,
    sessionId: session,
    sequence: n,
    time: '2026-01-01T00:00:00.000Z',
    at: '2026-01-01T00:00:00.000Z',
    version: 2,
    type: 'update' as const,
    payload: { description: `Step ${n}: reproduced with two parallel webhooks`, progress: n % 100, tags: [] },
  }
  const summary = {
    ...{ id: session, project: 'bench', user: 'ada', title: 'Bench', status: 'active' as const },
    ...{ startProgress: 0, progress: n % 100, startedAt: event.time, lastEventAt: event.time },
    ...{ refs: {}, metadata: {}, revision: n },
  }
  const deliveries = names.map((name): Readonly<{ adapter: string; incoming: Incoming }> => {
    const key = `${id}/${name}/0`
    const descriptor: Descriptor = {
      ...{ key, action: 'entry', kind: 'http', method: 'POST', endpoint: `https://${name}.example/items` },
      payload: { key, text: event.payload.description, more: 'x'.repeat(300) },
      captures: { [`entry${n}`]: '/id' },
      repeat: 'unsafe',
    }
    const incoming = { key, action: 'entry', via: 'execute' as const, sequence: n, descriptor, holds: true }
    return { adapter: name, incoming }
  })
  return { event, summary, deliveries }
}

/** The commits of one session, as the store is given them by this part itself. */
const commitsOf = (names: readonly string[]): readonly Written[] =>
  Array.from({ length: EACH }, (_, at): Written => {
    const n = at + 1
    const rows = rowsOf(names, 's', n)
    const commit = {
      session: { summary: rows.summary, expected: n - 1 },
      events: [rows.event],
      lanes: rows.deliveries.map(({ adapter, incoming }) => ({
        ...{ adapter, lane: 's', deliveries: [incoming], through: { from: n - 1, to: n } },
        ...(n === 1 ? { open: { refs: {} } } : {}),
      })),
    }
    const placed = rows.deliveries.map(
      ({ incoming: { key } }): Placed => ({ key, state: 'waiting', position: n, replaced: [] }),
    )
    return { commit, placed }
  })

/** Records what such calls write: the floor writes the same. */
const recordWrites = async (adapters: readonly AnyAdapter[]): Promise<readonly Written[]> => {
  const all: Written[] = []
  const store = memoryStore()
  const commit: Store['commit'] = async given => {
    const placed = await store.commit(given)
    all.push(structuredClone({ commit: given, placed }))
    return placed
  }
  await updateOnce({ ...store, commit }, adapters)
  return all
}

/** The floor writes the same rows as ours; `slow` takes the time of each call of ours. */
const compareCalls = (ours: Side<Calls>, written: readonly Written[], slow: number[]) => {
  const round = async (): Promise<Cost> => {
    const { each, ...cost } = await ours.round()
    slow.push(...each)
    return cost
  }
  const floor = startSide<typeof appendFloor>(
    new URL('./floor-append.ts', import.meta.url),
    'appendFloor',
    written,
  )
  return compareSides(ROUNDS, { ...ours, round }, floor)
}

const ours = new URL('./ours-append.ts', import.meta.url)

const appendRow = async (names: readonly string[]): Promise<Row> => {
  const slow: number[] = []
  const ready = commitsOf(names)
  const result = await compareCalls(startSide<typeof appendOurs>(ours, 'appendOurs', ready), ready, slow)
  const p99 = percentile(slow, 0.99)
  return {
    ...result,
    what: `append: one event with ${names.length} deliveries, 1,000 times`,
    unit: 'ms',
    bound: 'ratio ≥ 0.6, p99 < 20 ms',
    holds: result.ratio >= 0.6 && p99 < 20,
    note: `p99 ${p99.toFixed(2)} ms`,
  }
}

/** One durable append: event and one delivery for each adapter, level `process`, one caller. */
export const append = async (): Promise<readonly Row[]> => {
  const adapters = everyAdapter()
  const rows: Row[] = []
  for (const count of [2, 6, adapters.length]) {
    if (count <= 6) rows.push(await appendRow(adapters.slice(0, count).map(each => each.name)))
    const whole: number[] = []
    const written = await recordWrites(adapters.slice(0, count))
    const called = await compareCalls(startSide<typeof updateOurs>(ours, 'updateOurs', count), written, whole)
    rows.push({
      ...called,
      what: `session.update() of ${count} adapters, checked, planned and stored, 1,000 times`,
      unit: 'ms',
      bound: 'ratio ≥ 0.3, median < 2 ms, p99 < 20 ms each',
      holds: called.ratio >= 0.3 && percentile(whole, 0.5) < 2 && percentile(whole, 0.99) < 20,
      note: `median ${percentile(whole, 0.5).toFixed(3)} ms, p99 ${percentile(whole, 0.99).toFixed(2)} ms`,
    })
  }
  return rows
}
