import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { RUNS_ALL } from '../../test/sample.ts'
import { PARTS, type Part } from '../matrix/cell.ts'
import { FAULTS, type Fault } from '../matrix/failures.ts'
import { PAGE, type Result, runMatrix, tables, withTables } from '../matrix/matrix.ts'
import type { Target } from '../targets/target.ts'
import { TARGETS } from '../targets.ts'

/** In a sample every failure meets a service, and every service a tenth of the failures; each is asked once with our credential in its answers. */
const isWanted = (fault: number, target: number): boolean =>
  RUNS_ALL || (fault + target) % TARGETS.length === 0

/** In a sample a failure happens in one request of a story, if the service has all of them. */
const partsOf = (fault: Fault, { blind }: Target): readonly Part[] =>
  RUNS_ALL || blind === true ? PARTS : PARTS.filter((_, n) => n === FAULTS.indexOf(fault) % PARTS.length)

let results: readonly Result[] = []
beforeAll(async () => {
  results = await runMatrix(TARGETS, FAULTS, isWanted, partsOf, !RUNS_ALL)
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
