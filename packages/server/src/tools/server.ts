import {
  type AuthInfo,
  type CallToolResult,
  McpServer,
  type McpServerFactory,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import type { AnyAdapter } from '@sessionwire/core/adapter'
import type { OperationContext } from '../operations/operation.ts'
import { isOwn, type Problem, toProblem } from '../operations/refusal.ts'
import { VERSION } from '../version.ts'
import { askerOf } from './asker.ts'
import { registerPrompts } from './prompts.ts'
import { registerResources } from './resources.ts'
import type { Tool } from './tool.ts'
import { chooseTools } from './toolsets.ts'
import type { ToolChoice } from './words.ts'

/** Options of `createServerFactory`. */
export type ServerFactoryOptions = ToolChoice &
  Readonly<{
    /** Adapters that the toolsets are made of. */
    adapters: readonly AnyAdapter[]
    /** Gives what the operations of one connection, or of one request over HTTP, work with. */
    contextOf: (authInfo: AuthInfo | undefined) => OperationContext
    /** Receives errors whose text no caller sees. */
    report: (thrown: unknown) => void
    /** Hears of each call of a tool as it begins. Default: nothing waits for calls. */
    onCall?: (answer: Promise<unknown>) => void
    /** Called after a tool threw, with its context; answers what the caller should know besides. Default: nothing. */
    afterError?: (context: OperationContext) => Promise<string>
  }>

/** Reports an error of the server's own, and gives the report of any error for the caller. */
export type Tell = (context: OperationContext, thrown: unknown) => Problem & Readonly<{ isOwn: boolean }>

const INSTRUCTIONS =
  'Sessions of work, which the tools of the team show: others read what you record. recall finds what was decided before. ' +
  'Record a decision with record_decision, an obstacle with record_blocker, a step that matters to others with session_update. '
const HERE =
  'Without a sessionId a call is about the current session; each result names the session that it used.'
/** Over HTTP nothing tells which of a caller's sessions a call belongs to. */
const REMOTE = 'session_start gives the id of your session: pass it as sessionId with every later call.'

/** A schema that shows its JSON to clients and leaves the check to the tool, whose messages say what to do. */
const passThrough = (json: Readonly<Record<string, unknown>>): StandardSchemaWithJSON<object> => ({
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

/** Makes a server for each connection, or for each request over HTTP. It keeps nothing between calls. */
export const createServerFactory = (options: ServerFactoryOptions): McpServerFactory => {
  const { contextOf, report, onCall, afterError = async () => '' } = options
  const tools = chooseTools(options, options.adapters)
  const tell: Tell = ({ subject }, thrown) => {
    const isRemote = subject !== undefined
    const problem = toProblem(thrown, isRemote)
    const own = isOwn(problem, isRemote)
    if (own) report(thrown)
    return { ...problem, isOwn: own }
  }
  const call = async (tool: Tool, context: OperationContext, input: object): Promise<CallToolResult> => {
    try {
      const result = await tool.run(context, input)
      return {
        content: [{ type: 'text', text: tool.say(result) }],
        structuredContent: (tool.show?.(result) ?? result) as Record<string, unknown>,
      }
    } catch (thrown) {
      const { code, message } = tell(context, thrown)
      return {
        content: [{ type: 'text', text: `${code}: ${message}${await afterError(context)}` }],
        isError: true,
      }
    }
  }
  return ({ authInfo }) => {
    const isHere = contextOf(authInfo).current !== undefined
    const server = new McpServer(
      { name: 'sessionwire', title: 'Sessionwire', version: VERSION },
      { instructions: INSTRUCTIONS + (isHere ? HERE : REMOTE) },
    )
    const contextFor = (asked: ServerContext): OperationContext => {
      const asker = askerOf(server, asked)
      return {
        ...contextOf(authInfo),
        asker,
        author: { kind: 'model', ...(asker.agent && { name: asker.agent }) },
      }
    }
    for (const tool of tools) {
      const { name, description, input, hints } = tool
      const shown = { description, inputSchema: passThrough(input), annotations: hints }
      server.registerTool(name, shown, (args, asked) => {
        const answer = call(tool, contextFor(asked), args)
        onCall?.(answer)
        return answer
      })
    }
    registerResources(server, contextFor, tell)
    registerPrompts(server, contextFor, tell)
    return server
  }
}
