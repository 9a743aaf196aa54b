import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Descriptor } from '../src/descriptor/descriptor.ts'
import type { Reply } from '../src/descriptor/outcome.ts'
import type { Receipt } from '../src/recorder/calls.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { memoryStore } from '../src/store/memory.ts'
import { createTracker } from '../src/tracker.ts'
import { tool } from './recorder/tool.ts'
import { folder } from './sqlite/processes.ts'

/** Answers as many calls as there are waits with a failure that names one, then well. */
const service = (waits: readonly number[]) => {
  const left = [...waits]
  const asked: (number | undefined)[] = []
  const adapter = {
    ...tool(),
    outcome: (reply: Reply) => {
      if (reply.kind === 'failure') return { kind: 'unknown', reason: reply.reason } as const
      if (reply.status === 200) return { kind: 'delivered' } as const
      const { waitMs } = reply.body as Readonly<{ waitMs: number }>
      return { kind: 'retry', reason: 'later', waitMs } as const
    },
  }
  const transport = {
    send: async (): Promise<Reply> => {
      const [waitMs] = left.splice(0, 1)
      if (waitMs === undefined) return { kind: 'answer', status: 200, headers: {}, body: { id: 'C1' } }
      asked.push(waitMs)
      return { kind: 'answer', status: 503, headers: {}, body: { waitMs } }
    },
  }
  return { adapter, transport, asked }
}

test('parts of a millisecond, of a clock, a setting or an adapter, and waits that make no sense, stop nothing', async () => {
  const now = () => performance.timeOrigin + performance.now() + 0.5
  const { adapter, transport, asked } = service([0.3, 1.7, Number.NaN, -5, Number.NEGATIVE_INFINITY])
  const errors: string[] = []
  const tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    now,
    store: sqliteStore(join(folder(), 'sessions.db'), { now }),
    adapters: [adapter],
    transports: { tool: transport },
    policy: { backoffMs: 0.4, backoffMaxMs: 1.5, timeoutMs: 1_000.3, afterMs: 10.7 },
    pollMs: 1,
  })
  tracker.on('error', ({ error }) => errors.push(error.message))
  await tracker.start({ goal: 'Fix it' })
  expect(await tracker.drain({ timeoutMs: 20_000 })).toEqual({ done: true, left: {} })
  expect(asked).toHaveLength(5)
  const [made] = await tracker.deliveries()
  expect([made?.plannedAt, made?.firstAt, made?.dueAt].every(Number.isInteger)).toBe(true)
  expect(errors).toEqual([])
  await tracker.close()
})

/** Parts of a millisecond in everything a call may say of time, and a limit that makes a look-up wait for its turn. */
const precise = () => {
  const call = { kind: 'http', endpoint: 'https://tool.test/cards', limit: 'all' } as const
  const make = ({ key }: { key: string }): Descriptor => ({
    ...call,
    key,
    action: 'make',
    method: 'POST',
    captures: { card: '/id' },
    repeat: {
      by: 'mark',
      call: { ...call, method: 'GET' },
      list: '/cards',
      where: { pointer: '/key', equals: key },
      captures: { card: '/id' },
      afterMs: 30.7,
      againMs: 3.3,
    },
  })
  const edit = ({ key }: { key: string }): Descriptor => ({
    ...call,
    key,
    action: 'edit',
    method: 'PUT',
    endpoint: 'https://tool.test/cards/{card}',
    repeat: 'safe',
    coalesce: { name: 'card', everyMs: 0.4 },
  })
  return {
    ...tool({ hooks: { start: () => [make], update: () => [edit] } }),
    limits: { rates: { all: { count: 3, perMs: 40.5 } } },
  }
}

test('parts of a millisecond in what a call says of time, in a limit and in a pause stop nothing', async () => {
  const answers: Reply[] = [
    { kind: 'failure', sent: 'perhaps', code: 'reset', reason: 'connection reset' },
    { kind: 'answer', status: 200, headers: {}, body: { cards: [] } },
    { kind: 'answer', status: 200, headers: {}, body: { cards: [] } },
  ]
  const errors: string[] = []
  const tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    store: sqliteStore(join(folder(), 'sessions.db')),
    adapters: [precise()],
    transports: {
      tool: {
        send: async call =>
          (call.kind === 'http' && call.method === 'PUT' ? undefined : answers.shift()) ?? {
            kind: 'answer',
            status: 200,
            headers: {},
            body: { id: 'C1', cards: [] },
          },
      },
    },
    policy: { backoffMs: 1, backoffMaxMs: 2, timeoutMs: 5, readTimeoutMs: 1_000 },
    pollMs: 1,
  })
  tracker.on('error', ({ error }) => errors.push(error.message))
  const session = await tracker.start({ goal: 'Fix it' })
  const sent = async (receipt: Receipt<'update'>) => {
    const [descriptor] = receipt.recorded ? receipt.descriptors : []
    return (await tracker.settled(descriptor?.key ?? '', { timeoutMs: 20_000 })).state
  }
  expect(await sent(await session.update('Half of it'))).toBe('delivered')
  await tracker.pause('tool', { forMs: 1.5 })
  await tracker.unpause('tool')
  expect(await sent(await session.update('All of it'))).toBe('delivered')
  const made = await tracker.deliveries()
  expect(made.map(({ state, firstAt, dueAt }) => [state, firstAt, dueAt].filter(Number.isInteger))).toEqual(
    made.map(({ firstAt, dueAt }) => [firstAt, dueAt]),
  )
  expect(errors).toEqual([])
  await tracker.close()
})

test('a store in memory keeps whole times too', async () => {
  expect(memoryStore({ now: () => 1_000.9 }).now()).toBe(1_000)
})
