import { PassThrough } from 'node:stream'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { currentOf } from './current.ts'
import type { OperationContext } from './operations/operation.ts'
import type { Environment, ServerOptions } from './options.ts'
import { createServerFactory } from './tools/server.ts'
import { readToolChoice } from './tools/words.ts'

/** How long a server whose input ended may go on delivering, ms. Clients of the protocol end it by signals after 2 s. */
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

/** Aborted when the process is asked to end. Each of the signals ends it at once when it comes again. */
const listenForSignals = (): AbortSignal => {
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => asked.abort())
  return asked.signal
}

/** Resolves when the client has gone: its end of the input closes, or the process is asked to end. */
const untilEnd = (asked: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => resolve())
    asked.addEventListener('abort', () => resolve())
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
 * Serves a workspace over standard input and output (MCP), until the input ends or the process gets a signal. It delivers
 * meanwhile, and for a moment after the input ended. After a signal it begins no request, because Claude Code kills a server
 * half a second later, and a request that is cut off has to wait before it may be repeated. The rest is left to
 * `deliverLater` of the workspace. Throws `CONFIG` for an unknown toolset.
 */
export const runMcp = async ({ cwd, env, openWorkspace, words }: ServerOptions): Promise<void> => {
  const choice = readToolChoice(words)
  const note = (text: string): void => {
    process.stderr.write(`sessionwire: ${text}\n`)
  }
  const open = () => openWorkspace(folderOf(cwd, env), { env, deliver: true, tolerant: true, note })
  let opened = await open()
  const { adapters, root } = opened
  const problems = opened.problems.map(({ adapter, message }) => `${adapter} is left out: ${message}`)
  for (const each of problems) note(each)
  const notes = [...(opened.notes ?? []), ...problems]
  if (process.stdin.isTTY)
    note(
      'it waits for an agent host, which starts it: sessionwire install registers it there. Ctrl-C ends it.',
    )
  const asked = listenForSignals()
  const end = untilEnd(asked)
  let own: string | undefined
  const calls = new Set<Promise<unknown>>()
  let renewing: Promise<void> | undefined
  /** Opens the workspace again, with a store of its own; the client's session is in none any more. */
  const renew = async (): Promise<void> => {
    const before = opened
    opened = await open()
    note('the store was removed while it was in use: there is a new one, without its sessions')
    void Promise.allSettled(calls)
      .then(() => before.close())
      .catch(thrown => note(String(thrown)))
  }
  const afterError = async ({ tracker }: OperationContext): Promise<string> => {
    if (tracker === opened.tracker) {
      if (opened.isGone?.() !== true) return ''
      renewing ??= renew().finally(() => {
        renewing = undefined
      })
      try {
        await renewing
      } catch (thrown) {
        note(String(thrown))
        return ''
      }
    }
    return ' There is a new store now, without the sessions of before: begin one, and call this again.'
  }
  const handle = serveStdio(
    createServerFactory({
      ...choice,
      adapters,
      contextOf: () => ({
        ...{ tracker: opened.tracker, adapters, workspace: root, notes },
        current: asker => currentOf(opened, asker, own),
        began: id => {
          own = id
        },
        ...(opened.show === undefined ? {} : { show: opened.show }),
      }),
      afterError,
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
    // Before the calls, which may take longer than the host gives the process.
    // Where it fails, the calls are answered all the same, and it is tried again after them.
    if (asked.aborted) await opened.deliverLater?.().catch(() => undefined)
    await untilAnswered(calls)
    await handle.close()
    if (!asked.aborted) await opened.tracker.drain({ timeoutMs: LAST_MS, signal: asked })
    await opened.deliverLater?.()
  } finally {
    await opened.close()
    // An input that is still open would keep the process alive.
    process.stdin.destroy()
  }
}
