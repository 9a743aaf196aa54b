import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTracker, type Tracker } from '@sessionwire/core'
import {
  DEFAULT_RECALL,
  type IngestOptions,
  ingest,
  listSpool,
  type OpenedWorkspace,
  places,
  recallFile,
  rootOf,
  writeRecall,
} from '@sessionwire/hosts'
import { configuration, toFailure } from '../failure.ts'
import { mirrorShown, type Shown } from '../mirroring.ts'
import { type Adapters, loadAdapters } from './adapters.ts'
import { issueOfBranch } from './branch.ts'
import { type Current, findCurrent, listHostSessions } from './current.ts'
import { privateFolder } from './places.ts'
import { type Flags, type ReadWorkspace, readWorkspace } from './read.ts'
import { assertOwn, openStore, takeOver } from './store.ts'

export type { ReadWorkspace }

type Environment = Readonly<Record<string, string | undefined>>

/** Options of `openWorkspace`. */
export type OpenOptions = Readonly<{
  /** Names and values of the environment. Default: the process's own. */
  env?: Environment
  /** Values that win over all files. Default: none. */
  flags?: Flags & Readonly<{ session?: string }>
  /** True: adapters that cannot be made are left out and listed in `problems`. Default: the first one throws `CONFIG`. */
  tolerant?: boolean
  /** Longest time to read the spool of the hosts before, ms; 0: it is not read. Default 200. */
  ingestMs?: number
  /** True: the tracker delivers in the background until it is closed, for programs that stay. Default false. */
  deliver?: boolean
  /** Receives lines for people. Default: they are left out. */
  note?: (text: string) => void
}>

/** A workspace with its store open. */
export type Opened = ReadWorkspace &
  Readonly<{
    /** It records sessions and keeps them in the store of the workspace; without `deliver` it delivers nothing by itself. */
    tracker: Tracker
    /** These are the adapters that were made. */
    adapters: Adapters['adapters']
    /** These adapters could not be made; without `tolerant`, there are some only where `isImplied` is true. */
    problems: Adapters['problems']
    /** Adapters come from the environment alone, so they only preview. */
    isImplied: boolean
    /** The session that a command is about. */
    current: () => Promise<Current | undefined>
    /** It reads what the hooks of agent hosts have written for this workspace since. */
    ingest: () => Promise<void>
    /** Mirrors a captured session that has something to show now, by the adapters that were set up before that. `at`: when it happened, epoch ms. */
    show: (sessionId: string, at: number) => Promise<Shown>
    /** Rewrites the notes that hosts are given at a start, where a hook is installed. */
    refreshRecall: () => Promise<void>
    /** The workspace as the ingest of hosts needs it. */
    forIngest: OpenedWorkspace
    /**
     * It calls with the store that the workspace had before it was trusted, where there is one: sessions that were taken over
     * from it are in both, also after one of them was removed here.
     */
    inStoreOfBefore: (act: (tracker: Tracker) => Promise<unknown>) => Promise<void>
    /** It closes the tracker and its store. */
    close: () => Promise<void>
  }>

const LEAST_SECRET = 8
/** How often, and how long after each other, the session of a host is looked for while its lines are being read. */
const [LOOKS, LOOK_MS] = [20, 150] as const
/** Names of the environment that callers of a served workspace prove themselves with. */
const SERVER_SECRETS = ['SESSIONWIRE_API_KEY', 'SESSIONWIRE_JWT_SECRET'] as const

/** Values of the adapters' secrets as expressions, so that no text is stored with one of them. */
const secretPatterns = (values: readonly (string | undefined)[]): readonly RegExp[] =>
  values.flatMap(value =>
    value === undefined || value.length < LEAST_SECRET
      ? []
      : [new RegExp(value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'g')],
  )

/** The store that a workspace has until it is trusted; `undefined` where it has that one still, or one of its own. */
const storeOfBefore = ({ data, root, store }: ReadWorkspace): string | undefined =>
  store === join(root, '.sessionwire', 'sessions.db')
    ? join(privateFolder(data, root), 'sessions.db')
    : undefined

const openTracker = async (
  read: ReadWorkspace,
  { adapters }: Adapters,
  note: (text: string) => void,
  deliver: boolean,
): Promise<Tracker> => {
  const { env, config, repository, root, store, trust } = read
  if (trust === 'trusted' && dirname(store) === `${root}/.sessionwire`)
    assertOwn(dirname(store), repository, true)
  if (!/^postgres(ql)?:/i.test(store)) assertOwn(store, repository, false)
  const before = storeOfBefore(read)
  if (trust === 'trusted' && before !== undefined && (await takeOver(before, store)))
    note(`Sessions of before are taken over from ${before}`)
  const declared = new Set(adapters.flatMap(({ secrets }) => secrets))
  const open = new Set(adapters.flatMap(({ publicSecrets = [] }) => publicSecrets))
  const names = [...[...declared].filter(name => !open.has(name)), ...SERVER_SECRETS]
  const also = secretPatterns(names.map(name => env[name]))
  return createTracker({
    project: config.project,
    user: config.user,
    store: await openStore(store),
    adapters,
    deliver,
    // Only names that an adapter declares are looked up, in the environment and in a trusted `.env`.
    secrets: name => (declared.has(name) ? env[name] : undefined),
    redact: { known: true, patterns: true, also },
    logger: { warn: note, error: text => note(String(text)) },
    ...(config.policy === undefined ? {} : { policy: config.policy }),
  }) as Promise<Tracker>
}

