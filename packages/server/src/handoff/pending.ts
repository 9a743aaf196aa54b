import type { Taken } from '@sessionwire/core'
import * as z from 'zod'
import { ownsDelivery } from '../operations/deliveries.ts'
import { defineOperation, type OperationContext, type Result } from '../operations/operation.ts'
import { type HostTool, matchTool } from './match.ts'
import type { McpPayload } from './translate.ts'

/** Calls that are looked at in one adapter at a time. */
const LOOKED_AT = 200
/** Calls that were given out, to whomever, among which the caller's are looked for. */
const BEGUN = 10_000

type Given = Readonly<{ tools: readonly HostTool[]; limit: number }>
type Waiting = { adapter: string; action: string; reason: string; count: number }

const isMcp = ({ call }: Taken): boolean => call?.kind === 'custom' && call.target === 'mcp'

/** Advice for the model about a call, in sentences. Some hosts give a model only the data of a result. */
const adviceOf = (
  payload: McpPayload,
  ifRefused: object | undefined,
  isGivenOut: boolean,
): readonly string[] => {
  const { mark, note, unverified } = payload
  const again =
    mark === undefined
      ? 'It was given out before. It may be made again.'
      : `It was given out before. Look for ${mark} at the service first: where it is, acknowledge with what you find.`
  return [
    ...(ifRefused === undefined ? [] : [`If it refuses an argument: ${JSON.stringify(ifRefused)}`]),
    ...(note === undefined ? [] : [note]),
    ...(unverified === undefined ? [] : [`Check its arguments against your tool first: ${unverified}.`]),
    ...(isGivenOut ? [again] : []),
  ]
}

const showCall = (
  { key, adapter, lane, call }: Taken,
  tools: readonly HostTool[],
  before: ReadonlySet<string>,
) => {
  const payload = (call as Readonly<{ payload: unknown }>).payload as McpPayload
  const matched = matchTool(payload, tools)
  if ('reason' in matched) return matched
  const advice = adviceOf(payload, matched.ifRefused, before.has(key))
  return {
    ...{ key, adapter, sessionId: lane, server: payload.server },
    ...matched.call,
    ...(matched.ifRefused === undefined ? {} : { ifRefused: matched.ifRefused }),
    ...(payload.mark === undefined ? {} : { mark: payload.mark }),
    ...(advice.length === 0 ? {} : { advice }),
    ...(before.has(key) ? { givenOut: true } : {}),
  }
}

type Stored = Awaited<ReturnType<OperationContext['tracker']['deliveries']>>[number]

/** Taken by hand and not acknowledged: the model may have made it. */
const isGivenOut = ({ via, leaseUntil }: Stored): boolean => via === 'handoff' && leaseUntil === undefined

const turns = new WeakMap<object, Promise<unknown>>()

/** Lets one call after the other look: each takes what is there, and puts back what it does not give out. */
const inTurn = <R>({ tracker }: OperationContext, look: () => Promise<R>): Promise<R> => {
  const turn = (turns.get(tracker) ?? Promise.resolve()).then(look, look)
  turns.set(tracker, turn)
  return turn
}

/** Calls that were put back to be given out again, and could not be taken. */
const strays = new WeakMap<object, Set<string>>()

const straysOf = ({ tracker }: OperationContext): Set<string> => {
  const known = strays.get(tracker) ?? new Set()
  strays.set(tracker, known)
  return known
}

