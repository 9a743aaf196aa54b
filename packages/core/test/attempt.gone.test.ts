import { expect, test } from 'vitest'
import { type Around, attempt } from '../src/delivery/attempt.ts'
import { createReadCache } from '../src/delivery/look.ts'
import { type Claim, POLICY } from '../src/delivery/model.ts'
import { checkDescriptor } from '../src/descriptor/check.ts'
import type { Descriptor, HttpCall, Lookup } from '../src/descriptor/descriptor.ts'

const list: HttpCall = { kind: 'http', method: 'GET', endpoint: 'https://example.com/cards' }
const descriptorOf = (more: Pick<Lookup, 'gone'>): Descriptor => ({
  key: 'k',
  action: 'editCard',
  kind: 'http',
  method: 'PUT',
  endpoint: 'https://example.com/cards/c1',
  payload: { tags: { $ref: 'tags', with: ['ours'] } },
  before: [
    {
      call: list,
      list: '/cards',
      where: { pointer: '/id', equals: 'c1' },
      captures: { tags: { pick: '/tags', otherwise: [] } },
      noun: 'card',
      ...more,
    },
  ],
  repeat: 'safe',
  coalesce: { name: 'card' },
})

const attempted = async (descriptor: Descriptor, cards: readonly Readonly<{ id: string }>[]) => {
  checkDescriptor(descriptor)
  const sent: unknown[] = []
  const around = {
    adapter: {} as Around['adapter'],
    policy: POLICY,
    cache: createReadCache(() => 0),
    unset: async () => [],
    begin: async () => true,
    now: () => 0,
    monotonic: () => 0,
    doubtAgeMs: () => 0,
    send: async call => {
      sent.push((call as HttpCall).payload)
      const body = (call as HttpCall).method === 'GET' ? { cards } : {}
      return { reply: { kind: 'answer', status: 200, headers: {}, body }, outcome: { kind: 'delivered' } }
    },
  } satisfies Around
  const claim = { delivery: { descriptor } as Claim['delivery'], refs: {}, pausedMs: 0 }
  return { ending: await attempt(claim, around), sent }
}

test('a card that is not in its list was deleted, where the read says so', async () => {
  const reason = 'no card "c1"; there is: c2'
  const others = [{ id: 'c2' }]
  expect((await attempted(descriptorOf({ gone: true }), others)).ending).toEqual({
    kind: 'unsendable',
    reason,
    gone: true,
  })
  expect((await attempted(descriptorOf({}), others)).ending).toEqual({ kind: 'unsendable', reason })
})

test('a card that lacks what was to be read gets what stands for it', async () => {
  const { ending, sent } = await attempted(descriptorOf({ gone: true }), [{ id: 'c1' }])
  expect(ending).toMatchObject({ kind: 'answered', outcome: { kind: 'delivered' } })
  expect(sent).toEqual([undefined, { tags: ['ours'] }])
})
