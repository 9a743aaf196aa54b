import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import type { Asker } from '../operations/operation.ts'

/** Hosts by what their clients call themselves, and their names for people. Cursor's name has that of the editor below it. */
const HOSTS: readonly (readonly [pattern: RegExp, host: string, agent: string])[] = [
  [/claude/, 'claude', 'Claude Code'],
  [/codex/, 'codex', 'Codex'],
  [/gemini/, 'gemini', 'Gemini CLI'],
  [/copilot/, 'copilot', 'Copilot CLI'],
  [/cursor/, 'cursor', 'Cursor'],
  [/visual studio code|vscode/, 'vscode', 'VS Code'],
]

/** Codex names its session in each call: an object, or the JSON of one. */
const TURN = 'x-codex-turn-metadata'

const sessionIn = (meta: Readonly<Record<string, unknown>> | undefined): string | undefined => {
  const given = meta?.[TURN]
  let turn: unknown
  try {
    turn = typeof given === 'string' ? JSON.parse(given) : given
  } catch {
    return undefined
  }
  const { session_id: id } = (turn ?? {}) as Readonly<{ session_id?: unknown }>
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** The host behind a call, as far as the call says: it may say anything, so that only the person's own server asks. */
export const askerOf = ({ server }: McpServer, { mcpReq }: ServerContext): Asker => {
  // Clients of 2026 name themselves in each call; those before do it once, when they connect.
  const { [CLIENT_INFO_META_KEY]: client = server.getClientVersion() } = (mcpReq.envelope ?? {}) as Readonly<{
    [CLIENT_INFO_META_KEY]?: Readonly<{ name?: unknown }>
  }>
  const name = String(client?.name ?? '').toLowerCase()
  const found = HOSTS.find(([pattern]) => pattern.test(name))
  const session = sessionIn(mcpReq._meta)
  return {
    ...(found === undefined ? {} : { host: found[1], agent: found[2] }),
    ...(session === undefined ? {} : { session }),
  }
}
