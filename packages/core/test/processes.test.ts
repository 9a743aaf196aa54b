import { describe, expect, it } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { simulateProcesses } from '../src/testing/simulator-processes.ts'

const from = Number(process.env.PROCESSES_FROM ?? 1)
const seeds = Number(process.env.PROCESSES_SEEDS ?? (RUNS_ALL ? 40 : 6))

describe('two processes on one store', () => {
  it(`lose, double and delay nothing in ${seeds} seeds of dying and standing still`, async () => {
    for (let seed = from; seed < from + seeds; seed++)
      expect(await simulateProcesses(seed)).toEqual({ seed, faults: [] })
  }, 3_600_000)
})
