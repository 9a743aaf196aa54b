import type { Json } from '@sessionwire/core'
import {
  type AnyAdapter,
  type Descriptor,
  fieldsOf,
  invalidConfig,
  type Renderer,
  type Reply,
  slotOf,
  type Variables,
} from '@sessionwire/core/adapter'
import type { McpPayload } from './translate.ts'
import { translate } from './translate.ts'
import { VENDORS } from './vendors.ts'

const showValue = (value: Json, names: Variables): Json => {
  if (value === null || typeof value !== 'object') return value
  const slot = slotOf(value)
  if (slot !== undefined) return `<${names.of(slot)}>`
  if (Array.isArray(value)) return value.map(each => showValue(each as Json, names))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, showValue(inner, names)]))
}

/** Writes a call of a tool as the message that a client sends. */
const renderer: Renderer = {
  format: 'mcp',
  write: ({ payload }, names) => {
    const { tool, arguments: args } = payload as unknown as McpPayload
    const params = { name: tool, arguments: showValue(args, names) }
    return JSON.stringify({ method: 'tools/call', params }, null, 2)
  },
  comment: text => `// ${text}`,
  about: ({ payload }) => {
    const { tool, server, unverified } = payload as unknown as McpPayload
    return `${tool} of ${server}${unverified === undefined ? '' : ` (not verified: ${unverified})`}`
  },
}

/** The answer of a tool in the form that `acknowledge` gives it to the adapter. */
const answerIn = (reply: Reply): Readonly<{ isError: boolean; text: string }> | undefined => {
  const { mcp } = reply.kind === 'answer' ? fieldsOf(reply.body) : {}
  const { isError, text } = fieldsOf(mcp)
  return mcp === undefined ? undefined : { isError: isError === true, text: String(text ?? '') }
}

const describe = (descriptor: Descriptor): string => {
  const { tool, server } = fieldsOf((descriptor as Readonly<{ payload?: Json }>).payload)
  return `call ${String(tool)} of ${String(server)}`
}

/**
 * An adapter whose requests a host's model makes with the tools of the vendor's own MCP server: its hooks plan calls of
 * these tools, `pending_calls` gives them out and `acknowledge` takes their answers. A request that no tool makes is not planned.
 * The adapter needs no credential, so its reads and direct actions cannot be used.
 * `vendor` names the vendor; default: the adapter's name. Throws `CONFIG` for a vendor without tools.
 */
export const viaMcp = <A extends AnyAdapter>(adapter: A, vendor: string = adapter.name): A => {
  const found = Object.hasOwn(VENDORS, vendor) ? VENDORS[vendor] : undefined
  if (found === undefined || Object.keys(found.actions).length === 0)
    throw invalidConfig({
      field: `adapters.${adapter.name}.via`,
      problem: `no tool of ${vendor}'s MCP server writes what this adapter writes`,
      expected: `one of ${Object.keys(VENDORS)
        .filter(name => Object.keys(VENDORS[name]?.actions ?? {}).length > 0)
        .join(', ')}`,
    })
  return {
    ...adapter,
    mode: 'handoff',
    // The host's own connections have the credentials: a process without ours lacks nothing.
    secrets: [],
    transform: (descriptor: Descriptor, ...rest: readonly [never, never]) => {
      const changed = adapter.transform === undefined ? descriptor : adapter.transform(descriptor, ...rest)
      return changed === undefined ? undefined : translate(found, adapter.config as Json, changed)
    },
    outcome: (reply: Reply, ...rest: readonly [never]) => {
      const answer = answerIn(reply)
      if (answer === undefined) return adapter.outcome(reply, ...rest)
      return answer.isError ? { kind: 'rejected', reason: answer.text } : { kind: 'delivered' }
    },
    ...(adapter.isOwn === undefined
      ? {}
      : {
          isOwn: (reply: Reply) => answerIn(reply) !== undefined || adapter.isOwn?.(reply as never) === true,
        }),
    renderers: { ...adapter.renderers, mcp: renderer },
    describe: Object.fromEntries(Object.keys(found.actions).map(action => [action, describe])),
  } as unknown as A
}
