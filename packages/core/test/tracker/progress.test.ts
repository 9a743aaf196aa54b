import { expect, test } from 'vitest'
import type { Count } from '../../src/store/contract.ts'
import type { DrainProgress } from '../../src/tracker/call-options.ts'
import { drainWithProgress } from '../../src/tracker/progress.ts'
import { createTracker } from '../../src/tracker.ts'
import type { Transport } from '../../src/transport/contract.ts'
import { tool } from '../recorder/tool.ts'

/** A store that counts what it is told, timers that wait to be rung, and a stopwatch that counting takes `tookMs` of. */
const stage = (tookMs = 1) => {
  let states: Count['states'] = { waiting: 3 }
  let asked = 0
  let time = 0
  const waits: { ms: number; call: () => void }[] = []
  const errors: string[] = []
  const heard: DrainProgress[] = []
  const parts = {
    store: {
      counts: async () => {
        asked++
        time += tookMs
        const rest = { inDoubt: 0, gone: 0, lanes: 1, unmirrored: 0, foreign: 0 }
        return [
          { adapter: 'tool', states, ...rest },
          { adapter: 'two', states: { delivered: 2, dropped: 1 }, ...rest },
          { adapter: 'of another tracker', states: { waiting: 7, planned: 24 }, ...rest },
        ]
      },
    },
    adapters: new Set(['tool', 'two']),
    timers: {
      after: (ms: number, call: () => void) => {
        const wait = { ms, call }
        waits.push(wait)
        return () => void waits.splice(waits.indexOf(wait), 1)
      },
    },
    report: (thrown: unknown) => void errors.push((thrown as Error).message),
    stopwatch: () => time,
  }
  const become = (now: Count['states']) => {
    states = now
  }
  const ring = async () => {
    waits.shift()?.call()
    for (let n = 0; n < 10; n++) await undefined
  }
  return {
    parts,
    ring,
    waits,
    errors,
    heard,
    asked: () => asked,
    become,
  }
}

const done = { done: true, left: {} }

test('a drain is told of when it begins, while something changes, and when it ends', async () => {
  const { parts, ring, waits, heard, asked, become } = stage()
  const result = await drainWithProgress(
    parts,
    progress => heard.push(progress),
    async () => {
      await ring()
      become({ waiting: 1, begun: 1, delivered: 1, replaced: 0 })
      await ring()
      become({ dead: 1, planned: 2, delivered: 2, replaced: 1 })
      return done
    },
  )
  expect(result).toBe(done)
  expect(heard).toEqual([
    { done: false, left: { waiting: 3 }, delivered: 0, open: 3 },
    { done: false, left: { waiting: 1, begun: 1 }, delivered: 1, open: 2 },
    { done: false, left: { dead: 1, planned: 2 }, delivered: 2, open: 0 },
  ])
  expect([asked(), waits]).toEqual([4, []])
})

test('the end is told although nothing changed', async () => {
  const { parts, heard } = stage()
  await drainWithProgress(
    parts,
    progress => heard.push(progress),
    async () => done,
  )
  expect(heard).toEqual([
    { done: false, left: { waiting: 3 }, delivered: 0, open: 3 },
    { done: false, left: { waiting: 3 }, delivered: 0, open: 3 },
  ])
})

test.for([
  [1, 500],
  [25, 500],
  [40, 800],
] as const)('where counting takes %i ms, it is counted again after %i', async ([tookMs, expected]) => {
  const { parts, waits } = stage(tookMs)
  const seen: number[] = []
  await drainWithProgress(
    parts,
    () => undefined,
    async () => {
      seen.push(...waits.map(({ ms }) => ms))
      return done
    },
  )
  expect(seen).toEqual([expected])
})

test('what the listener throws is reported and ends nothing', async () => {
  const { parts, errors } = stage()
  const rejecting = () => Promise.reject(new Error('no terminal'))
  expect(await drainWithProgress(parts, rejecting, async () => done)).toBe(done)
  expect(errors).toEqual(['no terminal', 'no terminal'])
})

test('a drain that fails tells nothing more', async () => {
  const { parts, waits, heard } = stage()
  const failing = drainWithProgress(
    parts,
    progress => heard.push(progress),
    async () => {
      throw new Error('the disk is full')
    },
  )
  await expect(failing).rejects.toThrow('the disk is full')
  expect([heard.length, waits]).toEqual([1, []])
})

test('a tracker tells how far its drain is', async () => {
  let made = 0
  const transport: Transport = {
    send: async () => ({ kind: 'answer', status: 200, headers: {}, body: { id: `C${++made}` } }),
  }
  const tracker = await createTracker({
    project: 'p',
    user: 'u',
    adapters: [tool()],
    transports: { tool: transport },
    deliver: false,
  })
  for (const goal of ['One', 'Two']) await tracker.start({ goal })
  const heard: DrainProgress[] = []
  await tracker.drain({ onProgress: progress => heard.push(progress) })
  await tracker.close()
  expect([heard[0], heard.at(-1)]).toEqual([
    { done: false, left: { waiting: 2 }, delivered: 0, open: 2 },
    { done: true, left: {}, delivered: 2, open: 0 },
  ])
})
