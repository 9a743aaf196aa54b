import { expect, test } from 'vitest'
import { type Around, attempt } from '../src/delivery/attempt.ts'
import { createDoubts } from '../src/delivery/doubts.ts'
import { createReadCache } from '../src/delivery/look.ts'
import { type Claim, POLICY, type Settlement } from '../src/delivery/model.ts'
import type { Descriptor } from '../src/descriptor/descriptor.ts'

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

test('a doubt is as old as the clock that is never set says', () => {
  let elapsed = 500
  const doubts = createDoubts(() => elapsed)
  expect(doubts.ageMs('k')).toBeUndefined()
  // It can last have been alive two seconds from now.
  doubts.settled(settlement(12_000), 10_000)
  expect(doubts.ageMs('k')).toBe(-2_000)
  elapsed += 5_000
  // Settled again and still in the same doubt, whatever the store's clock shows meanwhile.
  doubts.settled(settlement(12_000), 99_000_000)
  expect(doubts.ageMs('k')).toBe(3_000)
  doubts.settled(settlement(20_000), 20_000)
  expect(doubts.ageMs('k')).toBe(0)
  doubts.settled(settlement(null), 20_000)
  expect(doubts.ageMs('k')).toBeUndefined()
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

/** In doubt since 1,000, looked for from `askedAt` until `answeredAt`, and not found. */
const looked = (askedAt: number, answeredAt: number, ageMs?: number) => {
  let now = askedAt
  const around = {
    adapter: {} as Around['adapter'],
    policy: POLICY,
    cache: createReadCache(() => 0),
    unset: async () => [],
    begin: async () => false,
    now: () => now,
    monotonic: () => 0,
    doubtAgeMs: () => ageMs,
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
  expect(await looked(60_000, 90_000)).toEqual({ kind: 'too-early', believeAt: 61_000 })
  expect(await looked(61_000, 61_000)).toEqual({ kind: 'lost' })
})

test('a clock that was set forward or back makes nothing found neither earlier nor later', async () => {
  const forward = 3_600_000
  // Times in the store are whole.
  expect(await looked(forward, forward, 20_000.5)).toEqual({ kind: 'too-early', believeAt: forward + 40_000 })
  expect(await looked(forward, forward, 60_000)).toEqual({ kind: 'lost' })
  expect(await looked(500, 500, 60_000)).toEqual({ kind: 'lost' })
})
