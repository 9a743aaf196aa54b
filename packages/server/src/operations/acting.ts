import type { HandReply, Json, Tracker } from '@sessionwire/core'
import { failure, fieldsOf } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { pickAnswer, readToolAnswer } from '../handoff/answer.ts'
import { needOwnDeliveries } from './deliveries.ts'
import { defineOperation, type Operation, type OperationContext } from './operation.ts'
import { sessionId } from './recording.ts'
import { chooseSession } from './session-of.ts'

/** Requests that one call moves at most. */
const MOST = 1_000

const keys = z
  .array(z.string().min(1))
  .min(1)
  .max(MOST)
  .describe('Keys of deliveries, as preview and deliveries give them.')

type Moves = Awaited<ReturnType<Tracker['release']>>

const move = async (
  context: OperationContext,
  given: readonly string[],
  call: (keys: readonly string[]) => Promise<Moves>,
) => {
  await needOwnDeliveries(context, given)
  return { deliveries: await call(given) }
}

const release = defineOperation({
  name: 'release',
  about: 'Sends requests that were planned in preview mode.',
  scope: 'act',
  input: z.strictObject({
    keys: keys.optional().describe('Keys as preview gives them. Default: all that the session has planned.'),
    sessionId,
  }),
  run: async (context, { keys: given, sessionId: id }) => {
    const { tracker } = context
    if (given !== undefined) return move(context, given, each => tracker.release(each))
    const { session } = await chooseSession(context, id)
    const found = await tracker.deliveries({ lane: session.id, state: 'planned', limit: MOST })
    const planned = found.map(({ key }) => key)
    return planned.length === 0 ? { deliveries: [] } : move(context, planned, each => tracker.release(each))
  },
})

const retry = defineOperation({
  name: 'retry',
  about: 'Sends dead requests again.',
  scope: 'act',
  idempotent: false,
  input: z.strictObject({
    keys,
    resend: z
      .boolean()
      .optional()
      .describe('True: sends those in doubt too, because it is known that they were not applied.'),
  }),
  run: (context, { keys: given, resend }) =>
    move(context, given, each => context.tracker.retry(each, resend === undefined ? {} : { resend })),
})

const drop = defineOperation({
  name: 'drop',
  about: 'Removes requests from the queue for good.',
  scope: 'act',
  input: z.strictObject({ keys }),
  run: (context, given) => move(context, given.keys, each => context.tracker.drop(each)),
})

/** The answer of a tool in the form that the adapter judges; the answer of a service is passed on as it is. */
const replyOf = (
  { descriptor, state }: Awaited<ReturnType<typeof needOwnDeliveries>>[number],
  result: unknown,
): HandReply | undefined => {
  if (descriptor?.kind !== 'custom' || descriptor.target !== 'mcp')
    return result === undefined ? undefined : ({ body: result } as HandReply)
  const { server, tool } = fieldsOf(descriptor.payload)
  const wanted = state === 'delivered' ? [] : Object.keys(descriptor.captures ?? {})
  const answer = readToolAnswer((result ?? null) as Json)
  const captured = answer.isError ? {} : pickAnswer(String(server), wanted, answer)
  const isNeeded = (name: string) => typeof descriptor.captures?.[name] === 'string'
  const missing = wanted.filter(name => isNeeded(name) && !(name in captured))
  if (missing.length > 0 && !answer.isError)
    throw failure('INVALID_INPUT', {
      field: 'acknowledge.result',
      problem: `later calls need ${missing.join(', ')}, which it lacks`,
      expected: `the whole answer of ${String(tool)}, or an object such as ${JSON.stringify(Object.fromEntries(missing.map(name => [name, '…'])))}`,
    })
  return { body: { mcp: { isError: answer.isError, text: answer.text.slice(0, 500) }, captured } }
}

const acknowledge = defineOperation({
  name: 'acknowledge',
  about: 'Marks a request as sent by hand, with the answer of the service.',
  scope: 'act',
  input: z.strictObject({
    key: z.string().min(1).describe('The key that pending_calls gave.'),
    result: z
      .unknown()
      .optional()
      .describe('The whole answer of the tool or service; ids and addresses are taken from it.'),
  }),
  run: async (context, { key, result }) => {
    const [delivery] = await needOwnDeliveries(context, [key])
    const reply = delivery === undefined ? undefined : replyOf(delivery, result)
    const moved = await context.tracker.acknowledge(key, reply)
    return { delivery: moved, next: 'Call pending_calls again: what waited for this answer can be made now.' }
  },
})

/** Operations that send requests or settle them. */
export const acting: readonly Operation[] = [release, retry, drop, acknowledge]
