import type { AnyAdapter } from '../adapter/contract.ts'
import { type Action, type Effect, type Read, repeatable } from '../adapter/plan.ts'
import { targetOf } from '../delivery/place.ts'
import { checkDescriptor } from '../descriptor/check.ts'
import type { Descriptor } from '../descriptor/descriptor.ts'
import { needs } from '../descriptor/refs.ts'
import { isTrackerError } from '../session/errors.ts'
import { INIT_LANE } from '../session/events.ts'
import { nameOf } from '../session/input.ts'
import { checkJson } from '../session/json.ts'
import { invalidConfig, invalidInput } from '../session/message.ts'
import { custom, filled, optional, optionsOf } from '../session/options.ts'
import type { Json } from '../session/schema.ts'
import { unknownName } from '../session/words.ts'
import type { LanePlan, Placed } from '../store/contract.ts'
import type { ActEvent, Acted, ActOptions, NotRecorded } from './calls.ts'
import { adapterOf, type RecorderContext } from './context.ts'
import { filterAct } from './filter.ts'
import { loadSession } from './live-session.ts'
import { catchUp, toIncoming } from './planning.ts'
import { announce, retryConflicts } from './record.ts'

/** The action of a name. Throws `INVALID_INPUT` naming those that fit the call: reads for `read`, else writes. */
export const actionOf = (
  { actions, name: adapter }: AnyAdapter,
  name: string,
  where: string,
): Action<never, unknown> | Read<never, never, unknown> => {
  if (Object.hasOwn(actions, nameOf(`${where}.action`, name))) return actions[name] as Action<never, unknown>
  const fitting = Object.entries(actions as Readonly<Record<string, { effect: Effect }>>)
    .filter(([, { effect }]) => (effect === 'read') === (where === 'read'))
    .map(([each]) => each)
  throw invalidInput({
    field: `${where}.action`,
    ...unknownName(`action of ${adapter}`, name, fitting.sort()),
  })
}

/**
 * Checks the input of an action or read: JSON, in which nothing can pass for a placeholder. Left out, it is an empty object,
 * and the action's schema names what is missing.
 */
export const plainInput = (input: unknown = {}, where: string): Json => {
  const checked = checkJson(input)
  if (checked.ok) return checked.value
  throw invalidInput({ field: [where, ...checked.path].join('.'), ...checked.problem })
}

const writeOf = (adapter: AnyAdapter, name: string): Action<never, unknown> => {
  const action = actionOf(adapter, name, 'act')
  if (action.effect === 'read')
    throw invalidInput({ field: 'act.action', problem: `"${name}" only reads`, todo: 'Use read.' })
  if (action.effect === 'destructive' && adapter.allowDestructive !== true)
    throw invalidConfig({
      field: 'act.action',
      problem: `"${name}" of ${adapter.name} is destructive`,
      todo: "Set allowDestructive: true in the adapter's options.",
    })
  return action as Action<never, unknown>
}

const isKey = (key: unknown): boolean =>
  typeof key === 'string' && /^[^\s\p{Cc}]{1,200}$/u.test(key) && key !== INIT_LANE

const ACT = optional({
  sessionId: filled,
  key: custom<string>(isKey, `a string of 1 to 200 characters without spaces, other than "${INIT_LANE}"`),
})

const notMirrored = (sessionId: string, adapter: string) =>
  invalidInput({
    field: 'act.sessionId',
    problem: `${adapter} does not mirror the session "${sessionId}"`,
    todo: 'Call backfill first, or leave sessionId out.',
  })

/** A lane of its own begins empty, so captures of a session never arrive in it. */
const needsSession = (action: string, adapter: string, missing: readonly string[]) =>
  invalidInput({
    field: 'act.sessionId',
    problem: `"${action}" of ${adapter} needs ${missing.join(', ')} of a session`,
    todo: 'Pass { sessionId }.',
  })

const commitCall = async (
  parts: RecorderContext,
  lanes: readonly LanePlan[],
  descriptor: Descriptor,
): Promise<Acted> => {
  const placed = await parts.store.commit({ events: [], lanes }).catch(async (thrown: unknown) => {
    // The store refuses a known key with other content for every caller; here the caller chose it.
    const isStore = isTrackerError(thrown) && thrown.code === 'STORE' && thrown.field === undefined
    const [used] = isStore ? await parts.store.list({ keys: [descriptor.key], limit: 1 }) : []
    if (used === undefined) throw thrown
    throw invalidInput({
      field: 'act.key',
      problem: `"${descriptor.key}" was already used for a different call`,
      todo: 'Use a new key.',
    })
  })
  announce(parts, lanes, placed)
  const { state, known: before } = placed.find(({ key }) => key === descriptor.key) as Placed
  return { recorded: true, key: descriptor.key, descriptor, state, known: before === true }
}

/**
 * Plans one call of an action and stores it like what a hook plans. With a session it goes to the end of that session's
 * lane and may use what the lane captured; without one it has a lane of its own, named by its key.
 */
export const act = async (
  parts: RecorderContext,
  adapterName: string,
  actionName: string,
  input: unknown,
  options?: ActOptions,
): Promise<Acted | NotRecorded> => {
  const { sessionId, key } = optionsOf('act', options, ACT)
  const adapter = adapterOf(parts, adapterName, 'act')
  const action = writeOf(adapter, actionName)
  const event: ActEvent = {
    type: 'act',
    ...(sessionId === undefined ? {} : { sessionId }),
    time: new Date(parts.now()).toISOString(),
    payload: { adapter: adapter.name, action: actionName, input: plainInput(input, 'act.input') },
  }
  const passed = parts.filter === undefined ? event : filterAct(parts.filter, event)
  if (passed === undefined) return { recorded: false }
  const named = key ?? `${parts.newId()}/${adapter.name}/0`
  const descriptor = repeatable(
    adapter,
    action(passed.payload.input as never)({ key: named, config: adapter.config }),
  )
  checkDescriptor(descriptor)
  const one = toIncoming(adapter, descriptor, 0)
  if (sessionId === undefined) {
    const missing = needs(descriptor)
    if (missing.length > 0) throw needsSession(actionName, adapter.name, missing)
    const lane = {
      adapter: adapter.name,
      lane: named,
      open: { refs: {}, target: targetOf(adapter) },
      deliveries: [one],
    }
    return commitCall(parts, [lane], descriptor)
  }
  return retryConflicts(parts, sessionId, async () => {
    const live = await loadSession(parts, sessionId, true)
    if (!live.through.has(adapter.name)) throw notMirrored(sessionId, adapter.name)
    const behind = await catchUp(parts, sessionId, live, adapter)
    const lane = { ...behind, deliveries: [...behind.deliveries, one] }
    const acted = await commitCall(parts, [lane], descriptor)
    if (behind.through !== undefined) live.through.set(adapter.name, behind.through.to)
    return acted
  })
}
