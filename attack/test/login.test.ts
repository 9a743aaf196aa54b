import { beforeAll, expect, test } from 'vitest'
import { sample } from '../../test/sample.ts'
import { FAULTS } from '../matrix/failures.ts'
import { type Result, runMatrix } from '../matrix/matrix.ts'
import { targetOf } from '../targets.ts'

const faults = sample(FAULTS, 15)
let results: readonly Result[] = []
beforeAll(async () => {
  results = await runMatrix([targetOf('taiga-login')], faults)
})

// Its tokens are known to its transport alone; whatever repeats them is searched for them.
test.each(faults)('Taiga with user and password, $name: once, and no token told', fault => {
  const found = results.find(each => each.fault === fault)
  expect(found?.cell.problems).toEqual([])
})
