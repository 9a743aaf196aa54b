import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { ServerOptions } from './options.ts'
import { createServerFactory } from './tools/server.ts'

/** Serves a workspace over standard input and output (MCP), until the input ends. */
export const runMcp = async ({ cwd, env, openWorkspace }: ServerOptions): Promise<void> => {
  const note = (text: string): void => {
    process.stderr.write(`${text}\n`)
  }
  const opened = await openWorkspace(cwd, { env, deliver: true, tolerant: true, note })
  const { tracker, adapters, root, current } = opened
  const factory = createServerFactory({
    contextOf: () => ({ tracker, adapters, current, workspace: root }),
    toolsets: ['session'],
  })
  const handle = serveStdio(factory, { onerror: error => note(error.message) })
  await new Promise<void>(resolve => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
  })
  await handle.close()
  await opened.close()
}
