import type { AnyAdapter } from '@sessionwire/core/adapter'
import { Refused, refuse } from '../access/refusal.ts'
import type { OperationContext } from '../operations/operation.ts'
import { type Performed, type PerformOptions, performAction } from '../operations/perform.ts'

/** The context of an operation, and the server's own permission. */
export type ActionContext = OperationContext &
  Readonly<{
    /** Whether actions that delete may be called at all. */
    allowDestructive: boolean
  }>

type Entry = Readonly<{ effect: 'read' | 'write' | 'destructive'; input: unknown; about?: string }>

/** The actions of an adapter, by name. */
export const actionsOf = ({ actions }: Pick<AnyAdapter, 'actions'>): Readonly<Record<string, Entry>> =>
  actions as unknown as Readonly<Record<string, Entry>>

/** An action of an adapter. Throws `Refused` where there is none of this name. */
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
  if (entry !== undefined) return entry
  throw new Refused(
    refuse(404, 'NOT_FOUND', `action: ${adapter} has no action "${action}". GET /actions lists them.`),
  )
}

/** Sends a write and waits for the service. An action that deletes needs the permission of the caller, of the adapter and of the server. */
export const callWrite = (
  context: ActionContext,
  adapter: string,
  action: string,
  input: unknown,
  options: PerformOptions,
): Promise<Performed> => {
  const isRefused =
    findAction(context, adapter, action).effect === 'destructive' &&
    !context.allowDestructive &&
    context.subject?.scopes.has('destructive') === true
  if (isRefused)
    throw new Refused(
      refuse(
        403,
        'FORBIDDEN',
        'Actions that delete are refused here. Start the server with --allow-destructive to allow them.',
      ),
    )
  return performAction(context, adapter, action, input, options)
}
