import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { dataFolderIn, homeFolderIn, isAbsolute } from '@sessionwire/core/capture'
import type { Environment } from './host.ts'
import type { HostName } from './line.ts'

/** The home folder of this user. A `HOME` that is empty or relative names none: then the one that the system knows. */
export const homeFolder = (platform: string = process.platform): string =>
  homeFolderIn({ homedir, userInfo }, platform)

/** The folder that a variable names; `undefined` where its value is empty or relative, as the XDG specification has it. */
export const folderIn = (env: Environment, name: string, platform: string): string | undefined =>
  isAbsolute(env[name], platform) ? env[name] : undefined

/**
 * The folder of this user's data: `SESSIONWIRE_DATA_DIR`, else the platform's place for data. Throws where the variable is
 * relative, and where the user has no home folder.
 */
export const dataFolder = (env: Environment, platform: string): string =>
  dataFolderIn({ env, platform, join, home: () => homeFolder(platform) })

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
