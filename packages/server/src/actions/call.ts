import { randomUUID } from 'node:crypto'
import type { Settled } from '@sessionwire/core'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import { Refused, refuse } from '../access/refusal.ts'
import { needScope, type OperationContext } from '../operations/operation.ts'
import { loadOwn, ownKey } from '../operations/session-of.ts'

/** Longest wait for the answer of a service, ms. */
const WAIT_MS = 10_000

/** What calls of actions work with. */
export type ActionContext = OperationContext &
  Readonly<{
    /** Whether actions that delete may be called at all. */
    allowDestructive: boolean
  }>

/** One call of an action. */
export type ActionCall = Readonly<{
  adapter: string
  action: string
  input: unknown
  /** Makes the call once for its subject. Default: a new one each time. */
  key?: string | undefined
  /** The session whose lane the call joins. Default: none. */
  sessionId?: string | undefined
}>

type Effect = 'read' | 'write' | 'destructive'
type Entry = Readonly<{ effect: Effect; input: unknown; about?: string }>

/** The actions of an adapter, by name. */
export const actionsOf = ({ actions }: Pick<AnyAdapter, 'actions'>): Readonly<Record<string, Entry>> =>
  actions as unknown as Readonly<Record<string, Entry>>

/** An action and its adapter. Throws `Refused` where there is none of this name. */
export const findAction = (
  { adapters }: Pick<OperationContext, 'adapters'>,
  adapter: string,
  action: string,
): Entry => {
  const found = adapters.find(({ name }) => name === adapter)
  if (found === undefined)
    throw new Refused(
      refuse(404, 'NOT_FOUND', `adapter: no adapter "${adapter}" is set up here. GET /actions lists them.`),
    )
  const actions = actionsOf(found)
  const entry = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (entry === undefined)
    throw new Refused(
      refuse(404, 'NOT_FOUND', `action: ${adapter} has no action "${action}". GET /actions lists them.`),
    )
  return entry
}

const NEEDS = { read: ['read'], write: ['act'], destructive: ['act', 'destructive'] } as const

const check = (context: ActionContext, effect: Effect): void => {
  for (const scope of NEEDS[effect]) needScope(context, scope)
  if (effect === 'destructive' && !context.allowDestructive)
    throw new Refused(
      refuse(
        403,
        'FORBIDDEN',
        'Actions that delete are refused here. Start the server with --allow-destructive to allow them.',
      ),
    )
}

/** Runs a read. Throws `TrackerError` where the service does not answer. */
export const callRead = async (
  context: ActionContext,
  { adapter, action, input }: ActionCall,
): Promise<unknown> => {
  check(context, 'read')
  return context.tracker.read(adapter, action, input as never)
}

/** A write as far as it got. */
export type Written = Pick<Settled, 'key' | 'state' | 'captures' | 'inDoubt' | 'reason'> &
  Readonly<{
    /** True: its key was used before, and nothing new was sent. */
    known: boolean
  }>

/**
 * Stores a write and waits up to 10 s for the service; what is not answered then stays in the queue. The key is the subject's
 * own, so that nobody is answered with what somebody else sent.
 */
export const callWrite = async (context: ActionContext, call: ActionCall): Promise<Written> => {
  const { adapter, action, input, key = randomUUID(), sessionId } = call
  check(context, findAction(context, adapter, action).effect)
  const session = sessionId === undefined ? {} : { sessionId: (await loadOwn(context, sessionId)).id }
  const acted = await context.tracker.act(adapter, action, input as never, {
    ...session,
    key: ownKey(context, key),
  })
  if (!acted.recorded)
    throw new Refused(refuse(409, 'NOT_RECORDED', 'The filter of this workspace left the call out.'))
  const settled = await acted.settled({ timeoutMs: WAIT_MS })
  const { key: stored, state, captures, inDoubt, reason } = settled
  return {
    ...{ key: stored, state, captures: captures as Written['captures'], inDoubt, known: acted.known },
    ...(reason === undefined ? {} : { reason }),
  }
}
