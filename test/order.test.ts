import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { WAITING } from './order.ts'

test('every file that is said to wait is there', () => {
  const root = fileURLToPath(new URL('../', import.meta.url))
  expect(WAITING.filter(path => !existsSync(`${root}${path}`))).toEqual([])
})
