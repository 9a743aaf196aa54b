import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Environment, type Payload, textOf } from '../hook/host.ts'
import { claudeTeller } from './claude.ts'
import { codexTeller } from './codex.ts'
import { readRows } from './rows.ts'
import { isObject, type Teller, timeOf } from './told.ts'

/** Hosts whose transcripts can be imported. */
export type TranscriptHost = 'claude' | 'codex'

/** A file of a transcript, and how it is read. */
type Source = Readonly<{ path: string; teller: () => Teller }>

/** The transcript of one session. */
export type Transcript = Readonly<{
  host: TranscriptHost
  /** The host's id of the session. */
  session: string
  /** The folder it began in. */
  workspace: string
  branch?: string
  /** The file of the session first, then those of its sub-agents. */
  sources: readonly Source[]
  /** Bytes of all files. */
  bytes: number
  /** When one of them was written last, epoch ms. */
  writtenAt: number
}>

/** Rows at a transcript's begin that may tell what it is. */
const HEAD_ROWS = 200

type Head = Readonly<{
  path: string
  session: string
  agent?: string
  workspace: string
  branch?: string
  /** A copy of this transcript begins with the same. */
  first: string
  /** The time of its first row, epoch ms: a copy begins later. */
  beganAt: number
  bytes: number
  writtenAt: number
  madeAt: number
}>

const listFiles = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap(each =>
        each.isFile() ? [join(folder, each.name)] : [],
      )
    : []

/** Folders in a folder that may not be there. */
export const listFolders = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap(each =>
        each.isDirectory() ? [join(folder, each.name)] : [],
      )
    : []

/** Files in a folder that may be transcripts. */
export const listTranscriptFiles = (folder: string): readonly string[] =>
  listFiles(folder).filter(path => path.endsWith('.jsonl'))

const homeOf = (env: Environment): string => env.HOME || env.USERPROFILE || homedir()

/** Where Claude Code keeps its transcripts. */
export const projectsOf = (env: Environment): string =>
  join(env.CLAUDE_CONFIG_DIR || join(homeOf(env), '.claude'), 'projects')

/** Where Codex keeps its transcripts. */
export const sessionsOf = (env: Environment): string =>
  join(env.CODEX_HOME || join(homeOf(env), '.codex'), 'sessions')

/** The head of a transcript, which `read` finds in one of its first rows. */
const headOf = (
  path: string,
  read: (
    row: Payload,
  ) => (Pick<Head, 'session' | 'workspace' | 'first'> & Partial<Pick<Head, 'agent' | 'branch'>>) | undefined,
): readonly Head[] => {
  let beganAt: number | undefined
  for (const { place, value } of readRows(path)) {
    if (place > HEAD_ROWS) break
    if (value === undefined) continue
    beganAt ??= timeOf(value)
    const found = read(value)
    if (found === undefined) continue
    const { size, mtimeMs, birthtimeMs } = statSync(path)
    const madeAt = birthtimeMs || mtimeMs
    return [{ path, beganAt: beganAt ?? madeAt, bytes: size, writtenAt: mtimeMs, madeAt, ...found }]
  }
  return []
}

const readClaude = (path: string) => (row: Payload) => {
  const [workspace, session, uuid] = [textOf(row, 'cwd'), textOf(row, 'sessionId'), textOf(row, 'uuid')]
  if (workspace === undefined || session === undefined || uuid === undefined) return undefined
  const branch = textOf(row, 'gitBranch')
  const agent = textOf(row, 'agentId') ?? /^agent-(.+)\.jsonl$/.exec(basename(path))?.[1]
  return {
    session: agent === undefined ? basename(path, '.jsonl') : session,
    ...{ workspace, first: uuid },
    ...(agent === undefined ? {} : { agent }),
    ...(branch === undefined || branch === 'HEAD' ? {} : { branch }),
  }
}

