import {
  type AuthInfo,
  type CallToolResult,
  McpServer,
  type McpServerFactory,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import type { OperationContext } from '../operations/operation.ts'
import { toProblem } from '../operations/refusal.ts'
import { VERSION } from '../version.ts'
import { sessionTools } from './session.ts'
import type { Tool } from './tool.ts'

/** Options of `createServerFactory`. */
export type ServerFactoryOptions = Readonly<{
  /** Gives what the operations of one connection or request work with; `authInfo` is what the caller of the handler passed. */
  contextOf: (authInfo: AuthInfo | undefined) => OperationContext
  /** Groups of tools that are offered. */
  toolsets: readonly string[]
}>

/** A schema that shows its JSON to clients and leaves the check to the operation, whose messages say what to do. */
const unchecked = (json: Readonly<Record<string, unknown>>): StandardSchemaWithJSON<object> => ({
  '~standard': {
    version: 1,
    vendor: 'sessionwire',
    validate: value => ({ value: value as object }),
    jsonSchema: {
      input: () => json as Record<string, unknown>,
      output: () => json as Record<string, unknown>,
    },
  },
})

const text = (content: string) => ({ type: 'text' as const, text: content })

const call = async (
  { run, say }: Tool,
  context: OperationContext,
  input: object,
): Promise<CallToolResult> => {
  try {
    const result = await run(context, input)
    return { content: [text(say(result))], structuredContent: result as Record<string, unknown> }
  } catch (thrown) {
    const { code, message } = toProblem(thrown)
    return { content: [text(`${code}: ${message}`)], isError: true }
  }
}

/** Makes a server for each connection, or each request over HTTP. It keeps nothing between calls. */
export const createServerFactory = ({ contextOf }: ServerFactoryOptions): McpServerFactory => {
  const tools: readonly Tool[] = sessionTools
  return ({ authInfo }) => {
    const context = contextOf(authInfo)
    const server = new McpServer({ name: 'sessionwire', version: VERSION })
    for (const tool of tools) {
      const { name, description, input, annotations } = tool
      server.registerTool(name, { description, inputSchema: unchecked(input), annotations }, given =>
        call(tool, context, given),
      )
    }
    return server
  }
}
