import { describe, test } from 'vitest'
import { createSharedMemory } from '../src/store/memory.ts'
import { storeSuite } from '../src/testing/store-suite.ts'

describe('memoryStore', () => {
  test.for(storeSuite(now => createSharedMemory({ now })))('$name', check => check.run())
})
