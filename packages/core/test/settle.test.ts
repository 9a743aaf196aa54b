import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, type Delivery, LONGEST_WAIT_MS, POLICY, type Settlement } from '../src/delivery/model.ts'
import { backoff, confirmAfterMs, type Ending, expire, settle } from '../src/delivery/settle.ts'
import type { Outcome } from '../src/descriptor/outcome.ts'
import { card, create, delivery, descriptor, marked, NOW } from './made-lanes.ts'

const half = (): number => 0.5

const claim = (given: Delivery, more: Partial<Delivery> = {}): Claim => ({
  delivery: {
    ...given,
    state: 'begun',
    attempts: 1,
    firstAt: NOW,
    clockAt: NOW,
    token: 't',
    leaseUntil: NOW + 90_000,
    ...more,
  } as Claim['delivery'],
  refs: {},
  pausedMs: 0,
})

const answered = (outcome: Outcome, captures = {}): Ending => ({
  kind: 'answered',
  outcome,
  captures,
  aliveUntil: NOW + 30_000,
})

const settled = (more: Partial<Settlement>): Settlement => ({
  key: '1',
  token: 't',
  state: 'waiting',
  attempts: 1,
  dueAt: NOW,
  doubtSince: null,
  reason: null,
  misses: 0,
  rejected: null,
  ...more,
})

const of = (given: Delivery, ending: Ending, more: Partial<Delivery> = {}) =>
  settle(claim(given, more), ending, POLICY, NOW, half)
const unsafe = delivery(create('1'), 0)
const safe = delivery(card('1'), 0)
const read = delivery(descriptor('1', { method: 'GET', repeat: 'safe' }), 0)
const byMark = delivery(marked('1'), 0)

describe('settle, after an answer', () => {
  it('is delivered, with its captures', () => {
    expect(of(unsafe, answered({ kind: 'delivered' }, { thread: 'x' }))).toEqual(
      settled({ state: 'delivered', captures: { thread: 'x' } }),
    )
  })

  it('is dead when it is rejected, and stops the lane when the card is gone', () => {
    expect(of(unsafe, answered({ kind: 'rejected', reason: 'no' }))).toEqual(
      settled({ state: 'dead', reason: 'no' }),
    )
    expect(of(safe, answered({ kind: 'rejected', reason: 'deleted', gone: true }))).toEqual(
      settled({ state: 'dead', reason: 'deleted', gone: 'deleted' }),
    )
  })

  it('waits without counting when the credential is denied', () => {
    expect(of(unsafe, answered({ kind: 'denied', reason: '401' }))).toEqual(
      settled({ attempts: 0, reason: '401' }),
    )
  })

  it('waits by the backoff, or for as long as the service asked', () => {
    expect(of(unsafe, answered({ kind: 'retry', reason: 'refused' }), { attempts: 3 })).toEqual(
      settled({ attempts: 3, reason: 'refused', dueAt: NOW + 2_000 }),
    )
    expect(of(unsafe, answered({ kind: 'retry', reason: '429', waitMs: 7_000 }))).toEqual(
      settled({ reason: '429', dueAt: NOW + 7_000 }),
    )
    expect(of(unsafe, answered({ kind: 'retry', reason: '429', waitMs: 1e15 })).dueAt).toBe(
      NOW + LONGEST_WAIT_MS,
    )
  })

  it.each([
    ['nothing', 0, 1_000],
    ['a date that has passed', -60_000, 1_000],
    ['less than our own backoff', 1_500, 2_000],
    ['more', 7_000, 7_000],
    ['a month', 30 * 24 * 3_600_000, LONGEST_WAIT_MS],
  ])('heeds a service that asks for %s within our own bounds', (_, waitMs, waits) => {
    const attempts = waits === 1_000 ? 1 : 3
    const counted = of(unsafe, answered({ kind: 'retry', reason: '429', waitMs }), { attempts })
    expect(counted.dueAt).toBe(NOW + waits)
    const read = { kind: 'unread', outcome: { kind: 'unknown', reason: '503', waitMs } } as const
    expect(of(byMark, read, { misses: attempts - 1 }).dueAt).toBe(NOW + waits)
  })

  it('waits without counting when its answer says nothing of this call', () => {
    const ending = { ...answered({ kind: 'retry', reason: 'no check' }), uncounted: true } as Ending
    expect(of(unsafe, ending, { misses: 2 })).toEqual(
      settled({ attempts: 0, misses: 3, reason: 'no check', dueAt: NOW + 2_000 }),
    )
  })

  it('is in doubt when nobody knows, from when its attempt can last have been alive', () => {
    const unknown = { kind: 'unknown', reason: '500' } as const
    expect(of(byMark, answered(unknown))).toEqual(
      settled({ reason: '500', exposed: true, doubtSince: NOW + 30_000, dueAt: NOW + 500 }),
    )
    expect(of(unsafe, answered(unknown))).toEqual(
      settled({ state: 'dead', reason: '500', exposed: true, doubtSince: NOW + 30_000 }),
    )
    expect(of(safe, answered(unknown))).toEqual(
      settled({ reason: '500', exposed: true, dueAt: NOW + 30_000 + POLICY.afterMs }),
    )
    expect(of(read, answered(unknown))).toEqual(settled({ reason: '500', exposed: true, dueAt: NOW + 500 }))
    const told = delivery(descriptor('1', { onDoubt: 'repeat' }), 0)
    expect(of(told, answered(unknown)).state).toBe('waiting')
  })

  it('looks up once more before a rejection is believed, when it may have been applied earlier', () => {
    expect(of(byMark, answered({ kind: 'rejected', reason: 'exists' }), { exposed: true })).toEqual(
      settled({ reason: 'exists', rejected: 'exists', doubtSince: NOW }),
    )
    expect(of(byMark, answered({ kind: 'rejected', reason: 'exists' })).state).toBe('dead')
  })

  it('gives up after three days and five attempts, pauses not counted', () => {
    const retry = answered({ kind: 'retry', reason: 'refused' })
    const old = { attempts: 5, clockAt: NOW - POLICY.giveUpAfterMs - 1 }
    expect(of(unsafe, retry, old)).toEqual(
      settled({ state: 'dead', attempts: 5, reason: 'no success after 5 attempts: refused' }),
    )
    expect(of(unsafe, retry, { ...old, attempts: 4 }).state).toBe('waiting')
    expect(settle({ ...claim(unsafe, old), pausedMs: 60_000 }, retry, POLICY, NOW, half).state).toBe(
      'waiting',
    )
    expect(of(byMark, retry, { ...old, exposed: true })).toMatchObject({
      state: 'waiting',
      rejected: 'no success after 5 attempts: refused',
      doubtSince: NOW,
    })
  })
})

