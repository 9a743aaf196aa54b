import { expect, test } from 'vitest'
import { TrackerError } from '../../src/session/errors.ts'
import { startUp } from '../../src/tracker/start-up.ts'

/** Timers that are rung by hand. */
const makeTimers = () => {
  const waits: number[] = []
  let call: (() => void) | undefined
  return {
    waits,
    ring: async () => {
      const due = call
      call = undefined
      due?.()
      await new Promise(resolve => setImmediate(resolve))
    },
    after: (ms: number, given: () => void) => {
      waits.push(ms)
      call = given
      return () => {
        call = undefined
      }
    },
  }
}

test('a start is tried again later, at growing intervals, and reported once', async () => {
  const timers = makeTimers()
  const errors: string[] = []
  let left = 8
  let done = 0
  const end = await startUp({
    act: async () => {
      if (left-- > 0) throw new Error('busy')
      done++
    },
    ...{ onError: 'report', timers, report: error => errors.push(error.code) },
  })
  for (let turn = 0; turn < 10; turn++) await timers.ring()
  expect(timers.waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect([errors, done]).toEqual([['STORE'], 1])
  end()
})

test('no start is tried after the end, and a file that is damaged always throws', async () => {
  const timers = makeTimers()
  let tries = 0
  const act = async () => {
    tries++
    throw new Error('busy')
  }
  const end = await startUp({ act, onError: 'report', timers, report: () => undefined })
  end()
  await timers.ring()
  expect(tries).toBe(1)
  const damaged = async () => {
    throw new TrackerError('STORE_CORRUPT', 'damaged')
  }
  const starting = startUp({ act: damaged, onError: 'report', timers, report: () => undefined })
  await expect(starting).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
})
