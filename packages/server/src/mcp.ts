import { PassThrough } from 'node:stream'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { currentOf } from './current.ts'
import type { Environment, ServerOptions } from './options.ts'
import { createServerFactory } from './tools/server.ts'
import { readToolChoice } from './tools/words.ts'

/** How long the end of the server may go on delivering, ms. Hosts kill a server that stays. */
const LAST_MS = 1_500
/** How long calls that are under way when the input ends may take to be answered, ms. */
const ANSWER_MS = 2_000
/** Variables in which hosts name the folder of their project. */
const PROJECTS: readonly string[] = ['CLAUDE_PROJECT_DIR', 'GEMINI_PROJECT_DIR', 'COPILOT_PROJECT_DIR']

/** The folder that the host works in: it may start its servers elsewhere. */
const folderOf = (cwd: string, env: Environment): string =>
  PROJECTS.flatMap(name => env[name] || []).find(
    folder => folder.startsWith('/') || /^[A-Za-z]:/.test(folder),
  ) ?? cwd

/** Resolves when the client has gone: its end of the input closes, or it sends a signal. */
const untilEnd = (): Promise<void> =>
  new Promise(resolve => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    process.stdin.once('error', () => resolve())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

/** Waits for the answers of calls: input that comes from a file or a pipe ends with its last call, which is answered all the same. */
const untilAnswered = async (calls: ReadonlySet<Promise<unknown>>): Promise<void> => {
  const until = Date.now() + ANSWER_MS
  // A turn of the loop for calls that were read and not begun yet, and one for answers to be written.
  await setImmediate()
  while (calls.size > 0 && Date.now() < until)
    await Promise.race([Promise.allSettled(calls), setTimeout(until - Date.now(), undefined, { ref: false })])
  await setImmediate()
}

/**
 * Serves a workspace over standard input and output (MCP), until the input ends. It delivers in the background and goes on
 * for a moment at the end; what is left then is delivered by the next command. Throws `CONFIG` for an unknown toolset.
 */
export const runMcp = async ({ cwd, env, openWorkspace, words }: ServerOptions): Promise<void> => {
  const choice = readToolChoice(words)
  const note = (text: string): void => {
    process.stderr.write(`sessionwire: ${text}\n`)
  }
  const opened = await openWorkspace(folderOf(cwd, env), { env, deliver: true, tolerant: true, note })
  const { tracker, adapters, root, show } = opened
  const problems = opened.problems.map(({ adapter, message }) => `${adapter} is left out: ${message}`)
  for (const each of problems) note(each)
  const notes = [...(opened.notes ?? []), ...problems]
  if (process.stdin.isTTY)
    note(
      'it waits for an agent host, which starts it: sessionwire install registers it there. Ctrl-C ends it.',
    )
  const end = untilEnd()
  let own: string | undefined
  const calls = new Set<Promise<unknown>>()
  const handle = serveStdio(
    createServerFactory({
      ...choice,
      adapters,
      contextOf: () => ({
        ...{ tracker, adapters, workspace: root, notes },
        current: asker => currentOf(opened, asker, own),
        began: id => {
          own = id
        },
        ...(show === undefined ? {} : { show }),
      }),
      onCall: answer => {
        calls.add(answer)
        void answer.finally(() => calls.delete(answer))
      },
      report: thrown => note(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
    }),
    {
      // The transport would drop the answers of all calls that are under way when its input ends.
      transport: new StdioServerTransport(process.stdin.pipe(new PassThrough(), { end: false })),
      onerror: error => note(error.message),
    },
  )
  try {
    await end
    await untilAnswered(calls)
    await handle.close()
    await tracker.drain({ timeoutMs: LAST_MS })
  } finally {
    await opened.close()
  }
}
