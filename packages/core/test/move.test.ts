import { describe, expect, it } from 'vitest'
import { acknowledge, drop, release, retry } from '../src/delivery/move.ts'
import { card, child, create, delivery, descriptor, lane, marked, NOW } from './made-lanes.ts'

const none = (): boolean => false
const alone: ReadonlySet<string> = new Set()

describe('release', () => {
  it('lets what is planned wait, in its place', () => {
    const planned = delivery(create('1'), 0, { state: 'planned', via: 'preview' })
    expect(release(lane([planned]), planned, none, alone, NOW + 1)).toEqual({
      written: { ...planned, state: 'waiting', dueAt: NOW + 1 },
      moved: { key: '1', asked: '1', state: 'waiting' },
    })
  })

  it('refuses, by name, what needs a capture of one that is not released', () => {
    const first = delivery(create('1'), 0, { state: 'planned' })
    const second = delivery(child('2'), 1, { state: 'planned' })
    const both = lane([first, second])
    expect(release(both, second, none, alone, NOW).moved).toEqual({
      key: '2',
      asked: '2',
      state: 'planned',
      refused: '2 needs what 1 captures: release that one too',
    })
    expect(release(both, second, none, new Set(['1', '2']), NOW).moved.state).toBe('waiting')
    expect(release(both, second, name => name === 'thread', alone, NOW).moved.state).toBe('waiting')
  })

  it('refuses what is not planned', () => {
    const waiting = delivery(create('1'), 0)
    expect(release(lane([waiting]), waiting, none, alone, NOW).moved.refused).toBe(
      '1 is waiting, not planned',
    )
  })
})

describe('retry', () => {
  const dead = {
    state: 'dead',
    attempts: 5,
    misses: 2,
    unreported: 3,
    firstAt: NOW - 9,
    clockAt: NOW - 9,
    reason: 'no',
    rejected: 'no',
  } as const

  it('begins anew in the old place, and keeps when it was first tried', () => {
    const given = delivery(create('1'), 0, dead)
    const { reason: _, rejected: __, clockAt: ___, ...rest } = given
    expect(retry(lane([given]), given, false, NOW)).toEqual({
      written: { ...rest, state: 'waiting', attempts: 0, misses: 0, unreported: 0, dueAt: NOW },
      moved: { key: '1', asked: '1', state: 'waiting' },
    })
  })

  it('keeps doubt, unless it is told that nothing happened', () => {
    const given = delivery(marked('1'), 0, { ...dead, doubtSince: NOW - 5, exposed: true })
    expect(retry(lane([given]), given, false, NOW).written?.doubtSince).toBe(NOW - 5)
    expect(retry(lane([given]), given, true, NOW).written?.doubtSince).toBeUndefined()
  })

  it('refuses to send again what may have been applied and cannot be looked up', () => {
    const given = delivery(create('1'), 0, { ...dead, doubtSince: NOW - 5 })
    expect(retry(lane([given]), given, false, NOW).moved.refused).toBe(
      '1 may have been applied and cannot be looked up: acknowledge it, or retry it with resend, or drop it',
    )
    expect(retry(lane([given]), given, true, NOW).moved).toEqual({ key: '1', asked: '1', state: 'waiting' })
  })

  it('gives way to a newer one of its name, waiting or sent', () => {
    const old = delivery(card('old'), 0, dead)
    const answer = { key: 'new', asked: 'old', state: 'replaced' }
    expect(retry(lane([old, delivery(card('new'), 1)]), old, false, NOW).moved).toEqual(answer)
    const sent = { card: { at: NOW, rank: 4, key: 'new' } }
    expect(retry(lane([old], { sent }), old, false, NOW).moved).toEqual(answer)
    const older = { card: { at: NOW, rank: -1, key: 'new' } }
    expect(retry(lane([old], { sent: older }), old, false, NOW).moved.state).toBe('waiting')
  })

  it('does not give way to a newer one that is only looked at', () => {
    const old = delivery(card('old'), 0, dead)
    const preview = delivery(card('new'), 1, { state: 'planned', via: 'preview' })
    expect(retry(lane([old, preview]), old, false, NOW).moved.state).toBe('waiting')
  })

  it('gives back what was taken by hand and not sent', () => {
    const taken = delivery(create('1'), 0, {
      state: 'begun',
      via: 'handoff',
      attempts: 1,
      firstAt: NOW - 9,
      clockAt: NOW - 9,
    })
    expect(retry(lane([taken]), taken, false, NOW).moved.refused).toBe(
      '1 was taken by hand: acknowledge it, or retry it with resend when it was not sent',
    )
    const { clockAt: _, ...rest } = taken
    expect(retry(lane([taken]), taken, true, NOW)).toEqual({
      written: { ...rest, state: 'waiting', attempts: 0, dueAt: NOW },
      moved: { key: '1', asked: '1', state: 'waiting' },
    })
    const held = { ...taken, token: 't', leaseUntil: NOW + 9 }
    expect(retry(lane([held]), held, true, NOW).moved.refused).toBe('1 is begun, not dead')
  })

  it('refuses what was never planned, and what is not dead', () => {
    const { descriptor: _, ...thrown } = delivery(create('1'), 0, dead)
    expect(retry(lane([thrown]), thrown, false, NOW).moved.refused).toMatch(/was never planned/)
    const waiting = delivery(create('1'), 0)
    expect(retry(lane([waiting]), waiting, false, NOW).moved.refused).toBe('1 is waiting, not dead')
  })
})

describe('drop', () => {
  it.each(['planned', 'waiting', 'dead'] as const)('gives up what is %s', state => {
    const given = delivery(descriptor('1'), 0, { state })
    expect(drop(given, NOW).written).toEqual({ ...given, state: 'dropped', settledAt: NOW })
  })

  it.each(['claimed', 'begun', 'delivered'] as const)('refuses what is %s', state => {
    expect(drop(delivery(descriptor('1'), 0, { state }), NOW).moved.refused).toMatch(`1 is ${state}`)
  })
})

describe('acknowledge', () => {
  it('settles whatever is open, and voids the token', () => {
    const begun = delivery(create('1'), 0, {
      state: 'begun',
      token: 't',
      owner: 'o',
      leaseUntil: NOW,
      doubtSince: NOW,
    })
    expect(acknowledge(begun, { thread: 'x' }, NOW)).toEqual({
      written: delivery(create('1'), 0, { state: 'delivered', settledAt: NOW }),
      moved: { key: '1', asked: '1', state: 'delivered' },
    })
  })

  it('counts once', () => {
    const done = delivery(create('1'), 0, { state: 'delivered', settledAt: NOW - 1 })
    expect(acknowledge(done, { thread: 'y' }, NOW)).toEqual({
      moved: { key: '1', asked: '1', state: 'delivered' },
    })
  })

  it('names what the reply lacks, and refuses what was dropped', () => {
    expect(acknowledge(delivery(create('1'), 0), {}, NOW).moved.refused).toBe(
      '1 captures thread, which the reply does not hold',
    )
    expect(
      acknowledge(delivery(create('1'), 0, { state: 'dropped' }), { thread: 'x' }, NOW).moved.refused,
    ).toBe('1 was dropped')
  })
})
