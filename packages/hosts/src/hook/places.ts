import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Environment } from './host.ts'
import type { HostName } from './line.ts'

/** The folder of this user's data: `SESSIONWIRE_DATA_DIR`, else the platform's place for data. */
export const dataFolder = (env: Environment, platform: string): string => {
  if (env.SESSIONWIRE_DATA_DIR) return env.SESSIONWIRE_DATA_DIR
  const home = homedir()
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'sessionwire')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'sessionwire')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'sessionwire')
}

/** Files of the data folder. */
export const places = (data: string) =>
  ({
    /** The hook's own file, at a path that stays. */
    hook: join(data, 'bin', 'hook.cjs'),
    spool: join(data, 'spool'),
    errors: join(data, 'hook-errors.log'),
    /** Folders in which nothing is captured, one a line. */
    off: join(data, 'off'),
    /** The command that starts an ingest, as JSON. */
    command: join(data, 'ingest.json'),
    /** Its time says when an ingest was started last. */
    started: join(data, 'ingest.started'),
    lock: join(data, 'ingest.lock'),
    recall: join(data, 'recall'),
    installed: join(data, 'installed.json'),
  }) as const

/** The file that one session of a host is written to. */
export const spoolFile = (data: string, host: HostName, session: string): string =>
  join(places(data).spool, host, `${session}.jsonl`)

/** The file that says that a program records a session of a host itself, with `@sessionwire/agents`. */
export const claimFile = (data: string, host: HostName, session: string): string =>
  join(data, 'embedded', host, session)

/** The file with the text that is printed when a session starts in a workspace. */
export const recallFile = (data: string, workspace: string): string => {
  // Loaded when a session starts, not for each event.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return join(places(data).recall, `${createHash('sha256').update(workspace).digest('hex').slice(0, 32)}.txt`)
}
