import { describe, test } from 'vitest'
import { RUNS_ALL } from '../../../test/sample.ts'
import { createSharedMemory } from '../src/store/memory.ts'
import { storeSuite } from '../src/testing/store-suite.ts'

describe('memoryStore', () => {
  test.for(storeSuite(now => createSharedMemory({ now }), RUNS_ALL ? {} : { runs: 1 }))('$name', check =>
    check.run(),
  )
})
