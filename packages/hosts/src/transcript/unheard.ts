import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Environment } from '../hook/host.ts'
import type { HostName } from '../hook/line.ts'
import { places, spoolFile } from '../hook/places.ts'
import { listRecorded } from '../ingest/spool.ts'
import { listFolders, listTranscriptFiles, projectsOf, readHead, sessionsOf } from './find.ts'

/** A session of a host that wrote no line to the spool. */
export type Unheard = Readonly<{
  /** The host's id of the session. */
  session: string
  /** When it began, epoch ms. */
  beganAt: number
}>

const newestOf = (paths: readonly string[]): readonly string[] =>
  paths
    .map(path => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .slice(0, LOOKED_AT)
    .map(({ path }) => path)

/** Transcripts that are looked at, the newest. */
const LOOKED_AT = 5

/** Transcripts that may be of sessions in a folder or below it, the newest first. */
const FILES: Readonly<Partial<Record<HostName, (env: Environment, root: string) => readonly string[]>>> = {
  // Its folders are named by the path, with every other sign replaced.
  claude: (env, root) => {
    const name = root.replace(/[^A-Za-z0-9]/g, '-')
    return listFolders(projectsOf(env))
      .filter(each => basename(each).startsWith(name))
      .flatMap(listTranscriptFiles)
  },
  // Its folders are the days.
  codex: env => {
    const last = (folder: string): readonly string[] =>
      existsSync(folder) ? readdirSync(folder).sort().slice(-1) : []
    const [year] = last(sessionsOf(env))
    const [month] = year === undefined ? [] : last(join(sessionsOf(env), year))
    const months = year === undefined || month === undefined ? undefined : join(sessionsOf(env), year, month)
    const [day] = months === undefined ? [] : last(months)
    return months === undefined || day === undefined ? [] : listTranscriptFiles(join(months, day))
  },
}

/**
 * The newest session of a host in a folder, if it began after the hook was installed and wrote no line. Only of hosts that
 * keep transcripts which are known: Claude Code and Codex.
 */
export const findUnheard = (
  host: HostName,
  { data, root, env }: Readonly<{ data: string; root: string; env: Environment }>,
): Unheard | undefined => {
  const installedAt = statSync(places(data).installed, { throwIfNoEntry: false })?.mtimeMs
  const list = FILES[host]
  if (installedAt === undefined || list === undefined) return undefined
  for (const path of newestOf(list(env, root))) {
    const head = readHead(host === 'codex' ? 'codex' : 'claude', path)
    if (head === undefined || head.agent !== undefined) continue
    const isHere = head.workspace === root || head.workspace.startsWith(`${root}/`)
    if (!isHere) continue
    // Only the newest one: hosts read their hooks when they start.
    const { session, beganAt } = head
    const isHeard =
      existsSync(spoolFile(data, host, session)) || listRecorded(data).includes(`${host}/${session}`)
    return beganAt <= installedAt || isHeard ? undefined : { session, beganAt }
  }
  return undefined
}
