import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { RULES, simulate } from '../src/testing/simulator.ts'

const from = Number(process.env.SIMULATOR_FROM ?? 1)
const seeds = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 2_000 : 300))

describe('the lane simulator', () => {
  it(`finds no double, loss, stale card or stuck lane in ${seeds} seeds`, async () => {
    for (let seed = from; seed < from + seeds; seed++)
      expect(await simulate(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)

  it.each(RULES)(
    'needs the rule: %s',
    async rule => {
      const found = async (): Promise<number | undefined> => {
        for (let seed = 1; seed <= 2_000; seed++)
          if ((await simulate(seed, rule)).faults.length > 0) return seed
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
