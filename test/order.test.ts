import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LONG, WAITING } from './order.ts'

test('every file that is said to wait, or to take long, is there, and once', () => {
  const root = fileURLToPath(new URL('../', import.meta.url))
  const listed = [...WAITING, ...LONG]
  expect(listed.filter(path => !existsSync(`${root}${path}`))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})
