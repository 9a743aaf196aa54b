import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { FAULTS } from '../matrix/failures.ts'
import { PAGE, type Result, runMatrix, tables, withTables } from '../matrix/matrix.ts'
import { TARGETS } from '../targets.ts'

let results: readonly Result[] = []
beforeAll(async () => {
  results = await runMatrix()
}, 120_000)

describe.each(TARGETS)('$name', ({ name }) => {
  test.each(FAULTS)('$name: once, and no secret told', fault => {
    const found = results.find(each => each.target.name === name && each.fault === fault)
    expect(found?.cell.problems).toEqual([])
  })
})

test('the tables of the documentation are those of this run', async () => {
  const page = await readFile(PAGE, 'utf8')
  expect(withTables(page, tables(results)), 'stale: pnpm faults writes them anew').toBe(page)
})
