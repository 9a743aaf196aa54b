import { describe, test } from 'vitest'
import { sharedMemory } from '../src/store/memory.ts'
import { storeSuite } from '../src/testing/store-suite.ts'

describe('memoryStore', () => {
  test.for(storeSuite(now => sharedMemory({ now })))('$name', check => check.run())
})
