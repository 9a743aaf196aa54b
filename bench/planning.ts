import type { AnyAdapter } from '@sessionwire/core/adapter'
import { plan } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { compare, measureMs, type Row } from './measure.ts'
import { plainPlans } from './plain.ts'
import { benchAdapters } from './stage.ts'
import { type PlainPlan, updates } from './updates.ts'

const EACH = 5_000

const Update = z.strictObject({
  description: z.string().min(1),
  progress: z.number().min(0).max(100).optional(),
  tags: z.array(z.string()),
})

type Fields = { [key: string]: unknown }

/** Planning one update for all adapters, and serialising it, against plain functions that build the same objects. */
export const planning = async (): Promise<readonly Row[]> => {
  const adapters = benchAdapters()
  const all = updates()
  const rows: Row[] = []
  for (const count of [...new Set([2, adapters.length])]) {
    const some = adapters.slice(0, count)
    const plain = some.map(adapter => plainPlans(adapter))
    verify(some, plain, all)
    // Each event has a session of its own, as it has in a tracker: what is remembered of one must not count for the next.
    const freshOf = (n: number): (typeof all)[number] => {
      const { event, session } = all[n % all.length] as (typeof all)[number]
      return { event, session: { ...session } }
    }
    const ours = (): Promise<number> =>
      measureMs(() => {
        for (let n = 0; n < EACH; n++) {
          const { event, session } = freshOf(n)
          for (const adapter of some) JSON.stringify(plan(adapter, event, session))
        }
      })
    const floor = (): Promise<number> =>
      measureMs(() => {
        for (let n = 0; n < EACH; n++) {
          const { event, session } = freshOf(n)
          Update.parse(event.payload)
          for (const build of plain) JSON.stringify(build(event, session))
        }
      })
    const result = await compare(9, ours, floor)
    rows.push({
      ...result,
      what: `planning one update for ${count} adapters and serialising it, 5,000 times`,
      unit: 'ms',
      bound: 'ratio ≥ 0.67',
      holds: result.ratio >= 1 / 1.5,
    })
  }
  return rows
}

/** The floor is only one if it builds the same. */
const verify = (
  adapters: readonly AnyAdapter[],
  plain: readonly PlainPlan[],
  all: ReturnType<typeof updates>,
): void => {
  for (const { event, session } of all)
    for (const [n, adapter] of adapters.entries()) {
      const [ours, theirs] = [plan(adapter, event, session), plain[n]?.(event, session)].map(stringifySorted)
      if (ours !== theirs)
        throw new Error(`the floor of ${adapter.name} builds something else:\n${ours}\n${theirs}`)
    }
}

const stringifySorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner as Fields).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
