import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { simulateProcesses } from '../src/testing/simulator-processes.ts'
import { SECRET_RULES, simulateSecrets } from '../src/testing/simulator-secrets.ts'

const from = Number(process.env.PROCESSES_FROM ?? 1)
const seeds = Number(process.env.PROCESSES_SEEDS ?? (RUNS_ALL ? 40 : 2))

describe('two processes on one store', () => {
  it(`lose, double and delay nothing in ${seeds} seeds of dying and standing still`, async () => {
    for (let seed = from; seed < from + seeds; seed++)
      expect(await simulateProcesses(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)
})

describe('workers with the right secret, a wrong one, and none', () => {
  const count = RUNS_ALL ? 2_000 : 8
  it(`deliver everything in ${count} seeds`, async () => {
    for (let seed = 1; seed <= count; seed++)
      expect(await simulateSecrets(seed)).toEqual({ seed, faults: [] })
  }, 600_000)

  it.each(SECRET_RULES)('need the rule: %s', async rule => {
    let found = 0
    const among = RUNS_ALL ? 40 : 12
    // A claim of a worker without the secret costs nothing but the claim, so not every seed shows it.
    for (let seed = 1; seed <= among; seed++)
      if ((await simulateSecrets(seed, rule)).faults.length > 0) found++
    expect(found).toBeGreaterThan(among / 4)
  })

  it('runs the same seed twice alike', async () => {
    for (const seed of [1, 7]) expect(await simulateSecrets(seed)).toEqual(await simulateSecrets(seed))
  })
})
