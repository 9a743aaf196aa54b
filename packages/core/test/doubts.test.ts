import { expect, test } from 'vitest'
import { type Around, attempt } from '../src/delivery/attempt.ts'
import { createDoubts } from '../src/delivery/doubts.ts'
import { createReadCache } from '../src/delivery/look.ts'
import { type Claim, POLICY, type Settlement } from '../src/delivery/model.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'

const ALIVE_MS = 30_000
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

const settlement = (doubtSince: number | null): Settlement => ({
  key: 'k',
  token: 't',
  state: 'waiting',
  attempts: 1,
  dueAt: 0,
  doubtSince,
  reason: null,
  misses: 0,
  rejected: null,
})

/** Doubts, a clock that is never set, and one that may be. */
const world = () => {
  let steady = 500.25
  let wall = 1_000_000_000
  return {
    doubts: createDoubts(() => steady, ALIVE_MS),
    now: () => wall,
    pass: (ms: number) => {
      steady += ms
      wall += ms
    },
    set: (byMs: number) => {
      wall += byMs
    },
  }
}

test('a doubt is as old as the clock that is never set says, and is kept in the clock as it stands', () => {
  const { doubts, now, pass, set } = world()
  const began = now() + 2_000
  expect(doubts.adjust(settlement(began), now())).toEqual(settlement(began))
  expect(doubts.ageMs('k', began, now())).toBe(-2_000)
  pass(5_000)
  expect(doubts.ageMs('k', began, now())).toBe(3_000)
  set(HOUR)
  expect(doubts.ageMs('k', began, now())).toBe(3_000)
  expect(doubts.adjust(settlement(began), now())).toEqual(settlement(began + HOUR))
  expect(doubts.ageMs('k', began + HOUR, now())).toBe(3_000)
  set(-YEAR)
  pass(1_000)
  expect(doubts.adjust(settlement(began + HOUR), now())).toEqual(settlement(began + HOUR - YEAR))
  expect(doubts.ageMs('k', began + HOUR - YEAR, now())).toBe(4_000)
})

test('clocks that run a little apart were not set', () => {
  const { doubts, now, pass, set } = world()
  const began = now()
  doubts.adjust(settlement(began), began)
  pass(60_000)
  set(999)
  expect(doubts.adjust(settlement(began), now())).toEqual(settlement(began))
})

test('a doubt that began in another process is as old as the clock says at first, and never set again', () => {
  const { doubts, now, set, pass } = world()
  const began = now() - 20_000
  expect(doubts.ageMs('k', began, now())).toBe(20_000)
  set(HOUR)
  pass(1_000)
  expect(doubts.ageMs('k', began, now())).toBe(21_000)
})

test('one that begins in a future no attempt can reach begins as late as one can', () => {
  const { doubts, now, pass } = world()
  const began = now() + YEAR
  expect(doubts.ageMs('k', began, now())).toBe(-ALIVE_MS)
  pass(40_000)
  expect(doubts.ageMs('k', began, now())).toBe(10_000)
  expect(doubts.adjust(settlement(began), now())).toEqual(settlement(now() - 10_000))
})

test('another doubt of the same delivery begins anew, and one that is over is forgotten', () => {
  const { doubts, now, pass } = world()
  const first = now()
  doubts.adjust(settlement(first), first)
  pass(50_000)
  doubts.adjust(settlement(now()), now())
  expect(doubts.ageMs('k', now(), now())).toBe(0)
  expect(doubts.adjust(settlement(null), now())).toEqual(settlement(null))
  expect(doubts.ageMs('k', first, first + 7_000)).toBe(7_000)
})

test('the oldest of very many are as old as the clock says', () => {
  const { doubts, now, set, pass } = world()
  const began = now()
  for (let n = 0; n <= 10_000; n++) doubts.ageMs(`k${n}`, began, began)
  pass(1_000)
  set(HOUR)
  expect(doubts.ageMs('k10000', began, now())).toBe(1_000)
  expect(doubts.ageMs('k0', began, now())).toBe(HOUR + 1_000)
})

const list = { kind: 'http', method: 'GET', endpoint: 'https://example.com/notes' } as const
const descriptor: Descriptor = {
  key: 'k',
  action: 'note',
  kind: 'http',
  method: 'POST',
  endpoint: 'https://example.com/notes',
  payload: { mark: 'k' },
  captures: { id: '/id' },
  repeat: {
    by: 'mark',
    call: list,
    list: '/notes',
    where: { pointer: '/mark', equals: 'k' },
    captures: { id: '/id' },
    afterMs: 60_000,
  },
}

/** Looked for from `askedAt` until `answeredAt`, so long after its doubt began, and not found. */
const looked = (askedAt: number, answeredAt: number, ageMs: number) => {
  let now = askedAt
  const around = {
    adapter: {} as Around['adapter'],
    policy: POLICY,
    cache: createReadCache(() => 0),
    unset: async () => [],
    begin: async () => false,
    now: () => now,
    monotonic: () => 0,
    // The age is that of the moment it is asked for.
    doubtAgeMs: (_, __, at) => ageMs + at - askedAt,
    send: async () => {
      now = answeredAt
      return {
        reply: { kind: 'answer', status: 200, headers: {}, body: { notes: [] } },
        outcome: { kind: 'delivered' },
      }
    },
  } satisfies Around
  const delivery = { key: 'k', descriptor, doubtSince: 1_000, firstAt: 0 } as Claim['delivery']
  return attempt({ delivery, refs: {}, pausedMs: 0 }, around)
}

test('nothing found is believed by when it was asked, not by when the answer came', async () => {
  expect(await looked(60_000, 90_000, 59_000)).toEqual({ kind: 'too-early', believeAt: 61_000 })
  expect(await looked(61_000, 61_000, 60_000)).toEqual({ kind: 'lost' })
})

test('what the clock shows makes nothing believed: only the age does, and what is waited for is whole', async () => {
  expect(await looked(HOUR, HOUR, 20_000.5)).toEqual({ kind: 'too-early', believeAt: HOUR + 40_000 })
  expect(await looked(500, 500, 60_000)).toEqual({ kind: 'lost' })
})
