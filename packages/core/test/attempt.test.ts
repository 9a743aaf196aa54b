import { describe, expect, it } from 'vitest'
import type { AnyAdapter } from '../src/adapter/contract.ts'
import { httpOutcome } from '../src/adapter/http-outcome.ts'
import { attempt, leaseMsOf } from '../src/delivery/attempt.ts'
import { createReadCache } from '../src/delivery/look.ts'
import { type Claim, type Delivery, POLICY } from '../src/delivery/model.ts'
import { type Ending, settle } from '../src/delivery/settle.ts'
import { checkDescriptor } from '../src/descriptor/check.ts'
import type { Call, Descriptor, HttpCall, Lookup } from '../src/descriptor/descriptor.ts'
import type { Outcome, Reply, Role } from '../src/descriptor/outcome.ts'
import { needs, placeholders } from '../src/descriptor/refs.ts'
import type { Json } from '../src/session/schema.ts'
import { card, child, create, delivery, descriptor, marked, NOW } from './made-lanes.ts'

const says = (body: Json, status = 200): Reply => ({ kind: 'answer', status, headers: {}, body })
const adapter = { name: 'a', outcome: httpOutcome } as unknown as AnyAdapter

type Given = Readonly<{
  descriptor: Descriptor
  more?: Partial<Delivery>
  refs?: Readonly<Record<string, Json>>
  replies?: readonly Reply[]
  unset?: readonly string[]
  begin?: boolean
  owed?: Claim['owed']
  adapter?: AnyAdapter
  now?: number
}>

/** Runs an attempt against prepared replies, and tells what was sent and in which order things happened. */
const run = async (given: Given) => {
  const steps: (readonly [Role | 'begin', unknown])[] = []
  const replies = [...(given.replies ?? [])]
  const send = async (call: Call, role: Role) => {
    const { kind: _, ...shown } = call as Extract<Call, { kind: 'http' }>
    steps.push([role, shown])
    const reply = replies.shift() ?? says('nothing was prepared', 500)
    return { reply, outcome: (given.adapter ?? adapter).outcome(reply, { action: 'post', role }) }
  }
  const claim = {
    delivery: {
      ...delivery(given.descriptor, 0),
      attempts: 1,
      firstAt: NOW,
      token: 't',
      leaseUntil: NOW + 9,
      ...given.more,
    },
    refs: given.refs ?? {},
    ...(given.owed === undefined ? {} : { owed: given.owed }),
    pausedMs: 0,
  } as Claim
  const ending = await attempt(claim, {
    adapter: given.adapter ?? adapter,
    policy: POLICY,
    send,
    cache: createReadCache(() => 0),
    unset: async () => given.unset ?? [],
    begin: async () => {
      steps.push(['begin', undefined])
      return given.begin ?? true
    },
    now: () => given.now ?? NOW,
    monotonic: () => 0,
    doubtAgeMs: (_, doubtSince, now) => now - doubtSince,
  })
  return { ending, steps, roles: steps.map(([role]) => role) }
}

const statuses: Lookup = {
  call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/statuses' },
  list: '/statuses',
  where: { pointer: '/name', equals: 'Done' },
  captures: { status: '/id' },
  noun: 'status',
  offer: '/name',
}

