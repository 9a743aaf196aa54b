/**
 * Serves a workspace to agent hosts over MCP, and to any language over HTTP.
 * @module index
 */
export { runServe } from './http/serve.ts'
export { runMcp } from './mcp.ts'
export type { Environment, ServerOptions, Workspace } from './options.ts'
