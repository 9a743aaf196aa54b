import type { HandReply, Tracker } from '@sessionwire/core'
import * as z from 'zod'
import { needOwnDeliveries } from './deliveries.ts'
import { defineOperation, type Operation, type OperationContext } from './operation.ts'

const keys = z
  .array(z.string().min(1))
  .min(1)
  .max(1_000)
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
  input: z.strictObject({ keys }),
  run: (context, given) => move(context, given.keys, each => context.tracker.release(each)),
})

const retry = defineOperation({
  name: 'retry',
  about: 'Sends requests again that were given up.',
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
    await needOwnDeliveries(context, [key])
    const reply = result === undefined ? undefined : ({ body: result } as HandReply)
    return { delivery: await context.tracker.acknowledge(key, reply) }
  },
})

/** Operations that send requests or settle them. */
export const acting: readonly Operation[] = [release, retry, drop, acknowledge]
