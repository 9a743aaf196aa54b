/**
 * Serves a workspace to agent hosts over MCP, and to any language over HTTP.
 * @module index
 */
export type { Verify, VerifyRequest } from './access/authenticate.ts'
export type { JwtSettings } from './access/jwt.ts'
export { type AccessOptions, type AccessSettings, readAccess } from './access/settings.ts'
export { viaMcp } from './handoff/via-mcp.ts'
export { runServe } from './http/serve.ts'
export { type HttpOptions, type HttpServer, serveHttp } from './http/server.ts'
export { runMcp } from './mcp.ts'
export type { Scope } from './operations/operation.ts'
export type { Environment, ServerOptions, Workspace } from './options.ts'
