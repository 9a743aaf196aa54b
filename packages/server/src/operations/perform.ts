import type { Json, Settled, Tracker } from '@sessionwire/core'
import { type AnyAdapter, failure, invalidInput } from '@sessionwire/core/adapter'
import { needScope, type OperationContext } from './operation.ts'
import { chooseSession, ownKey } from './session-of.ts'

/** How long a caller waits for a service, ms. */
const WAIT_MS = 20_000

/** A call of an action, and where it belongs. */
export type Performed = Readonly<{
  /** The key of the delivery. */
  key: string
  /** Where it stands: `delivered`, `planned` in preview mode, or `waiting` when the time was over. */
  state: Settled['state']
  /** Values of the service's answer, by the action's own names. */
  captures: Readonly<Record<string, Json>>
  /** Why it is not delivered. Absent: it is, or it waits for its turn. */
  reason?: string
  /** True: its key was used before with the same input, and nothing was sent again. */
  repeated?: true
}>

/** Where a call of an action belongs. */
export type PerformOptions = Readonly<{
  /** Makes the call once: another with the same key and input is not sent again. Default: a new one each time. */
  key?: string | undefined
  /** The session whose requests it joins; `current` for the current one. Default: it belongs to none. */
  sessionId?: string | undefined
}>

type Looser = Readonly<{
  act: (
    adapter: string,
    action: string,
    input: unknown,
    options: Readonly<{ key?: string; sessionId?: string }>,
  ) => ReturnType<Tracker['act']>
  read: (adapter: string, action: string, input: unknown) => Promise<unknown>
}>

/** Whether an action may run: a destructive one needs a scope of its own, and the adapter must allow it. */
const needEffect = (context: OperationContext, adapter: AnyAdapter, action: string): void => {
  const found = adapter.actions[action]
  if (found === undefined)
    throw invalidInput({
      field: 'action',
      problem: `${adapter.name} has no action ${JSON.stringify(action)}`,
    })
  needScope(context, found.effect === 'read' ? 'read' : 'act')
  if (found.effect === 'destructive') needScope(context, 'destructive')
}

const adapterOf = ({ adapters }: OperationContext, name: string): AnyAdapter => {
  const found = adapters.find(each => each.name === name)
  if (found === undefined)
    throw invalidInput({ field: 'adapter', problem: `unknown adapter ${JSON.stringify(name)}` })
  return found
}

/** Calls an action and waits for the service. Throws `ADAPTER` with the service's reason where it refuses the call. */
export const performAction = async (
  context: OperationContext,
  adapter: string,
  action: string,
  input: unknown,
  { key, sessionId }: PerformOptions = {},
): Promise<Performed> => {
  needEffect(context, adapterOf(context, adapter), action)
  const session =
    sessionId === undefined
      ? undefined
      : (await chooseSession(context, sessionId === 'current' ? undefined : sessionId)).session.id
  const { act } = context.tracker as unknown as Looser
  const acted = await act(adapter, action, input, {
    key: ownKey(context, key ?? crypto.randomUUID()),
    ...(session === undefined ? {} : { sessionId: session }),
  })
  if (!acted.recorded) throw acted.error ?? failure('CONFIG', { problem: 'the filter left the call out' })
  const { state, captures, reason } =
    acted.state === 'planned'
      ? { state: acted.state, captures: {}, reason: undefined }
      : await acted.settled({ timeoutMs: WAIT_MS })
  if (state === 'dead' || state === 'dropped')
    throw failure('ADAPTER', {
      problem: `${adapter}.${action} is ${state}${reason === undefined ? '' : `: ${reason}`}`,
      todo: `Its delivery is ${acted.key}.`,
    })
  return {
    key: acted.key,
    state,
    captures: captures as Performed['captures'],
    ...(reason === undefined ? {} : { reason }),
    ...(acted.known ? { repeated: true as const } : {}),
  }
}

/** Runs a read. Throws `ADAPTER` when the service does not answer it. */
export const performRead = async (
  context: OperationContext,
  adapter: string,
  action: string,
  input: unknown,
): Promise<unknown> => {
  needEffect(context, adapterOf(context, adapter), action)
  return (context.tracker as unknown as Looser).read(adapter, action, input)
}
