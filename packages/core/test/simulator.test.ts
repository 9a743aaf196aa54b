import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { RULES, type Rule, simulate } from '../src/testing/simulator.ts'

const from = Number(process.env.SIMULATOR_FROM ?? 1)
const seeds = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 2_000 : 100))

/** Seeds that show rules which few seeds need; `npm run test:all` searches for each rule from the first seed on. */
const KNOWN: Partial<Readonly<Record<Rule, number>>> = {
  'no request outlives its lease': 389,
  'a lease counts from before its claim': 968,
  'what may be applied late keeps its place': 1253,
  'a rejection after doubt is looked up': 180,
  'one window counts for all workers': 111,
  'an overtaken card is not retried': 70,
  'a handoff is left to the hand': 66,
  'reads before a call are repeated': 62,
  'a safe call is repeated after a wait': 56,
}

describe('the lane simulator', () => {
  it(`finds no double, loss, stale card or stuck lane in ${seeds} seeds`, async () => {
    for (let seed = from; seed < from + seeds; seed++)
      expect(await simulate(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)

  it.each(RULES)(
    'needs the rule: %s',
    async rule => {
      const found = async (): Promise<number | undefined> => {
        const isSeen = async (seed: number): Promise<boolean> =>
          (await simulate(seed, rule)).faults.length > 0
        const known = RUNS_ALL ? undefined : KNOWN[rule]
        if (known !== undefined && (await isSeen(known))) return known
        for (let seed = 1; seed <= 2_000; seed++) if (await isSeen(seed)) return seed
        return undefined
      }
      expect(await found()).toBeTypeOf('number')
    },
    60_000,
  )

  it('runs the same seed twice alike', async () => {
    for (const seed of [3, 59, 115]) expect(await simulate(seed)).toEqual(await simulate(seed))
  })
})
