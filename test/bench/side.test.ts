import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startSide } from '../../bench/side.ts'
import type { countCalls, endProcess, fail, startAnother } from './work.ts'

const work = new URL('./work.ts', import.meta.url)

test('a side is one process, which is called once a round', async () => {
  const side = startSide<typeof countCalls>(work, 'countCalls', [3n])
  const { pid, ...first } = await side.round()
  const second = await side.round()
  await side.close()

  expect(first).toEqual({ calls: 1, given: [3n] })
  expect(second).toEqual({ pid, calls: 2, given: [3n] })
  expect(pid).not.toBe(process.pid)
})

test('an error is there with its cause, its fields and where it was thrown, and another round may follow', async () => {
  const side = startSide<typeof fail>(work, 'fail')
  const thrown = await side.round().catch((error: Error) => error)
  const again = await side.round().catch((error: Error) => error)
  await side.close()

  for (const part of ['Error: not drained', 'RangeError: one is left', "first: 'a/1'", 'test/bench/work.ts:'])
    expect(String(thrown)).toContain(part)
  expect(again).toEqual(thrown)
})

test('a module that is not there is an error of the round', async () => {
  const side = startSide<typeof fail>(new URL('./missing.ts', import.meta.url), 'fail')
  const thrown = await side.round().catch((error: Error) => error)
  await side.close()

  expect(String(thrown)).toContain('ERR_MODULE_NOT_FOUND')
})

test('a process that ends in a round is named, with its exit code, by that round and each after it', async () => {
  const side = startSide<typeof endProcess>(work, 'endProcess', 7)
  const thrown = await side.round().catch((error: Error) => error)
  const again = await side.round().catch((error: Error) => error)
  await side.close()

  expect(thrown).toEqual(new Error('the process of endProcess ended with exit code 7'))
  expect(again).toEqual(thrown)
})

test('a side ends by itself when the process that started it has gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sessionwire-side-'))
  const path = join(folder, 'ended')
  const side = startSide<typeof startAnother>(work, 'startAnother', path)
  await side.round()
  expect(existsSync(path)).toBe(false)
  await side.close()

  await expect.poll(() => existsSync(path)).toBe(true)
  rmSync(folder, { recursive: true })
})