describe('settle, without an answer', () => {
  const doubtful = { doubtSince: NOW - 5_000, exposed: true, reason: '500' } as const

  it('is delivered when a look-up finds it', () => {
    expect(of(byMark, { kind: 'found', captures: { id: 'x' } }, doubtful)).toEqual(
      settled({ state: 'delivered', captures: { id: 'x' }, lookedUp: true }),
    )
  })

  it('waits, in doubt and uncounted, until nothing found may be believed', () => {
    const early: Ending = { kind: 'too-early', believeAt: NOW + 55_000 }
    const waiting = { attempts: 0, doubtSince: NOW - 5_000, dueAt: NOW + 55_000 }
    expect(of(byMark, early, doubtful)).toEqual(
      settled({ ...waiting, reason: 'not found yet; looked for again in 55 s, then sent again' }),
    )
    expect(of(byMark, early, { ...doubtful, rejected: '422' })).toEqual(
      settled({
        ...waiting,
        rejected: '422',
        reason: 'not found yet; looked for again in 55 s, then dead',
      }),
    )
  })

  it('waits ever longer, uncounted, while reads fail', () => {
    const unread: Ending = { kind: 'unread', outcome: { kind: 'unknown', reason: 'html' } }
    expect(of(byMark, unread, { ...doubtful, misses: 2 })).toEqual(
      settled({ attempts: 0, misses: 3, doubtSince: NOW - 5_000, reason: 'html', dueAt: NOW + 2_000 }),
    )
    const denied: Ending = { kind: 'unread', outcome: { kind: 'denied', reason: 'no secret' } }
    expect(of(byMark, denied, doubtful)).toEqual(
      settled({ attempts: 0, doubtSince: NOW - 5_000, reason: 'no secret' }),
    )
  })

  it('is dead and in doubt when the look-up is refused for good', () => {
    expect(of(byMark, { kind: 'unreadable', reason: 'no scope' }, doubtful)).toEqual(
      settled({
        state: 'dead',
        attempts: 0,
        doubtSince: NOW - 5_000,
        reason: 'the look-up was refused: no scope',
      }),
    )
  })

  it('is dead without doubt when the rejection is confirmed', () => {
    expect(of(byMark, { kind: 'confirmed' }, { ...doubtful, rejected: 'exists' })).toEqual(
      settled({ state: 'dead', attempts: 0, reason: 'exists' }),
    )
  })

  it.each([
    ['dead', 'needs "thread" of 7; retry that first'],
    ['planned', 'needs "thread" of 7; release that first'],
  ] as const)(
    'is dead, uncounted, and waits for a delivery that is %s and owes a capture',
    (state, reason) => {
      expect(of(unsafe, { kind: 'waits', name: 'thread', owed: { key: '7', state } })).toEqual(
        settled({ state: 'dead', attempts: 0, reason, waitsFor: '7' }),
      )
    },
  )

  it('is dead, its doubt unchanged, when it cannot be sent as it stands', () => {
    expect(of(byMark, { kind: 'unsendable', reason: 'no status' }, doubtful)).toEqual(
      settled({ state: 'dead', attempts: 0, doubtSince: NOW - 5_000, reason: 'no status' }),
    )
  })
})

