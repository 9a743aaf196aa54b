import type { Taken } from '@sessionwire/core'
import * as z from 'zod'
import { ownsDelivery } from '../operations/deliveries.ts'
import { defineOperation, type OperationContext, type Result } from '../operations/operation.ts'
import { type HostTool, matchTool } from './match.ts'
import type { McpPayload } from './translate.ts'

/** Calls that are looked at in one adapter at a time. */
const LOOKED_AT = 200

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

/** Gives out the heads of one adapter that a tool of the host fits; the others go back to their places. */
const giveOut = async (context: OperationContext, name: string, { tools, limit }: Given) => {
  const { tracker } = context
  // Those that were given out and never acknowledged: their answers may be lost, so they are given out again, marked so.
  const begun = await tracker.deliveries({ adapter: name, state: 'begun', limit: LOOKED_AT })
  const before = new Set(
    begun.flatMap(({ key, via, leaseUntil }) => (via === 'handoff' && leaseUntil === undefined ? [key] : [])),
  )
  if (before.size > 0) await tracker.retry([...before], { resend: true })
  const isNew = ({ key }: Taken) => (before.has(key) ? 0 : 1)
  const taken = [...(await tracker.take(name, { limit: LOOKED_AT }))].sort((a, b) => isNew(a) - isNew(b))
  const calls: Result[] = []
  const waiting = new Map<string, Waiting>()
  const back: string[] = []
  for (const each of taken) {
    const found = isMcp(each)
      ? showCall(each, tools, before)
      : { reason: 'it is an HTTP request, which waits for a program that takes and sends it' }
    if ('reason' in found) {
      const id = `${each.action} ${found.reason}`
      const { count = 0 } = waiting.get(id) ?? {}
      waiting.set(id, { adapter: name, action: each.action, reason: found.reason, count: count + 1 })
    }
    if ('reason' in found || calls.length >= limit || !(await ownsDelivery(context, each)))
      back.push(each.key)
    else calls.push(found)
  }
  if (back.length > 0) await tracker.retry(back, { resend: true })
  return { calls, waiting: [...waiting.values()] }
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
    const calls: Result[] = []
    const waiting: Waiting[] = []
    for (const { name } of handed) {
      const given = await giveOut(context, name, { tools: known, limit: limit - calls.length })
      calls.push(...given.calls)
      waiting.push(...given.waiting)
    }
    return { calls, waiting }
  },
})