describe('an attempt', () => {
  it('marks that the request may leave, then sends, then reads what it captures', async () => {
    const { ending, roles } = await run({ descriptor: create('1'), replies: [says({ id: 'x' })] })
    expect(roles).toEqual(['begin', 'call'])
    expect(ending).toEqual({
      kind: 'answered',
      outcome: { kind: 'delivered' },
      captures: { thread: 'x' },
      aliveUntil: NOW + 30_000,
    })
  })

  it('does not mark a safe call', async () => {
    const { roles } = await run({ descriptor: card('1'), replies: [says({})] })
    expect(roles).toEqual(['call'])
  })

  it('sends nothing when the lease was lost', async () => {
    const { ending, roles } = await run({ descriptor: create('1'), begin: false })
    expect(ending).toEqual({ kind: 'lost' })
    expect(roles).toEqual(['begin'])
  })

  it.each([
    [NOW - 1, ['call']],
    [NOW + 8, ['call']],
    // Another worker may have it from this moment on.
    [NOW + 9, []],
    [NOW + 3_600_000, []],
  ])(
    'sends a call that was begun with its claim only while its lease lasts: at %d',
    async (now, expected) => {
      const { ending, roles } = await run({
        descriptor: create('1'),
        more: { state: 'begun' },
        replies: [says({ id: 'x' })],
        now,
      })
      expect(roles).toEqual(expected)
      const reason = 'the lease ended before the request was sent'
      if (expected.length === 0)
        expect(ending).toEqual({ kind: 'unread', outcome: { kind: 'retry', reason } })
      else expect(ending).toMatchObject({ kind: 'answered', outcome: { kind: 'delivered' } })
    },
  )

  it('fills captures of the lane, and says which can no longer come', async () => {
    const { steps } = await run({ descriptor: child('1'), refs: { thread: 'T1' }, replies: [says({})] })
    expect(steps[1]?.[1]).toMatchObject({ payload: { key: '1', parent: 'T1' } })
    const { ending, roles } = await run({ descriptor: child('1') })
    expect(ending).toEqual({ kind: 'unsendable', reason: 'needs thread, which can no longer come' })
    expect(roles).toEqual([])
  })

  describe('below a card', () => {
    const missing = (): Outcome => ({ kind: 'rejected', reason: 'not found', missing: true })
    const below = (status: number): AnyAdapter => ({
      ...adapter,
      cardLookups: [
        { call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/boards/{board}' } },
        {
          call: { kind: 'http', method: 'GET', endpoint: 'https://service.example/cards/{thread}' },
          noun: 'card',
        },
      ],
      outcome: (reply, sent) =>
        sent.role === 'call' && status === 404 ? missing() : httpOutcome(reply, sent),
    })
    const refs = { thread: 'T1' }

    it('asks for the card once when something is not there, and a deleted card is gone', async () => {
      const replies = [says('no', 404), says('no card', 404)]
      const { ending, roles, steps } = await run({
        descriptor: child('1'),
        refs,
        replies,
        adapter: below(404),
      })
      expect(roles).toEqual(['begin', 'call', 'look-up'])
      expect(steps[2]?.[1]).toMatchObject({ endpoint: 'https://service.example/cards/T1' })
      expect(ending).toMatchObject({ outcome: { kind: 'rejected', reason: 'no card', gone: true } })
    })

    it('rejects the call alone while the card is there', async () => {
      const replies = [says('no', 404), says({ id: 'T1' })]
      const { ending } = await run({ descriptor: child('1'), refs, replies, adapter: below(404) })
      expect(ending).toMatchObject({ outcome: { kind: 'rejected', reason: 'not found' } })
    })

    it('waits, uncounted, when the card cannot be read', async () => {
      const replies = [says('no', 404), says('down', 503)]
      const { ending } = await run({ descriptor: child('1'), refs, replies, adapter: below(404) })
      expect(ending).toEqual({ kind: 'unread', outcome: { kind: 'unknown', reason: '503 down', down: true } })
    })

    it('asks for no card when the call was rejected for another reason, or needs no card', async () => {
      const other = await run({
        descriptor: child('1'),
        refs,
        replies: [says('no', 400)],
        adapter: below(400),
      })
      expect(other.roles).toEqual(['begin', 'call'])
      const first = await run({ descriptor: create('1'), replies: [says('no', 404)], adapter: below(404) })
      expect(first.roles).toEqual(['begin', 'call'])
    })

    it('asks for it too when a read before the call finds nothing', async () => {
      const needy = descriptor('1', {
        payload: { of: { $ref: 'thread' }, to: { $ref: 'status' } },
        before: [statuses],
      })
      const replies = [says('no', 404), says('no card', 404)]
      const { ending, roles } = await run({ descriptor: needy, refs, replies, adapter: below(404) })
      expect(roles).toEqual(['look-up', 'look-up'])
      expect(ending).toEqual({ kind: 'unsendable', reason: 'no card', gone: true })
    })
  })

  it('sends nothing while a planned or dead delivery owes it a capture, and names that one', async () => {
    const owed = { thread: { key: 'k7', state: 'dead' } } as const
    const { ending, roles } = await run({ descriptor: child('1'), owed })
    expect(ending).toEqual({ kind: 'waits', name: 'thread', owed: owed.thread })
    expect(roles).toEqual([])
  })

  it('says what there is instead of what nobody captured', async () => {
    const reasonOf = async (refs: Readonly<Record<string, Json>>) =>
      (await run({ descriptor: child('1'), refs })).ending
    expect(await reasonOf({ thraed: 'T1', url: 'u' })).toEqual({
      kind: 'unsendable',
      reason: 'needs thread, which can no longer come: did you mean "thraed"? There is thraed, url',
    })
    expect(await reasonOf({ url: 'u' })).toEqual({
      kind: 'unsendable',
      reason: 'needs thread, which can no longer come; there is url',
    })
  })

  it('takes a success without its captures for unknown', async () => {
    const { ending } = await run({ descriptor: create('1'), replies: [says({})] })
    expect(ending).toMatchObject({ outcome: { kind: 'unknown', reason: 'the answer has no thread' } })
  })

  it("takes another object's answer for unknown, where ours would carry our id", async () => {
    const given = marked('1')
    const byId = { ...given, repeat: { ...(given.repeat as object), by: 'id' } } as Descriptor
    const wrong = await run({ descriptor: byId, replies: [says({ id: 'x', key: '2' })] })
    expect(wrong.ending).toMatchObject({
      outcome: { kind: 'unknown', reason: 'the answer does not carry our id' },
    })
    const right = await run({ descriptor: byId, replies: [says({ id: 'x', key: '1' })] })
    expect(right.ending).toMatchObject({ outcome: { kind: 'delivered' }, captures: { id: 'x' } })
  })

  it('does not send while a secret is not set', async () => {
    const { ending, roles } = await run({ descriptor: create('1'), unset: ['TOKEN', 'OTHER'] })
    expect(ending).toEqual({
      kind: 'unset',
      names: ['TOKEN', 'OTHER'],
      reason:
        'TOKEN and OTHER are not set: set them for the process that delivers (its environment, or the option secrets)',
    })
    expect(roles).toEqual([])
  })
})

describe('an attempt in doubt', () => {
  const doubt = { doubtSince: NOW - 1_000, exposed: true } as const

  it('looks first, and sends nothing when it finds', async () => {
    const { ending, roles } = await run({
      descriptor: marked('1'),
      more: doubt,
      replies: [
        says({
          items: [
            { key: '0', id: 'w' },
            { key: '1', id: 'x' },
          ],
        }),
      ],
    })
    expect(ending).toEqual({ kind: 'found', captures: { id: 'x' } })
    expect(roles).toEqual(['look-up'])
  })

  it('believes nothing found only when it is late enough, and then sends', async () => {
    const nothing = says({ items: [] })
    const early = await run({ descriptor: marked('1'), more: doubt, replies: [nothing] })
    expect(early.ending).toEqual({ kind: 'too-early', believeAt: NOW + 59_000 })
    const late = await run({
      descriptor: marked('1'),
      more: doubt,
      replies: [nothing, says({ id: 'x' })],
      now: NOW + 59_000,
    })
    expect(late.roles).toEqual(['look-up', 'begin', 'call'])
  })

  it('confirms a rejection instead of sending again', async () => {
    const more = { ...doubt, rejected: 'exists' }
    const { ending, roles } = await run({
      descriptor: marked('1'),
      more,
      replies: [says({ items: [] })],
      now: NOW + 60_000,
    })
    expect(ending).toEqual({ kind: 'confirmed' })
    expect(roles).toEqual(['look-up'])
  })

  it.each([
    [
      'a page that fails',
      says('down', 503),
      { kind: 'unread', outcome: { kind: 'unknown', reason: '503 down', down: true } },
    ],
    [
      'a page of unexpected shape',
      says({ other: [] }),
      { kind: 'unread', outcome: { kind: 'unknown', reason: 'no list at /items' } },
    ],
    ['a look-up refused for good', says('no scope', 403), { kind: 'unreadable', reason: '403 no scope' }],
  ])('does not take %s for nothing found', async (_, reply, ending) => {
    const { ending: got, roles } = await run({
      descriptor: marked('1'),
      more: doubt,
      replies: [reply],
      now: NOW + 9e6,
    })
    expect(got).toEqual(ending)
    expect(roles).toEqual(['look-up'])
  })

  it('takes a missing list for an empty one', async () => {
    const { ending } = await run({ descriptor: marked('1'), more: doubt, replies: [says('not found', 404)] })
    expect(ending).toMatchObject({ kind: 'too-early' })
  })
})

describe('a look-up over pages', () => {
  const paged = (): Descriptor => {
    const given = marked('1')
    return {
      ...given,
      repeat: { ...(given.repeat as object), next: { cursor: '/next', into: '/query/cursor' } },
    } as Descriptor
  }
  const more = { doubtSince: NOW - 1_000, exposed: true } as const

  it('reads on until it finds, or the list ends', async () => {
    const pages = [
      says({ items: [{ key: '0' }], next: 'c=2' }),
      says({ items: [{ key: '1', id: 'x' }], next: '' }),
    ]
    const { ending, steps } = await run({ descriptor: paged(), more, replies: pages })
    expect(ending).toEqual({ kind: 'found', captures: { id: 'x' } })
    expect(steps[1]?.[1]).toMatchObject({ query: { cursor: 'c=2' } })
  })

  it('believes nothing of a list that does not end', async () => {
    const endless = Array.from({ length: 25 }, (_, n) => says({ items: [{ key: 'other' }], next: `c${n}` }))
    const { ending, roles } = await run({ descriptor: paged(), more, replies: endless, now: NOW + 9e6 })
    expect(ending).toEqual({
      kind: 'unread',
      outcome: { kind: 'unknown', reason: 'the list has more than 20 pages (20 items read)' },
    })
    expect(roles).toHaveLength(20)
  })
})

describe('reads before an attempt', () => {
  const moving = descriptor('1', {
    before: [statuses],
    payload: { to: { $ref: 'status' } },
    repeat: 'safe',
    coalesce: { name: 'state' },
  })

  it('live for the attempt', async () => {
    const { steps, roles } = await run({
      descriptor: moving,
      replies: [
        says({
          statuses: [
            { id: 3, name: 'To Do' },
            { id: 5, name: 'Done' },
          ],
        }),
        says({}),
      ],
    })
    expect(roles).toEqual(['look-up', 'call'])
    expect(steps[1]?.[1]).toMatchObject({ payload: { to: 5 } })
  })

  it('name what there is when nothing fits', async () => {
    const { ending } = await run({
      descriptor: moving,
      replies: [
        says({
          statuses: [
            { id: 3, name: 'To Do' },
            { id: 4, name: 'In Review' },
          ],
        }),
      ],
    })
    expect(ending).toEqual({ kind: 'unsendable', reason: 'no status "Done"; there is: To Do, In Review' })
  })

  it('are read once more before a cached list is believed to lack something', async () => {
    const cached = { ...moving, before: [{ ...statuses, cacheMs: 60_000 }] } as Descriptor
    const cache = createReadCache(() => 0)
    cache.set(statuses.call, {
      reply: says({ statuses: [{ id: 3, name: 'To Do' }] }),
      outcome: { kind: 'delivered' },
    })
    const roles: Role[] = []
    const replies = [says({ statuses: [{ id: 5, name: 'Done' }] }), says({})]
    const claim = {
      delivery: { ...delivery(cached, 0), firstAt: NOW, token: 't', leaseUntil: NOW },
      refs: {},
      pausedMs: 0,
    } as Claim
    const around = {
      ...{ adapter, policy: POLICY, cache, now: () => NOW, monotonic: () => 0 },
      ...{ unset: async () => [], begin: async () => true, doubtAgeMs: () => 0 },
      send: async (_: Call, role: Role) => {
        roles.push(role)
        const reply = replies.shift() as Reply
        return { reply, outcome: httpOutcome(reply, { role }) }
      },
    }
    await attempt(claim, around)
    expect(roles).toEqual(['look-up', 'call'])
    replies.push(says({}))
    await attempt(claim, around)
    expect(roles).toEqual(['look-up', 'call', 'call'])
  })

  it('that read two lists of one answer ask for it once', async () => {
    const people = {
      ...statuses,
      list: '/people',
      where: { pointer: '/name', equals: 'Bob' },
      noun: 'person',
    }
    const two = descriptor('1', {
      before: [
        { ...statuses, cacheMs: 60_000 },
        { ...people, captures: { person: '/id' }, cacheMs: 60_000 },
      ],
      payload: { to: { $ref: 'status' }, by: { $ref: 'person' } },
      repeat: 'safe',
    })
    const whole = { statuses: [{ id: 5, name: 'Done' }], people: [{ id: 7, name: 'Bob' }] }
    const { roles, steps } = await run({ descriptor: two, replies: [says(whole), says({})] })
    expect(roles).toEqual(['look-up', 'call'])
    expect(steps[1]?.[1]).toMatchObject({ payload: { to: 5, by: 7 } })
  })
})

describe('a choice with a value for want of a list', () => {
  const choosing = descriptor('1', {
    before: [{ ...statuses, captures: { status: '/name' }, otherwise: { status: 'as given' } }],
    payload: { status: { $ref: 'status' } },
    repeat: 'safe',
  })

  it.each([
    ['an empty list', says({ statuses: [] }), 'as given'],
    ['no list', says({}), 'as given'],
    ['a refusal', says('no', 403), 'as given'],
    ['nothing there', says('no', 404), 'as given'],
    ['a list', says({ statuses: [{ id: 5, name: 'Done' }] }), 'Done'],
  ] as const)('takes it with %s', async (_, reply, status) => {
    const { steps } = await run({ descriptor: choosing, replies: [reply, says({})] })
    expect(steps.at(-1)).toEqual(['call', expect.objectContaining({ payload: { status } })])
  })

  it('lists what there is where nothing of a list fits, and waits where the service failed', async () => {
    const other = await run({
      descriptor: choosing,
      replies: [says({ statuses: [{ id: 1, name: 'Open' }] })],
    })
    expect(other.ending).toEqual({ kind: 'unsendable', reason: 'no status "Done"; there is: Open' })
    const down = await run({ descriptor: choosing, replies: [says('', 503)] })
    expect(down.ending).toMatchObject({ kind: 'unread' })
  })
})

describe('a block of ours that people removed', () => {
  const edit = descriptor('1', {
    before: [
      {
        call: { kind: 'http', method: 'GET', endpoint: 'https://api.example.com/card' },
        captures: { text: { pick: '/text', otherwise: '' } },
        gone: true,
      },
    ],
    payload: { text: { $ref: 'text', between: ['[a]', '[z]'], put: '[a] new [z]' } },
    repeat: 'safe',
  })

  it('is not written again: the edit counts as delivered and is not sent', async () => {
    const { ending, steps } = await run({ descriptor: edit, replies: [says({ text: 'Only theirs' })] })
    expect(ending).toEqual({ kind: 'found', captures: {} })
    expect(steps.map(([role]) => role)).toEqual(['look-up'])
  })

  it('is replaced where it is there', async () => {
    const { steps } = await run({ descriptor: edit, replies: [says({ text: 'Hi [a] old [z]' }), says({})] })
    expect(steps.at(-1)).toEqual(['call', expect.objectContaining({ payload: { text: 'Hi [a] new [z]' } })])
  })
})

describe('what goes on in place of a block that people removed', () => {
  const path = 'https://api.example.com/comments'
  const comments: Lookup = {
    call: { kind: 'http', method: 'GET', endpoint: path },
    list: '/comments',
    where: { pointer: '/text', contains: 'mark-s1' },
    captures: { comment: '/id' },
  }
  const edit = descriptor('1', {
    before: [
      {
        call: { kind: 'http', method: 'GET', endpoint: 'https://api.example.com/card' },
        captures: { text: { pick: '/text', otherwise: '' } },
      },
    ],
    payload: { text: { $ref: 'text', between: ['[a]', '[z]'], put: '[a] new [z]' } },
    instead: {
      find: comments,
      edit: {
        kind: 'http',
        method: 'PUT',
        endpoint: `${path}/{comment}`,
        payload: { text: 'new mark-s1', below: { $ref: 'thread' } },
      },
      create: {
        kind: 'http',
        method: 'POST',
        endpoint: path,
        payload: { text: 'new mark-s1', below: { $ref: 'thread' } },
      },
    },
    repeat: 'safe',
  })
  const refs = { thread: 't1' }
  const removed = says({ text: 'Only theirs' })
  const payload = { text: 'new mark-s1', below: 't1' }
  const delivered = {
    kind: 'answered',
    outcome: { kind: 'delivered' },
    captures: {},
    aliveUntil: NOW + POLICY.timeoutMs,
  }

  it('is a comment, made where the whole list has none', async () => {
    const replies = [removed, says({ comments: [{ id: 7, text: 'theirs' }] }), says({ id: 8 }, 201)]
    const { ending, steps } = await run({ descriptor: edit, refs, replies })
    expect(ending).toEqual(delivered)
    expect(steps).toEqual([
      ['look-up', { method: 'GET', endpoint: 'https://api.example.com/card' }],
      ['look-up', { method: 'GET', endpoint: path }],
      ['call', { method: 'POST', endpoint: path, payload }],
    ])
  })

  it('is the same comment afterwards, edited in place', async () => {
    const list = says({ comments: [{ id: 8, text: 'old mark-s1' }] })
    const { ending, steps } = await run({ descriptor: edit, refs, replies: [removed, list, says({})] })
    expect(ending).toEqual(delivered)
    expect(steps.at(-1)).toEqual(['call', { method: 'PUT', endpoint: `${path}/8`, payload }])
  })

  it('is not sent while the block is there', async () => {
    const replies = [says({ text: '[a] old [z]' }), says({})]
    const { steps } = await run({ descriptor: edit, refs, replies })
    expect(steps.map(([role]) => role)).toEqual(['look-up', 'call'])
    expect(steps.at(-1)).toEqual(['call', expect.objectContaining({ payload: { text: '[a] new [z]' } })])
  })

  it('is not made where the list could not be read', async () => {
    const down = await run({ descriptor: edit, refs, replies: [removed, says('', 503)] })
    expect(down.ending).toMatchObject({ kind: 'unread' })
    const refused = await run({ descriptor: edit, refs, replies: [removed, says('no', 400)] })
    expect(refused.ending).toMatchObject({ kind: 'unsendable' })
    expect([down.roles, refused.roles]).toEqual([
      ['look-up', 'look-up'],
      ['look-up', 'look-up'],
    ])
  })

  it('is looked for again, a minute later, before a comment in doubt is made once more', async () => {
    const replies = [removed, says({ comments: [] }), says('', 500)]
    const { ending } = await run({ descriptor: edit, refs, replies })
    const claim = { delivery: { ...delivery(edit, 0), attempts: 1, token: 't' }, refs, pausedMs: 0 } as Claim
    const settlement = settle(claim, ending as Ending, POLICY, NOW, () => 0)
    expect([settlement.state, settlement.exposed, settlement.dueAt]).toEqual([
      'waiting',
      true,
      NOW + POLICY.timeoutMs + POLICY.afterMs,
    ])
  })

  it('needs what its calls need, less what its own look-up captures', () => {
    expect(needs(edit)).toEqual(['thread'])
    expect(placeholders(edit)).toEqual([
      { name: 'text', from: 'before', at: ['/payload/text'] },
      { name: 'comment', from: 'before', at: ['/instead/edit/endpoint'] },
      { name: 'thread', from: 'lane', at: ['/instead/edit/payload/below', '/instead/create/payload/below'] },
    ])
    expect(leaseMsOf(edit, POLICY)).toBe(150_000)
  })

  it('is refused where nothing is replaced, and where its calls are wrong', () => {
    expect(() => checkDescriptor(edit)).not.toThrow()
    const { payload: _, ...plain } = edit as HttpCall & Descriptor
    expect(() => checkDescriptor(plain as Descriptor)).toThrow(
      '/instead: only a `safe` call without captures that replaces a block (`between` and `put`) has one',
    )
    const { instead } = edit
    const wrong = { ...edit, instead: { ...instead, find: { ...comments, call: instead?.edit } } }
    expect(() => checkDescriptor(wrong as Descriptor)).toThrow('/instead/find/call/method: ')
  })
})

describe('leaseMsOf', () => {
  it('covers all an attempt may do', () => {
    expect(leaseMsOf(create('1'), POLICY)).toBe(60_000)
    expect(leaseMsOf(marked('1'), POLICY)).toBe(90_000)
    expect(leaseMsOf(descriptor('1', { before: [statuses], repeat: 'safe' }), POLICY)).toBe(120_000)
  })
})
