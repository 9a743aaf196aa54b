import { createTracker, memoryStore, type Tracker } from '@sessionwire/core'
import { serveHttp } from '@sessionwire/server'

/** A server that is tried. */
export type Served = Readonly<{ url: string; close: () => Promise<void> }>

/**
 * A server in memory that lets every caller in, for tools that cannot send a credential. Only this machine reaches it.
 * `goal`: of a session that is there already.
 */
export const serveOpen = async (goal?: string): Promise<Served> => {
  const tracker = (await createTracker({
    ...{ project: 'conformance', user: 'Ada', store: memoryStore(), machine: false, deliver: false },
  })) as Tracker
  if (goal !== undefined) await tracker.start({ goal, metadata: { startedBy: 'own:anybody' } })
  const server = await serveHttp({
    workspace: { root: '/', tracker, adapters: [] },
    access: { hosts: [], origins: [] },
    verify: async () => ({ subject: 'anybody', scopes: ['read', 'record', 'act'] }),
    port: 0,
    toolsets: ['session', 'review'],
  })
  return {
    url: `http://127.0.0.1:${server.port}/mcp`,
    close: async () => {
      await server.close()
      await tracker.close()
    },
  }
}