/** Gives out the heads of one adapter that are the caller's and that a tool of the host fits; the others go back to their places. */
const giveOut = async (context: OperationContext, name: string, { tools, limit }: Given) => {
  const { tracker } = context
  const isOwn = (each: Pick<Stored, 'lane' | 'key'>) => ownsDelivery(context, each)
  const waiting = new Map<string, Waiting>()
  const wait = (action: string, reason: string): void => {
    const id = `${action} ${reason}`
    const { count = 0 } = waiting.get(id) ?? {}
    waiting.set(id, { adapter: name, action, reason, count: count + 1 })
  }
  // Those that were given out and never acknowledged: their answers may be lost, so they are given out again, marked so. The
  // others of them stay as they are: back in the queue they would be given out as if they were new, and made twice.
  const begun = await tracker.deliveries({ adapter: name, state: 'begun', limit: BEGUN })
  const again: string[] = []
  for (const each of begun) {
    if (!isGivenOut(each) || !(await isOwn(each))) continue
    const { descriptor: call } = each
    if (call?.kind !== 'custom' || call.target !== 'mcp') continue
    const matched = matchTool(call.payload as McpPayload, tools)
    if ('reason' in matched) wait(each.action, matched.reason)
    else if (again.length < limit) again.push(each.key)
  }
  const before = straysOf(context)
  const moved = again.length === 0 ? [] : await tracker.retry(again, { resend: true })
  const left = new Set(moved.flatMap(({ key, state }) => (state === 'waiting' ? [key] : [])))
  for (const key of left) before.add(key)
  const fitting: (readonly [key: string, call: Result])[] = []
  const back: string[] = []
  // Those that were put back stand behind all others that are due, and before those of the caller may be many of others.
  for (let taken: readonly Taken[] | undefined; taken === undefined || taken.length === LOOKED_AT; ) {
    if (taken !== undefined && left.size === 0 && fitting.length >= limit) break
    taken = await tracker.take(name, { limit: LOOKED_AT })
    for (const each of taken) {
      left.delete(each.key)
      const found = isMcp(each)
        ? showCall(each, tools, before)
        : { reason: 'it is an HTTP request, which waits for a program that takes and sends it' }
      const isMine = await isOwn(each)
      if (isMine && 'reason' in found) wait(each.action, found.reason)
      if (isMine && !('reason' in found)) fitting.push([each.key, found])
      else if (!before.delete(each.key)) back.push(each.key)
    }
  }
  fitting.sort(([a], [b]) => Number(before.has(b)) - Number(before.has(a)))
  // One that was given out before is begun now, and stays so, which says it.
  for (const [n, [key]] of fitting.entries()) if (!before.delete(key) && n >= limit) back.push(key)
  if (back.length > 0) await tracker.retry(back, { resend: true })
  return { calls: fitting.slice(0, limit).map(([, call]) => call), waiting: [...waiting.values()] }
}

const tool = z.union([
  z.string().min(1),
  z.looseObject({ name: z.string().min(1), inputSchema: z.record(z.string(), z.unknown()).optional() }),
])

/** Gives the calls that the host's model is to make with its own tools. */
export const pendingCalls = defineOperation({
  name: 'pending_calls',
  about:
    'Gives calls that you are to make with your own tools (of Linear, Jira, GitHub and others), in order. ' +
    'Make each with exactly these arguments, then acknowledge it with the tool’s whole answer.',
  scope: 'act',
  idempotent: false,
  input: z.strictObject({
    tools: z
      .array(tool)
      .max(2_000)
      .describe(
        'Your tools by their full names, or as { name, inputSchema }. A call whose tool you lack stays waiting.',
      ),
    adapter: z.string().min(1).optional().describe('Only calls of this service. Default: all.'),
    limit: z.int().min(1).max(50).optional().describe('Default 5.'),
  }),
  run: async (context, { tools, adapter, limit = 5 }) => {
    const known = tools.map((each): HostTool => (typeof each === 'string' ? { name: each } : each))
    const handed = context.adapters.filter(
      ({ name, mode }) => mode === 'handoff' && (adapter === undefined || name === adapter),
    )
    return inTurn(context, async () => {
      const calls: Result[] = []
      const waiting: Waiting[] = []
      for (const { name } of handed) {
        const given = await giveOut(context, name, { tools: known, limit: limit - calls.length })
        calls.push(...given.calls)
        waiting.push(...given.waiting)
      }
      return { calls, waiting }
    })
  },
})
