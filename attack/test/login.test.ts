import { beforeAll, expect, test } from 'vitest'
import { FAULTS } from '../matrix/failures.ts'
import { type Result, runMatrix } from '../matrix/matrix.ts'
import { targetOf } from '../targets.ts'

let results: readonly Result[] = []
beforeAll(async () => {
  results = await runMatrix([targetOf('taiga-login')])
}, 120_000)

// Its tokens are known to its transport alone; whatever repeats them is searched for them.
test.each(FAULTS)('Taiga with user and password, $name: once, and no token told', fault => {
  const found = results.find(each => each.fault === fault)
  expect(found?.cell.problems).toEqual([])
})
