import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Adapter, Mode } from '../../src/adapter/contract.ts'
import { httpOutcome } from '../../src/adapter/http-outcome.ts'
import type { Outcome, Reply } from '../../src/descriptor/outcome.ts'
import type { Json } from '../../src/session/schema.ts'
import type { HandReply } from '../../src/tracker/by-hand.ts'
import { createTracker, type Tracker } from '../../src/tracker.ts'
import { type actions, type Config, refusal, tool } from '../recorder/tool.ts'

type Named = Adapter<Config, 'tool', typeof actions>

/** A service whose answers say `ok`, like Slack's; what does not say so is of nobody. */
const spoken = (reply: Reply): Outcome => {
  if (reply.kind === 'failure' || reply.status >= 300) return httpOutcome(reply, { role: 'call' })
  const ok = (reply.body as Readonly<Record<string, Json>> | null)?.ok
  if (ok === undefined) return { kind: 'unknown', reason: '200, but no answer of the service' }
  return ok === true ? { kind: 'delivered' } : { kind: 'rejected', reason: 'ok is false' }
}

let tracker: Tracker<readonly [Named]>
afterEach(() => tracker.close())
const begin = async (mode: Mode) => {
  tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    deliver: false,
    adapters: [{ ...tool({ mode, hooks: {} }), outcome: spoken }],
  })
}

const answered = (status: number, body: Json): Reply => ({ kind: 'answer', status, headers: {}, body })
const make = () => tracker.act('tool', 'make', { text: 'a' }, { key: 'k' })
const comment = async () => {
  await make()
  const { id } = await tracker.start()
  await tracker.act('tool', 'comment', { text: 'a' }, { key: 'c', sessionId: id })
}
const delivered = (key: string) => ({ key, asked: key, state: 'delivered' })
const refused = (problem: string) => ['INVALID_INPUT', 'acknowledge.reply', `acknowledge.reply: ${problem}.`]
const said = (key: string, reply?: HandReply) => tracker.acknowledge(key, reply)

describe('a person who says that it happened', () => {
  beforeEach(() => begin('execute'))

  test('is believed where nothing later needs the answer', async () => {
    await comment()
    expect(await said('c')).toEqual(delivered('c'))
  })

  test.each([{}, { body: null }, { body: 'seen in the tool' }])('is believed with %j', async reply => {
    await comment()
    expect(await said('c', reply)).toEqual(delivered('c'))
  })

  test('is asked for what later requests need, and for nothing else', async () => {
    await make()
    const needed = 'later requests need card (from "/id"); expected a reply such as { body: {"id":"<card>"} }'
    expect(await refusal(said('k'))).toEqual(refused(needed))
    expect(await refusal(said('k', { body: { ok: true } }))).toEqual(refused(needed))
    expect(await said('k', { body: { id: 'C7' } })).toEqual(delivered('k'))
    expect((await tracker.settled('k')).captures).toEqual({ card: 'C7' })
  })

  test('is not believed against what the answer says', async () => {
    await comment()
    expect(await refusal(said('c', { body: { ok: false } }))).toEqual(
      refused('the reply means rejected: ok is false'),
    )
    expect(await refusal(said('c', answered(403, 'no')))).toEqual(refused('the reply means rejected: 403 no'))
    const nobody = refused('the reply means unknown: 200, but no answer of the service')
    expect(await refusal(said('c', answered(200, { id: 'C7' })))).toEqual(nobody)
  })

  test('is told what a reply is made of', async () => {
    await make()
    expect(await refusal(said('k', { id: 'C7' } as HandReply))).toEqual([
      'INVALID_INPUT',
      'acknowledge.reply.id',
      'acknowledge.reply.id: unknown option; expected one of body.',
    ])
    expect(await refusal(said('k', 'C7' as unknown as HandReply))).toEqual(
      refused('invalid reply; expected { body } with the answer, or nothing, got the string "C7"'),
    )
  })

  test('is asked for nothing once it is settled', async () => {
    await make()
    await tracker.drop('k')
    expect(await said('k')).toEqual({ key: 'k', asked: 'k', state: 'dropped', refused: 'k was dropped' })
  })
})

describe('a sender who hands in what came back', () => {
  beforeEach(() => begin('handoff'))

  test('hands in the answer of a success, or the values', async () => {
    await comment()
    expect(await said('k', { body: { id: 'C7' } })).toEqual(delivered('k'))
    const nobody = refused('the reply means unknown: 200, but no answer of the service')
    expect(await refusal(said('c', { body: { id: 'C8' } }))).toEqual(nobody)
    expect(await refusal(said('c', { body: { ok: false } }))).toEqual(
      refused('the reply means rejected: ok is false'),
    )
    expect(await said('c', { body: { ok: true } })).toEqual(delivered('c'))
  })

  test('is believed without one', async () => {
    await comment()
    expect(await said('c')).toEqual(delivered('c'))
  })
})