/** Opens a workspace without reading the spool of the hosts. */
const openPlain = async (cwd: string, options: OpenOptions): Promise<Opened> => {
  const { env: given = process.env, flags = {}, tolerant = false, deliver = false } = options
  const { ingestMs = 200, note = () => undefined } = options
  const read = await readWorkspace(cwd, given, flags)
  const { config, env, folderOf, root } = read
  const loaded = await loadAdapters(config, folderOf, env)
  const [problem] = loaded.problems
  if (problem !== undefined && !tolerant && !loaded.isImplied)
    throw configuration(
      problem.message,
      problem.todo ?? 'Fix it where `sessionwire config` shows it, then run: sessionwire doctor',
    )
  const tracker = await openTracker(read, loaded, note, deliver)
  const { capture, recall, project, user } = config
  const opened: Opened = {
    ...read,
    ...loaded,
    tracker,
    ingest: () => ingestFor(opened, ingestMs, note),
    current: async () => {
      const look = () => findCurrent(tracker, read, given, flags.session)
      const found = await look()
      if (found !== undefined && found.by !== 'newest') return found
      // The hook wrote of the host's session, and another process is reading its lines: they are there in a moment.
      const hosts = listHostSessions(given)
      const isHeard = hosts.length > 0 && listSpool(read.data).some(({ session }) => hosts.includes(session))
      for (let tries = 0; isHeard && tries < LOOKS; tries++) {
        await ingestFor(opened, ingestMs, note)
        const again = await look()
        if (again?.by === 'host') return again
        await new Promise(resolve => setTimeout(resolve, LOOK_MS))
      }
      return found
    },
    show: (id, at) => mirrorShown(opened, id, at),
    refreshRecall: async () => {
      if (!existsSync(places(read.data).hook) && !existsSync(recallFile(read.data, root))) return
      try {
        await writeRecall(tracker, read.data, root, config, { ...DEFAULT_RECALL, ...recall })
      } catch (thrown) {
        // Notes for hosts are worth no failed recording.
        note(`The notes for agent hosts were not written: ${toFailure(thrown).message}`)
      }
    },
    forIngest: {
      tracker,
      project,
      user,
      ...(capture === undefined ? {} : { capture }),
      ...(recall === undefined ? {} : { recall }),
      show: (id, at) => mirrorShown(opened, id, at),
      choose: ({ branch }) => {
        const refs = issueOfBranch(branch, loaded.adapters)
        return Object.keys(refs).length === 0 ? undefined : { refs }
      },
    },
    inStoreOfBefore: async act => {
      const before = storeOfBefore(read)
      if (before === undefined || !existsSync(before)) return
      const store = await openStore(before)
      const other = await createTracker({ project, user, store, adapters: [], deliver: false })
      try {
        await act(other)
      } finally {
        await other.close()
      }
    },
    close: () => tracker.close(),
  }
  return opened
}

/** Reads the spool for one workspace that is open. Spools of other workspaces are left to them. */
const ingestFor = async (opened: Opened, budgetMs: number, note: (text: string) => void): Promise<void> => {
  if (!existsSync(places(opened.data).spool) || listSpool(opened.data).length === 0) return
  try {
    await ingest({
      data: opened.data,
      budgetMs,
      open: async workspace => (rootOf(workspace) === opened.root ? opened.forIngest : undefined),
    })
  } catch (thrown) {
    note(`The spool of the agent hosts was not read: ${toFailure(thrown).message}`)
  }
}

/**
 * Opens the workspace of a folder: configuration in layers, store, adapters and the current session. Nothing of its files
 * counts before the person trusted them. The caller closes it. Throws `CONFIG` and `STORE`.
 */
export const openWorkspace = async (
  cwd: string = process.cwd(),
  options: OpenOptions = {},
): Promise<Opened> => {
  const opened = await openPlain(cwd, options)
  const { ingestMs = 200 } = options
  if (ingestMs > 0) await opened.ingest()
  return opened
}

/** Opens the workspaces that folders of hosts belong to, each once. */
export type Opener = Readonly<{
  /** The workspace of a folder; `undefined` where it cannot be opened, which is noted. */
  open: (folder: string) => Promise<Opened | undefined>
  /** Closes all that were opened. */
  close: () => Promise<void>
}>

/** Makes the function that opens the workspace of a folder, once for each root. */
export const createOpener = ({
  env = process.env,
  note = () => undefined,
}: Pick<OpenOptions, 'env' | 'note'> = {}): Opener => {
  const opened = new Map<string, Promise<Opened | undefined>>()
  const openRoot = async (root: string): Promise<Opened | undefined> => {
    try {
      return await openPlain(root, { env, tolerant: true, note })
    } catch (thrown) {
      note(`${root}: ${toFailure(thrown).message}`)
      return undefined
    }
  }
  return {
    open: folder => {
      const root = rootOf(folder)
      const opening = opened.get(root) ?? openRoot(root)
      opened.set(root, opening)
      return opening
    },
    close: async () => {
      for (const opening of opened.values()) await (await opening)?.close()
    },
  }
}

/** Reads the spools of all workspaces of this user, each into its own store. */
export const ingestAll = async (
  data: string,
  options: Pick<IngestOptions, 'stay' | 'budgetMs'> & Pick<OpenOptions, 'env' | 'note'> = {},
) => {
  const { env, note, ...rest } = options
  const opener = createOpener({
    ...(env === undefined ? {} : { env }),
    ...(note === undefined ? {} : { note }),
  })
  try {
    return await ingest({ data, ...rest, open: async folder => (await opener.open(folder))?.forIngest })
  } finally {
    await opener.close()
  }
}
