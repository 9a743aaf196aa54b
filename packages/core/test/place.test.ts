import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Delivery, Lane } from '../src/delivery/model.ts'
import { place, recreate, replaceBy } from '../src/delivery/place.ts'
import { card, child, create, delivery, descriptor, incoming, lane, NOW } from './made-lanes.ts'

const keys = (given: Lane): readonly string[] => given.deliveries.map(each => each.key)

describe('place', () => {
  it('puts deliveries at the end, in order', () => {
    const {
      lane: placed,
      written,
      placed: where,
    } = place(lane([]), [incoming(create('1')), incoming(child('2'))], NOW)
    expect(placed.next).toBe(2)
    expect(placed.deliveries).toEqual([delivery(create('1'), 0), delivery(child('2'), 1)])
    expect(written).toEqual(placed.deliveries)
    expect(where).toEqual([
      { key: '1', state: 'waiting', position: 0, replaced: [] },
      { key: '2', state: 'waiting', position: 1, replaced: [] },
    ])
  })

  it('gives a card the place of the one that waits, and names its successor', () => {
    const before = lane([delivery(card('old'), 0), delivery(descriptor('entry'), 1)])
    const { lane: placed, written } = place(before, [incoming(card('new'))], NOW + 5)
    expect(placed.deliveries).toEqual([
      delivery(card('new'), 0, { rank: 2, plannedAt: NOW + 5, dueAt: NOW + 5 }),
      delivery(descriptor('entry'), 1),
    ])
    const { descriptor: _, ...emptied } = delivery(card('old'), 2, { rank: 0 })
    expect(written[0]).toEqual({ ...emptied, state: 'replaced', successor: 'new', settledAt: NOW + 5 })
  })

  it('replaces all that wait, and stands where the first stood', () => {
    const before = lane([delivery(card('1'), 0), delivery(descriptor('entry'), 1), delivery(card('2'), 2)])
    const { lane: placed, placed: where } = place(before, [incoming(card('3'))], NOW)
    expect(keys(placed)).toEqual(['3', 'entry'])
    expect(where).toEqual([{ key: '3', state: 'waiting', position: 0, replaced: ['1', '2'] }])
  })

  it('gives a card the end of the lane where only cards it replaces stand behind, and moves none of those', () => {
    const before = lane([delivery(descriptor('entry'), 0), delivery(card('1'), 1), delivery(card('2'), 2)])
    const { lane: placed, written } = place(before, [incoming(card('3'))], NOW)
    expect(placed.deliveries).toEqual([delivery(descriptor('entry'), 0), delivery(card('3'), 3)])
    expect(written.map(each => [each.key, each.position])).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ])
  })

  it.each([
    ['claimed', { state: 'claimed', token: 't', leaseUntil: NOW + 1, owner: 'o', attempts: 1 }],
    ['begun', { state: 'begun', token: 't', leaseUntil: NOW + 1, owner: 'o', attempts: 1 }],
    ['taken by hand', { state: 'begun', attempts: 1 }],
    ['perhaps applied late', { attempts: 1, exposed: true, dueAt: NOW + 1 }],
    ['perhaps applied late, and retried', { attempts: 0, exposed: true }],
    ['in doubt', { attempts: 1, doubtSince: NOW }],
    ['dead', { state: 'dead', attempts: 5 }],
  ] as const)('does not touch a card that is %s', (_, more) => {
    const before = lane([delivery(card('old'), 0, more)])
    expect(keys(place(before, [incoming(card('new'))], NOW).lane)).toEqual(['old', 'new'])
  })

  it('replaces a card that was tried and surely not applied, and keeps the wait it was given', () => {
    const before = lane([delivery(card('old'), 0, { attempts: 3, dueAt: NOW + 60_000 })])
    const { lane: placed } = place(before, [incoming(card('new'))], NOW)
    expect(placed.deliveries).toEqual([delivery(card('new'), 1, { dueAt: NOW + 60_000 })])
  })

  it('replaces a card that was sent long ago, and waits since it is due again', () => {
    const before = lane([delivery(card('old'), 0, { attempts: 1, exposed: true, dueAt: NOW - 1 })])
    expect(keys(place(before, [incoming(card('new'))], NOW).lane)).toEqual(['new'])
  })

  it('lets a preview replace previews only', () => {
    const before = lane([
      delivery(card('waiting'), 0),
      delivery(card('planned'), 1, { state: 'planned', via: 'preview' }),
    ])
    expect(keys(place(before, [incoming(card('new'), 'preview')], NOW).lane)).toEqual(['waiting', 'new'])
    expect(keys(place(before, [incoming(card('new'))], NOW).lane)).toEqual(['new'])
  })

  it('keeps its own place when it needs a capture planned after the old one', () => {
    const needy = descriptor('new', {
      repeat: 'safe',
      coalesce: { name: 'card' },
      payload: { of: { $ref: 'thread' } },
    })
    const before = lane([delivery(card('old'), 0), delivery(create('create'), 1)])
    const { lane: placed, placed: where } = place(before, [incoming(needy)], NOW)
    expect(keys(placed)).toEqual(['create', 'new'])
    expect(where).toEqual([{ key: 'new', state: 'waiting', position: 2, replaced: ['old'] }])
  })

  it('sends each when it is told to keep them', () => {
    const kept = (key: string) => descriptor(key, { repeat: 'safe', coalesce: { name: 'state', keep: true } })
    const before = lane([delivery(kept('1'), 0)])
    expect(keys(place(before, [incoming(kept('2'))], NOW).lane)).toEqual(['1', '2'])
  })

  describe('a state', () => {
    const state = (key: string) =>
      descriptor(key, { repeat: 'safe', coalesce: { name: 'state', place: 'after' } })

    it('takes the place of an earlier one that is the last of its lane', () => {
      const before = lane([delivery(card('card'), 0), delivery(state('1'), 1)])
      const { lane: placed, placed: where } = place(before, [incoming(state('2'))], NOW)
      expect(keys(placed)).toEqual(['card', '2'])
      expect(where).toEqual([{ key: '2', state: 'waiting', position: 2, replaced: ['1'] }])
    })

    it.each([
      ['waiting', {}],
      ['planned', { state: 'planned' }],
      ['dead', { state: 'dead' }],
      ['begun', { state: 'begun', token: 't', attempts: 1 }],
    ] as const)('goes to the end behind a delivery that is %s, and both are sent', (_, more) => {
      const before = lane([delivery(state('1'), 0), delivery(descriptor('entry'), 1, more)])
      const { lane: placed, placed: where } = place(before, [incoming(state('2'))], NOW)
      expect(keys(placed)).toEqual(['1', 'entry', '2'])
      expect(where).toEqual([{ key: '2', state: 'waiting', position: 2, replaced: [] }])
    })

    it('goes to the end when the earlier one is under way', () => {
      const before = lane([delivery(state('1'), 0, { state: 'begun', token: 't', attempts: 1 })])
      expect(keys(place(before, [incoming(state('2'))], NOW).lane)).toEqual(['1', '2'])
    })

    it('replaces a preview by a preview only', () => {
      const before = lane([delivery(state('1'), 0)])
      expect(keys(place(before, [incoming(state('2'), 'preview')], NOW).lane)).toEqual(['1', '2'])
    })

    it('closes after its entry and its last edit, and resumes before them', () => {
      const planned = [state('start'), card('open'), descriptor('summary'), card('closed'), state('done')]
      const closed = place(
        lane([]),
        planned.map(each => incoming(each)),
        NOW,
      ).lane
      expect(keys(closed)).toEqual(['start', 'closed', 'summary', 'done'])
      const again = [state('resumed'), card('again'), descriptor('entry')].map(each => incoming(each))
      expect(keys(place(closed, again, NOW).lane)).toEqual(['start', 'again', 'summary', 'resumed', 'entry'])
    })
  })

  it('tells names apart', () => {
    const state = descriptor('state', { repeat: 'safe', coalesce: { name: 'state' } })
    expect(keys(place(lane([delivery(card('card'), 0)]), [incoming(state)], NOW).lane)).toEqual([
      'card',
      'state',
    ])
  })

  it('stores a hook that threw as dead, with its reason, in its place', () => {
    const thrown = {
      key: '1',
      action: 'start',
      via: 'execute',
      sequence: 1,
      reason: 'it threw',
      holds: true,
    } as const
    const { descriptor: _, ...rest } = delivery(create('1'), 0)
    expect(place(lane([]), [thrown], NOW).lane.deliveries).toEqual([
      { ...rest, action: 'start', state: 'dead', reason: 'it threw' },
    ])
  })

  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('card', 'create', 'child', 'state'),
      via: fc.constantFrom('execute', 'preview', 'handoff'),
      before: fc.constantFrom('nothing', 'claim', 'expose', 'settle', 'kill'),
    }),
    { maxLength: 30 },
  )

  it('never loses a key, never gives two the same place, and holds at most one of a name that may be replaced', () => {
    fc.assert(
      fc.property(steps, given => {
        let current = lane([])
        const all = new Map<string, Delivery>()
        for (const [n, step] of given.entries()) {
          const [first] = current.deliveries
          const more: Partial<Delivery> | undefined = {
            nothing: undefined,
            claim: { state: 'claimed', token: 't' } as const,
            expose: { exposed: true, attempts: 1 } as const,
            settle: { state: 'delivered' } as const,
            kill: { state: 'dead' } as const,
          }[step.before]
          if (first !== undefined && more !== undefined) {
            const changed = { ...first, ...more }
            all.set(first.key, changed)
            const rest = current.deliveries.filter(each => each !== first)
            current = { ...current, deliveries: more.state === 'delivered' ? rest : [changed, ...rest] }
          }
          const made = {
            card,
            create,
            child,
            state: (key: string) => descriptor(key, { repeat: 'safe', coalesce: { name: 'state' } }),
          }[step.kind](`k${n}`)
          const placing = place(current, [incoming(made, step.via)], NOW)
          current = placing.lane
          for (const each of placing.written) all.set(each.key, each)
        }
        expect(all.size).toBe(given.length)
        const open = [...all.values()].filter(each => each.state !== 'delivered')
        expect(new Set(open.map(each => each.position)).size).toBe(open.length)
        expect(keys(current)).toEqual(
          [...current.deliveries].sort((a, b) => a.position - b.position).map(each => each.key),
        )
        for (const name of ['card', 'state']) {
          const free = current.deliveries.filter(
            each => each.descriptor?.coalesce?.name === name && each.state === 'planned',
          )
          expect(free.length).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})

describe('replacedBy', () => {
  it('empties the payload and keeps the rest', () => {
    const old = delivery(card('old'), 3, { token: 't', leaseUntil: NOW, owner: 'o', reason: 'was refused' })
    const { descriptor: _, token: __, leaseUntil: ___, owner: ____, ...rest } = old
    expect(replaceBy(old, 'new', 9, NOW)).toEqual({
      ...rest,
      position: 9,
      state: 'replaced',
      successor: 'new',
      settledAt: NOW,
    })
  })
})

describe('recreate', () => {
  it('puts a new card before all that waits, and drops the dead one', () => {
    const gone = lane([delivery(card('dead'), 4, { state: 'dead' }), delivery(child('entry'), 5)], {
      gone: 'deleted',
      next: 6,
    })
    const { lane: recreated, written } = recreate(gone, [incoming(create('again'))], ['dead'], NOW)
    expect(recreated).toEqual({
      ...lane([delivery(create('again'), -7, { rank: 6 }), delivery(child('entry'), 5)]),
      next: 7,
    })
    expect(written).toEqual([
      delivery(card('dead'), 4, { state: 'dropped', settledAt: NOW }),
      delivery(create('again'), -7, { rank: 6 }),
    ])
  })
})