describe('expire', () => {
  const facts = { afterMs: 60_000, unreportedMax: 3 }
  const held = { token: 't', leaseUntil: NOW + 90_000, owner: 'o', attempts: 1 }

  it('is nothing before the request may have left', () => {
    expect(expire({ ...unsafe, ...held, state: 'claimed' }, NOW + 1, facts)).toEqual(
      delivery(create('1'), 0, { attempts: 1, dueAt: NOW + 1 }),
    )
  })

  it('is doubt after it', () => {
    expect(expire({ ...byMark, ...held, state: 'begun' }, NOW + 1, facts)).toEqual(
      delivery(marked('1'), 0, {
        attempts: 1,
        unreported: 1,
        exposed: true,
        doubtSince: NOW + 1,
        dueAt: NOW + 1,
      }),
    )
    expect(expire({ ...unsafe, ...held, state: 'begun' }, NOW + 1, facts)).toMatchObject({
      state: 'dead',
      doubtSince: NOW + 1,
    })
  })

  it('lets a safe call wait, since it may have left once it was claimed', () => {
    expect(expire({ ...safe, ...held, state: 'claimed' }, NOW + 1, facts)).toEqual(
      delivery(card('1'), 0, { attempts: 1, unreported: 1, exposed: true, dueAt: NOW + 60_001 }),
    )
  })

  it('repeats a read at once, since it changes nothing', () => {
    const expired = expire({ ...read, ...held, state: 'claimed' }, NOW + 1, facts)
    expect(expired).toEqual({ ...read, attempts: 1, unreported: 1, exposed: true, dueAt: NOW + 1 })
  })

  it('is dead and in doubt the third time in a row', () => {
    expect(expire({ ...byMark, ...held, state: 'begun', unreported: 2 }, NOW, facts)).toMatchObject({
      state: 'dead',
      doubtSince: NOW,
      reason: '3 attempts in a row never reported',
    })
  })
})

describe('backoff', () => {
  it('doubles, jitters over the whole, and ends at the longest', () => {
    const bounds = [1, 2, 3, 11, 40].map(failures => backoff(failures, POLICY, () => 1))
    expect(bounds).toEqual([1_000, 2_000, 4_000, 900_000, 900_000])
    expect(backoff(3, POLICY, () => 0)).toBe(0)
  })
})

describe('believedAfterMs', () => {
  it("is the look-up's own, else the policy's", () => {
    expect(confirmAfterMs(delivery(marked('1', { afterMs: 900_000 }), 0), POLICY)).toBe(900_000)
    expect(confirmAfterMs(byMark, POLICY)).toBe(60_000)
    expect(confirmAfterMs(safe, POLICY)).toBe(60_000)
  })
})

describe('whatever happens', () => {
  const outcomes = fc.constantFrom<Outcome>(
    { kind: 'rejected', reason: 'r' },
    { kind: 'denied', reason: 'r' },
    { kind: 'retry', reason: 'r' },
    { kind: 'retry', reason: 'r', waitMs: 5 },
    { kind: 'unknown', reason: 'r' },
  )
  const endings = fc.oneof(
    outcomes.map(outcome => answered(outcome)),
    fc.constantFrom<Ending>(
      { kind: 'too-early', believeAt: NOW + 9 },
      { kind: 'unread', outcome: { kind: 'retry', reason: 'r' } },
      { kind: 'unread', outcome: { kind: 'denied', reason: 'r' } },
      { kind: 'unreadable', reason: 'r' },
      { kind: 'unsendable', reason: 'r' },
    ),
  )
  const doubts = fc.record({
    exposed: fc.constant(true as const),
    doubtSince: fc.integer({ min: NOW - 1e6, max: NOW }),
    attempts: fc.integer({ min: 1, max: 9 }),
  })

  it('is never delivered without a success, and no doubt ends by a failed read', () => {
    fc.assert(
      fc.property(endings, doubts, fc.constantFrom(unsafe, safe, byMark), (ending, more, given) => {
        const settlement = of(given, ending, more)
        expect(settlement.state).not.toBe('delivered')
        expect(settlement.dueAt).toBeGreaterThanOrEqual(NOW)
        expect(settlement.attempts).toBeGreaterThanOrEqual(0)
        expect(settlement.state === 'dead' ? settlement.reason : 'r').toBeTruthy()
        if (ending.kind !== 'answered') expect(settlement.doubtSince).toBe(more.doubtSince)
      }),
    )
  })
})
