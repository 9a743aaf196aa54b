import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { RULES, type Rule, simulate } from '../src/testing/simulator.ts'
import { simulateMachines } from '../src/testing/simulator-machines.ts'
import { MACHINE_RULES, type MachineRule } from '../src/testing/simulator-network.ts'

const from = Number(process.env.SIMULATOR_FROM ?? 1)
const seeds = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 2_000 : 10))

/** Seeds that show rules which the first ones need not show; `npm run test:all` searches for each rule from the first seed on. */
const KNOWN: Partial<Readonly<Record<Rule, number>>> = {
  'begin is durable before the first byte': 7,
  'not found is confirmed late': 21,
  'no request outlives its lease': 389,
  'a lease counts from before its claim': 968,
  'a safe call is repeated after a wait': 56,
  'a state overtakes nothing': 9,
  'a dead entry holds nothing': 22,
  'what waits for a dead one goes back with it': 22,
  'a missing card is asked for': 10,
  'what may be applied late keeps its place': 1253,
  'a rejection after doubt is looked up': 180,
  'what others need stops the lane': 16,
  'an overtaken card is not retried': 70,
  'an adapter waits for no other': 14,
  'one window counts for all workers': 111,
  'edits of a card keep their distance': 26,
  'reads before a call are repeated': 62,
  'a preview waits for its release': 16,
  'a preview replaces previews only': 4,
  'a handoff is left to the hand': 66,
  'what was taken by hand has no lease': 6,
}

/** Twelve machines meet each other as fifty do, in an eighth of the time. */
const FEWER = 12
/** A seed and a number of machines that show a rule in a fifth of a second. */
const KNOWN_OF_MACHINES: Readonly<Record<MachineRule, readonly [seed: number, machines: number]>> = {
  'a commit that is sent again finds itself': [1, 8],
  'a settlement that is sent again finds itself written': [5, 8],
  'a silent machine keeps what may have left': [40, 8],
  'a call is begun only within its lease': [5, 8],
  'leases end by the clock of the server': [2, 8],
  'a call counts until a window after its end': [2, FEWER],
}

describe('the lane simulator', () => {
  it(`finds no double, loss, stale card or stuck lane in ${seeds} seeds`, async () => {
    for (let seed = from; seed < from + seeds; seed++)
      expect(await simulate(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)

  it.each(RULES)('needs the rule: %s', async rule => {
    const found = async (): Promise<number | undefined> => {
      const isSeen = async (seed: number): Promise<boolean> => (await simulate(seed, rule)).faults.length > 0
      const known = RUNS_ALL ? undefined : KNOWN[rule]
      if (known !== undefined && (await isSeen(known))) return known
      for (let seed = 1; seed <= 2_000; seed++) if (await isSeen(seed)) return seed
      return undefined
    }
    expect(await found()).toBeTypeOf('number')
  })

  it('runs the same seed twice alike', async () => {
    for (const seed of [3, 59, 115]) expect(await simulate(seed)).toEqual(await simulate(seed))
  })
})

describe('many machines on one store', () => {
  const runs = Number(process.env.SIMULATOR_SEEDS ?? (RUNS_ALL ? 60 : 1))
  const count = RUNS_ALL ? 50 : FEWER

  it(`deliver each event once and in order, within the limits of each service, in ${runs} seeds`, async () => {
    for (let seed = from; seed < from + runs; seed++)
      expect(await simulateMachines(seed, undefined, count)).toEqual({ seed, faults: [] })
  }, 3_600_000)

  it.each(MACHINE_RULES)(
    'need the rule: %s',
    async rule => {
      let found: readonly string[] = []
      const [first, machines] = RUNS_ALL ? [1, undefined] : KNOWN_OF_MACHINES[rule]
      for (let seed = first; seed <= 60 && found.length === 0; seed++)
        found = (await simulateMachines(seed, rule, machines)).faults
      expect(found).not.toEqual([])
    },
    600_000,
  )
})
