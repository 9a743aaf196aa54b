import { describe, expect, it } from 'vitest'
import { head, isDue } from '../src/delivery/lanes.ts'
import { LONGEST_WAIT_MS } from '../src/delivery/model.ts'
import { clampTimes } from '../src/delivery/place.ts'
import { card, child, create, delivery, descriptor, lane, NOW } from './made-lanes.ts'

describe('head', () => {
  it('is nothing in an empty lane', () => {
    expect(head(lane([]))).toBeUndefined()
  })

  it('is the first that waits, due or not', () => {
    const first = delivery(descriptor('1'), 0, { dueAt: NOW + 60_000 })
    expect(head(lane([first, delivery(descriptor('2'), 1)]))).toEqual({
      delivery: first,
      readyAt: NOW + 60_000,
      pacedUntil: 0,
    })
  })

  it.each(['planned', 'dead'] as const)('passes what is %s when nobody needs it', state => {
    const second = delivery(descriptor('2'), 1)
    expect(head(lane([delivery(descriptor('1'), 0, { state }), second]))?.delivery).toBe(second)
  })

  it.each(['planned', 'dead'] as const)(
    'stands still at what is %s when others need what it captures',
    state => {
      expect(head(lane([delivery(create('1'), 0, { state }), delivery(child('2'), 1)]))).toBeUndefined()
    },
  )

  it('is ready when the lease ends, and never when it was taken by hand', () => {
    const held = delivery(descriptor('1'), 0, { state: 'begun', leaseUntil: NOW + 90_000, token: 't' })
    const taken = delivery(descriptor('1'), 0, { state: 'begun' })
    expect(head(lane([held]))?.readyAt).toBe(NOW + 90_000)
    expect(head(lane([taken]))?.readyAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('paces a card after the last of its name', () => {
    const sent = { card: { at: NOW, rank: 0, key: 'old' } }
    expect(head(lane([delivery(card('new', 5_000), 1)], { sent }))?.pacedUntil).toBe(NOW + 5_000)
    expect(head(lane([delivery(card('new'), 1)], { sent }))?.pacedUntil).toBe(NOW)
    expect(head(lane([delivery(descriptor('entry'), 1)], { sent }))?.pacedUntil).toBe(0)
  })

  it('is nothing while the card is gone', () => {
    expect(head(lane([delivery(descriptor('1'), 0)], { gone: 'deleted' }))).toBeUndefined()
  })
})

describe('isDue', () => {
  it('is so when the time has come, or when the clock was set back since', () => {
    expect(isDue(NOW, NOW)).toBe(true)
    expect(isDue(NOW + 1, NOW)).toBe(false)
    expect(isDue(NOW + LONGEST_WAIT_MS, NOW)).toBe(false)
    expect(isDue(NOW + LONGEST_WAIT_MS + 1, NOW)).toBe(true)
  })
})

describe('clampTimes', () => {
  const sent = (at: number) => ({ at, rank: 1, key: 'k' })
  it('leaves a lane as it is whose times are over', () => {
    const given = { sent: { card: sent(NOW) }, servedAt: NOW }
    expect(clampTimes(given, NOW)).toBe(given)
    const fresh = { sent: {} }
    expect(clampTimes(fresh, NOW)).toBe(fresh)
  })
  it('takes what lies ahead for now, since the clock was set back', () => {
    expect(
      clampTimes({ sent: { card: sent(NOW + 1), other: sent(NOW - 1) }, servedAt: NOW - 1 }, NOW),
    ).toEqual({
      sent: { card: sent(NOW), other: sent(NOW - 1) },
      servedAt: NOW - 1,
    })
    expect(clampTimes({ sent: {}, servedAt: NOW + 1 }, NOW)).toEqual({ sent: {}, servedAt: NOW })
  })
})
