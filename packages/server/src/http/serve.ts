import { isLoopback, readAccess } from '../access/settings.ts'
import type { ServerOptions } from '../options.ts'
import { type HttpServer, serveHttp } from './server.ts'
import { describeServer } from './start-lines.ts'
import { parseWords } from './words.ts'

/** Resolves at the first signal to end; the next one ends the process at once. */
const untilSignal = (): Promise<void> =>
  new Promise(resolve => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const end = (): void => {
      for (const signal of signals) process.off(signal, end)
      resolve()
    }
    for (const signal of signals) process.on(signal, end)
  })

const endingLine = ({ underWay }: HttpServer): string => {
  const count = underWay()
  if (count === 0) return 'Ending.'
  return `Ending: ${count} ${count === 1 ? 'request is' : 'requests are'} answered first.`
}

/**
 * Serves a workspace over HTTP until the process gets a signal (SIGTERM, SIGINT, SIGHUP); then it answers the requests under
 * way and closes the workspace. Throws `CONFIG` for an option or a name of the environment that cannot be used.
 */
export const runServe = async ({ cwd, env, openWorkspace, words }: ServerOptions): Promise<void> => {
  const { host, port, ...tools } = parseWords(words)
  const access = readAccess(env, { host })
  const log = (line: string): void => void process.stderr.write(`${line}\n`)
  const workspace = await openWorkspace(cwd, { env, deliver: true, tolerant: false, note: log })
  try {
    const server = await serveHttp({ workspace, access, host, port, ...tools, log })
    const ended = untilSignal()
    for (const note of workspace.notes ?? []) log(note)
    const { root, adapters } = workspace
    const { allowDestructive } = tools
    const about = { root, adapters, access, host, port: server.port, allowDestructive }
    process.stdout.write(`${describeServer({ ...about, isLocal: isLoopback(host) }).join('\n')}\n`)
    await ended
    process.stdout.write(`${endingLine(server)}\n`)
    await server.close()
  } finally {
    await workspace.close()
  }
}
