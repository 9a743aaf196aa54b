import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { FAULTS } from '../matrix/failures.ts'
import { PAGE, type Result, runMatrix, tables, withTables } from '../matrix/matrix.ts'
import { TARGETS } from '../targets.ts'

/** In a sample every failure meets a service, and every service a tenth of the failures. */
const isWanted = (fault: number, target: number): boolean =>
  RUNS_ALL || (fault + target) % TARGETS.length === 0

let results: readonly Result[] = []
beforeAll(async () => {
  results = await runMatrix(TARGETS, FAULTS, isWanted)
})

describe.each(TARGETS.map((target, place) => ({ ...target, place })))('$name', ({ name, place }) => {
  test.each(FAULTS.filter((_, n) => isWanted(n, place)))('$name: once, and no secret told', fault => {
    const found = results.find(each => each.target.name === name && each.fault === fault)
    expect(found?.cell.problems).toEqual([])
  })
})

// The tables need every pair.
test.runIf(RUNS_ALL)('the tables of the documentation are those of this run', async () => {
  const page = await readFile(PAGE, 'utf8')
  expect(withTables(page, tables(results)), 'stale: pnpm faults writes them anew').toBe(page)
})
