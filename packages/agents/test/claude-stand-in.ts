import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { HookInput, SDKResultMessage, SpawnedProcess } from '@anthropic-ai/claude-agent-sdk'

/** What Claude Code 2.1.332 said on its standard output: a hook that it called, or a message. */
export type Row = Readonly<{ run: number; hook?: HookInput; message?: SDKResultMessage }>

/** The two runs that were recorded of the real program: a story, and its session resumed. */
export const recorded: readonly Row[] = readFileSync(
  join(import.meta.dirname, 'fixtures/claude.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map(text => JSON.parse(text) as Row)

type Line = Readonly<{
  type: string
  request_id?: string
  request?: Readonly<{
    subtype: string
    hooks?: Readonly<Record<string, readonly Readonly<{ hookCallbackIds: readonly string[] }>[]>>
  }>
  response?: Readonly<{ request_id: string; response?: unknown }>
}>

/**
 * Stands in for the program of Claude Code: it speaks its protocol with the SDK, and calls hooks and answers as the real one
 * did. `answers` collects what the hooks answered.
 */
export const spawnStandIn =
  (rows: readonly Row[], answers: unknown[] = []) =>
  (): SpawnedProcess => {
    const [stdin, stdout, events] = [new PassThrough(), new PassThrough(), new EventEmitter()]
    const ids = new Map<string, string>()
    const waiting = new Map<string, (answer: unknown) => void>()
    const send = (line: object) => stdout.write(`${JSON.stringify(line)}\n`)
    let exitCode: number | null = null
    const exit = () => {
      if (exitCode !== null) return
      exitCode = 0
      stdout.end()
      events.emit('exit', 0, null)
    }
    const play = async () => {
      for (const [n, { hook, message }] of rows.entries()) {
        if (message !== undefined) send(message)
        const id = hook === undefined ? undefined : ids.get(hook.hook_event_name)
        if (id === undefined) continue
        const request = { subtype: 'hook_callback', callback_id: id, input: hook }
        const answer = new Promise(resolve => waiting.set(String(n), resolve))
        send({ type: 'control_request', request_id: String(n), request })
        answers.push(await answer)
      }
    }
    createInterface({ input: stdin })
      .on('line', text => {
        const { type, request_id, request, response } = JSON.parse(text) as Line
        if (type === 'user') void play()
        if (type === 'control_response') waiting.get(response?.request_id ?? '')?.(response?.response)
        if (type !== 'control_request') return
        for (const [event, [matcher]] of Object.entries(request?.hooks ?? {}))
          ids.set(event, matcher?.hookCallbackIds[0] ?? '')
        send({ type: 'control_response', response: { subtype: 'success', request_id, response: {} } })
      })
      .on('close', exit)
    return {
      ...{ stdin, stdout, killed: false },
      get exitCode() {
        return exitCode
      },
      kill: () => {
        exit()
        return true
      },
      on: (name, listener) => void events.on(name, listener),
      once: (name, listener) => void events.once(name, listener),
      off: (name, listener) => void events.off(name, listener),
    } as SpawnedProcess
  }