const readCodex = (row: Payload) => {
  const { type, payload: meta } = row
  if (type !== 'session_meta' || !isObject(meta)) return undefined
  const [workspace, thread] = [textOf(meta, 'cwd'), textOf(meta, 'id')]
  if (workspace === undefined || thread === undefined || timeOf(row) === undefined) return undefined
  const branch = isObject(meta.git) ? textOf(meta.git, 'branch') : undefined
  const source = isObject(meta.source) ? meta.source : {}
  const isAgent = meta.thread_source === 'subagent' || 'subagent' in source
  const root = textOf(meta, 'session_id', 'parent_thread_id')
  return {
    session: isAgent ? (root ?? thread) : thread,
    ...{ workspace, first: thread },
    ...(isAgent && root !== undefined && root !== thread ? { agent: thread } : {}),
    ...(branch === undefined ? {} : { branch }),
  }
}

const READERS = { claude: readClaude, codex: () => readCodex } as const

/** The head of a transcript; `undefined` where its first rows have none. */
export const readHead = (host: TranscriptHost, path: string): Head | undefined =>
  headOf(path, READERS[host](path))[0]

/** Files that may be transcripts, of all sessions of a host. */
const FILES: Readonly<Record<TranscriptHost, (env: Environment) => readonly Head[]>> = {
  claude: env =>
    listFolders(projectsOf(env))
      .flatMap(project => [
        ...listFiles(project),
        ...listFolders(project).flatMap(session => listFiles(join(session, 'subagents'))),
      ])
      .filter(path => path.endsWith('.jsonl'))
      .flatMap(path => readHead('claude', path) ?? []),
  codex: env =>
    listFolders(sessionsOf(env))
      .flatMap(listFolders)
      .flatMap(listFolders)
      .flatMap(listFiles)
      .filter(path => /^rollout-.*\.jsonl(?:\.zst)?$/.test(basename(path)))
      .flatMap(path => readHead('codex', path) ?? []),
}

/** Ids of the rows that older transcripts hold, which a fork begins with. */
const listCopied = (head: Head, heads: readonly Head[]): ReadonlySet<string> => {
  const older = heads.filter(
    ({ first, agent, beganAt, madeAt, path }) =>
      first === head.first &&
      agent === undefined &&
      path !== head.path &&
      (beganAt === head.beganAt ? madeAt < head.madeAt : beganAt < head.beganAt),
  )
  const copied = new Set<string>()
  for (const { path } of older)
    for (const { value } of readRows(path)) {
      const uuid = value === undefined ? undefined : textOf(value, 'uuid')
      if (uuid !== undefined) copied.add(uuid)
    }
  return copied
}

/** The kind of a sub-agent, from the file next to its transcript. */
const agentType = (path: string): string | undefined => {
  try {
    const meta: unknown = JSON.parse(readFileSync(path.replace(/\.jsonl$/, '.meta.json'), 'utf8'))
    return isObject(meta) ? textOf(meta, 'agentType') : undefined
  } catch {
    return undefined
  }
}

const tellerOf = (host: TranscriptHost, head: Head, heads: readonly Head[]): Teller => {
  const { session, agent, path, first } = head
  if (host === 'codex')
    return codexTeller({ session, thread: first, ...(agent === undefined ? {} : { agent }) })
  if (agent === undefined) return claudeTeller({ session, copied: listCopied(head, heads) })
  const type = agentType(path)
  return claudeTeller({
    session,
    agent: { id: agent, ...(type === undefined ? {} : { type }) },
    copied: new Set(),
  })
}

/** Transcripts of a host, the oldest first. A file of which nothing can be known is left out. */
export const findTranscripts = (host: TranscriptHost, env: Environment): readonly Transcript[] => {
  const heads = FILES[host](env)
  return heads
    .filter(({ agent }) => agent === undefined)
    .map((root): Transcript => {
      const { session, workspace, branch } = root
      const isBeside = ({ path }: Head): boolean =>
        host === 'codex' || [path, dirname(dirname(path))].some(each => dirname(each) === dirname(root.path))
      const all = [
        root,
        ...heads.filter(each => each.agent !== undefined && each.session === session && isBeside(each)),
      ]
      return {
        ...{ host, session, workspace },
        ...(branch === undefined ? {} : { branch }),
        sources: all.map(head => ({ path: head.path, teller: () => tellerOf(host, head, heads) })),
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        writtenAt: Math.max(...all.map(({ writtenAt }) => writtenAt)),
      }
    })
    .sort((a, b) => a.writtenAt - b.writtenAt)
}
