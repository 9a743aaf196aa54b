import type { SessionSummary, Tracker } from '@sessionwire/core'
import { noSession, usage } from '../failure.ts'
import { type Found, isHere } from './find.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The session that a command is about, and how it was chosen. */
export type Current = Readonly<{
  /** This is the id of the session. */
  id: string
  /** This is the title of the session. */
  title: string
  /** This is the status of the session when it was looked up. */
  status: SessionSummary['status']
  /** `flag`: --session. `environment`: SESSIONWIRE_SESSION. `host`: the host that runs the command. `newest`: the newest active one. */
  by: 'flag' | 'environment' | 'host' | 'newest'
}>

/** The sessions that the hosts around this process name. */
export const listHostSessions = (env: Environment): readonly string[] =>
  HOST_SESSIONS.flatMap(name => env[name] || [])

/** Variables in which hosts name their session to the programs they run. */
const HOST_SESSIONS: readonly string[] = [
  ...['CLAUDE_CODE_SESSION_ID', 'CODEX_SESSION_ID', 'CODEX_THREAD_ID', 'GEMINI_SESSION_ID'],
  'COPILOT_AGENT_SESSION_ID',
]

const LOOKED_AT = 500
const SHORTEST = 4

const toCurrent = ({ id, title, status }: SessionSummary, by: Current['by']): Current => ({
  id,
  title,
  status,
  by,
})

/** The session of an id, or of a unique beginning or end of one. */
export const findSession = async (
  tracker: Pick<Tracker, 'sessions'>,
  wanted: string,
): Promise<SessionSummary> => {
  const all = await tracker.sessions({ limit: LOOKED_AT })
  const exact = all.find(({ id }) => id === wanted)
  if (exact !== undefined) return exact
  const fitting =
    wanted.length < SHORTEST ? [] : all.filter(({ id }) => id.startsWith(wanted) || id.endsWith(wanted))
  const [found] = fitting
  if (found !== undefined && fitting.length === 1) return found
  if (fitting.length > 1)
    throw usage(
      `session: ${fitting.length} sessions fit ${JSON.stringify(wanted)}.`,
      'Give more of the id; `sessionwire sessions` lists them.',
    )
  throw noSession(
    `session: unknown id ${JSON.stringify(wanted.slice(0, 80))}.`,
    '`sessionwire sessions` lists those of this workspace.',
  )
}

const isRootOf = (session: SessionSummary, host: string): boolean => {
  const { hostSession, hostAgent } = session.metadata as Readonly<Record<string, unknown>>
  return hostSession === host && hostAgent === undefined
}

/** A start that is later than this, ms, was written by a clock that was wrong. */
const AHEAD_MS = 300_000

/** Whether a session began later than it is now: it would stay the newest one until the clock is there. */
const isAhead = ({ startedAt }: SessionSummary): boolean => Date.parse(startedAt) > Date.now() + AHEAD_MS

/** The current session: named, of the host that runs us, or the newest active one of the work tree. */
export const findCurrent = async (
  tracker: Pick<Tracker, 'sessions'>,
  place: Pick<Found, 'root' | 'tree'>,
  env: Environment,
  flag?: string,
): Promise<Current | undefined> => {
  if (flag !== undefined) return toCurrent(await findSession(tracker, flag), 'flag')
  const named = env.SESSIONWIRE_SESSION?.trim()
  if (named) return toCurrent(await findSession(tracker, named), 'environment')
  const hosts = listHostSessions(env)
  if (hosts.length > 0) {
    const all = await tracker.sessions({ limit: LOOKED_AT })
    const found = all.find(session => hosts.some(host => isRootOf(session, host)))
    if (found !== undefined) return toCurrent(found, 'host')
  }
  const active = await tracker.sessions({ status: 'active', limit: LOOKED_AT })
  const here = active.filter(({ workspace, parentId }) => parentId === undefined && isHere(workspace, place))
  const newest = here.find(each => !isAhead(each)) ?? here[0]
  return newest === undefined ? undefined : toCurrent(newest, 'newest')
}
