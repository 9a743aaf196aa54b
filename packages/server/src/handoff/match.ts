import type { Json } from '@sessionwire/core'
import type { McpPayload, ToolCall } from './translate.ts'

/** A tool that the host's model has. */
export type HostTool = Readonly<{
  /** Its name as the model sees it, with what the host puts before it. */
  name: string
  /** JSON Schema of its arguments. Default: unknown, and only the name is compared. */
  inputSchema?: Readonly<Record<string, unknown>> | undefined
}>

/** The tool to call and its arguments, or why there is none. */
export type Matched = Readonly<
  | {
      call: ToolCall
      /** Arguments that an older version of the same tool takes, where the host did not say which one it has. */
      ifRefused?: ToolCall['arguments']
    }
  | { reason: string }
>

/** Whether a name of a host is that of a tool: hosts put the server's name before it, with one of these between. */
const isNamed = (name: string, tool: string): boolean =>
  name === tool || (name.endsWith(tool) && /[_\-./:]$/.test(name.slice(0, -tool.length)))

const unknownArguments = (
  { inputSchema }: HostTool,
  args: Readonly<Record<string, Json>>,
): readonly string[] => {
  const { properties } = (inputSchema ?? {}) as Readonly<{ properties?: object }>
  return properties === undefined ? [] : Object.keys(args).filter(name => !Object.hasOwn(properties, name))
}

/** The newest of a call's names that the host has, with its name there. */
export const matchTool = (
  { server, otherwise = [], ...first }: McpPayload,
  tools: readonly HostTool[],
): Matched => {
  const calls: readonly ToolCall[] = [first, ...otherwise]
  const wanted = [...new Set(calls.map(({ tool }) => tool))].join(' or ')
  let reason = `the host has no tool ${wanted}; connect ${server}`
  for (const { tool, arguments: args } of calls) {
    const named = tools.filter(({ name }) => isNamed(name, tool))
    const fitting = named.filter(each => unknownArguments(each, args).length === 0)
    const [only] = fitting
    if (only !== undefined && fitting.length === 1) {
      const older = calls.find(each => each.tool === tool && each.arguments !== args)
      return {
        call: { tool: only.name, arguments: args },
        ...(only.inputSchema === undefined && older !== undefined ? { ifRefused: older.arguments } : {}),
      }
    }
    if (fitting.length > 1)
      reason = `${fitting.length} tools of the host are named ${tool}: ${fitting.map(({ name }) => name).join(', ')}; pass only the one of ${server}`
    const [changed] = named
    if (changed !== undefined && fitting.length === 0)
      reason = `${changed.name} has no argument ${unknownArguments(changed, args).join(', ')}: the vendor changed it`
  }
  return { reason }
}
