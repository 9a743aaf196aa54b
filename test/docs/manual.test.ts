import { expect, test } from 'vitest'
import { isManualFresh } from '../../scripts/docs/manual.ts'

test('the manual of the commands says what the program says: write it with pnpm docs:manual', () => {
  expect(isManualFresh()).toBe(true)
})
