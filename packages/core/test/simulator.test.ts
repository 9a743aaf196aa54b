import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { RULES, type Rule, simulate } from '../src/testing/simulator.ts'
import { simulateMachines } from '../src/testing/simulator-machines.ts'
import { MACHINE_RULES, type MachineRule } from '../src/testing/simulator-network.ts'

const from = Number(process.env.SIMULATOR_FROM ?? 1)
const seeds = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 2_000 : 60))

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

/** Twelve machines show each rule, in a quarter of the time of fifty. */
const FEWER = 12
const KNOWN_OF_FEWER: Partial<Readonly<Record<MachineRule, number>>> = {
  'a silent machine keeps what may have left': 20,
  'a call is begun only within its lease': 15,
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
    180_000,
  )

  it('runs the same seed twice alike', async () => {
    for (const seed of [3, 59, 115]) expect(await simulate(seed)).toEqual(await simulate(seed))
  })
})

describe('fifty machines on one store', () => {
  const runs = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 60 : 1))

  it(`deliver each event once and in order, within the limits of each service, in ${runs} seeds`, async () => {
    for (let seed = from; seed < from + runs; seed++)
      expect(await simulateMachines(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)

  it.each(MACHINE_RULES)(
    'need the rule: %s',
    async rule => {
      let found: readonly string[] = []
      const [first, machines] = RUNS_ALL ? [1, undefined] : [KNOWN_OF_FEWER[rule] ?? 1, FEWER]
      for (let seed = first; seed <= 60 && found.length === 0; seed++)
        found = (await simulateMachines(seed, rule, machines)).faults
      expect(found).not.toEqual([])
    },
    600_000,
  )
})
