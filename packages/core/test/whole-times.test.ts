import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Reply } from '../src/descriptor/outcome.ts'
import { sqliteStore } from '../src/sqlite.ts'
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
      if (reply.kind === 'answer' && reply.status === 200) return { kind: 'delivered' } as const
      const waitMs = left.shift() as number
      asked.push(waitMs)
      return { kind: 'retry', reason: 'later', waitMs } as const
    },
  }
  const transport = {
    send: async (): Promise<Reply> => ({
      kind: 'answer',
      status: left.length === 0 ? 200 : 503,
      headers: {},
      body: { id: 'C1' },
    }),
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
}, 30_000)
