import type { Tracker } from '@sessionwire/core'
import { isTrackerError } from '@sessionwire/core'
import { hasScope, type OperationContext } from './operation.ts'
import { refuse } from './refusal.ts'
import { ownKey, owns } from './session-of.ts'

type Filter = NonNullable<Parameters<Tracker['deliveries']>[0]>
type Delivery = Awaited<ReturnType<Tracker['deliveries']>>[number]

const timeOf = (ms: number): string => new Date(ms).toISOString()

/** A delivery without the fields that only the store needs, such as the token of its claim. */
const showDelivery = (delivery: Delivery) => {
  const { key, adapter, action, state, via, attempts, plannedAt, settledAt, reason, doubtSince } = delivery
  return {
    ...{ key, adapter, action, state, mode: via, attempts, plannedAt: timeOf(plannedAt) },
    ...(settledAt === undefined ? {} : { settledAt: timeOf(settledAt) }),
    ...(doubtSince === undefined ? {} : { inDoubt: true }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Deliveries as results show them. */
export const listDeliveries = async ({ tracker }: OperationContext, filter: Filter) =>
  (await tracker.deliveries(filter)).map(showDelivery)

/** Whether a delivery belongs to a session of the caller, or to a call that the caller asked for. */
export const ownsDelivery = async (
  context: OperationContext,
  { lane, key }: Pick<Delivery, 'lane' | 'key'>,
): Promise<boolean> => {
  if (hasScope(context, 'any')) return true
  if (key.startsWith(ownKey(context, ''))) return true
  try {
    return owns(context, await context.tracker.session(lane).load())
  } catch (thrown) {
    if (isTrackerError(thrown) && thrown.code === 'NO_SUCH_SESSION') return false
    throw thrown
  }
}

/** Refuses keys of deliveries that the caller may not touch; one of another subject is as unknown as one that is missing. */
export const needOwnDeliveries = async (
  context: OperationContext,
  keys: readonly string[],
): Promise<readonly Delivery[]> => {
  const found = await context.tracker.deliveries({ keys, limit: keys.length })
  for (const key of keys) {
    const delivery = found.find(each => each.key === key)
    if (delivery === undefined || !(await ownsDelivery(context, delivery)))
      throw refuse('NO_SESSION', `key: unknown delivery; got "${key}".`, 'List them with deliveries.')
  }
  return found
}
