import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server'
import type { Subject } from '../operations/operation.ts'
import type { McpMount } from './app.ts'
import { BODY_BYTES } from './body.ts'

/** MCP over HTTP, both eras: every request has a server of its own, so nothing is kept between two. */
export const mountMcp = (
  factory: McpServerFactory,
  onerror: (error: Error) => void,
): Readonly<{ serve: McpMount; close: () => Promise<void> }> => {
  const handler = createMcpHandler(factory, { legacy: 'stateless', maxRequestBodySize: BODY_BYTES, onerror })
  return {
    serve: (request, subject) =>
      handler.fetch(request, {
        // The credential itself goes no further than here.
        authInfo: { token: '', clientId: subject.id, scopes: [...subject.scopes], extra: { subject } },
      }),
    close: async () => {
      await handler.close()
    },
  }
}

/** The caller that `mountMcp` passed on. */
export const subjectOf = (
  authInfo: Readonly<{ extra?: Readonly<Record<string, unknown>> }> | undefined,
): Subject => (authInfo?.extra?.subject as Subject | undefined) ?? { id: 'nobody', scopes: new Set() }
