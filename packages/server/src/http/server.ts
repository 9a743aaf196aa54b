import { createAuthenticate, type Verify } from '../access/authenticate.ts'
import type { AccessSettings } from '../access/settings.ts'
import { adapterRoutes } from '../actions/adapters.ts'
import { taigaRoutes } from '../actions/taiga.ts'
import type { OperationContext } from '../operations/operation.ts'
import type { Workspace } from '../options.ts'
import { createServerFactory } from '../tools/server.ts'
import { apiRoutes } from './api.ts'
import { createApp } from './app.ts'
import { createGate } from './gate.ts'
import { endIdle } from './idle.ts'
import { listen } from './listen.ts'
import { mountMcp, subjectOf } from './mcp-mount.ts'
import { openRoutes } from './open.ts'
import { openapiRoute } from './openapi.ts'

/** Requests that are answered at once. */
const AT_ONCE = 100
/** Streams of changes that are open at once. */
const STREAMS = 50
/** Longest time without a call in a session of a caller, ms. */
const IDLE_MS = 4 * 60 * 60 * 1_000
/** How often idle sessions are looked for, ms. */
const LOOK_MS = 60_000
/** Longest time that requests under way may take when the server ends, ms. Docker kills a container 10 s after its signal. */
const GRACE_MS = 8_000

/** Options of `serveHttp`. */
export type HttpOptions = Readonly<{
  /** It is served; the caller closes it after the server. */
  workspace: Pick<Workspace, 'root' | 'tracker' | 'adapters' | 'notes' | 'show'>
  /** The accepted callers, hosts and origins. */
  access: AccessSettings
  /** Names the callers instead of `access.apiKey` and `access.jwt`. Default: they do. */
  verify?: Verify
  /** The address to listen on. Default 127.0.0.1. */
  host?: string
  /** The port; 0 chooses a free one. Default 8787. */
  port?: number
  /** Groups of tools that MCP offers: `session`, `review`, names of adapters, or `all`. Default `['session']`. */
  toolsets?: readonly string[]
  /** How names of tools are written. Default `snake`. */
  toolNames?: 'snake' | 'dotted'
  /** True: destructive actions may be called, by who has the scope, where the adapter allows them. Default false. */
  allowDestructive?: boolean
  /** Receives a line for each error of the server's own. Default: they are left out. */
  log?: (line: string) => void
  /** Sessions that callers began here end as `left` after this time without a call, ms; a later call resumes them. Default 4 hours. */
  idleMs?: number
}>

/** A workspace that is served over HTTP. */
export interface HttpServer {
  /** The port that it listens on. */
  readonly port: number
  /** Requests that are being answered. */
  underWay(): number
  /** Takes no more requests, answers those under way, for at most 10 s, and ends. */
  close(): Promise<void>
}

/** Serves a workspace over HTTP. Throws `CONFIG` where the address cannot be had. */
export const serveHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const { workspace, access, verify, host = '127.0.0.1', port = 8787 } = options
  const { toolsets = ['session'], toolNames = 'snake', allowDestructive = false } = options
  const { log = () => undefined, idleMs = IDLE_MS } = options
  const { root, tracker, adapters, notes = [], show } = workspace
  const now = Date.now
  const context: OperationContext = {
    ...{ tracker, adapters, workspace: root, notes },
    ...(show === undefined ? {} : { show }),
  }
  const acting = { ...context, allowDestructive }
  const factory = createServerFactory({
    contextOf: authInfo => ({ ...context, subject: subjectOf(authInfo) }),
    adapters,
    toolsets,
    allowDestructive,
    toolNames,
    report: thrown => log(`mcp: ${thrown instanceof Error ? thrown.message : String(thrown)}`),
  })
  const mcp = mountMcp(factory, error => log(`mcp: ${error.message}`))
  const gate = createGate(AT_ONCE)
  const streams = createGate(STREAMS)
  let ending = false
  const app = createApp({
    routes: [
      ...openRoutes(verify === undefined ? access : {}),
      openapiRoute(),
      ...apiRoutes({ context, now }),
      ...taigaRoutes(acting),
      ...adapterRoutes(acting),
    ],
    mcp: mcp.serve,
    authenticate: createAuthenticate(access, verify),
    site: { bound: host, hosts: access.hosts, origins: access.origins },
    gate,
    streams,
    isEnding: () => ending,
    log,
    now,
  })
  const listening = await listen(app, { host, port })
  const idle = setInterval(() => {
    void endIdle(tracker, now() - idleMs).catch((thrown: unknown) => log(`idle sessions: ${String(thrown)}`))
  }, LOOK_MS).unref()
  return {
    port: listening.port,
    underWay: () => gate.taken,
    close: async () => {
      ending = true
      clearInterval(idle)
      const closed = listening.close(GRACE_MS)
      // The handler of MCP aborts its calls when it is closed, so that those under way are awaited first.
      await Promise.race([gate.idle(), closed])
      await mcp.close()
      await closed
    },
  }
}
