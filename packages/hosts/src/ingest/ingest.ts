import { parseLine } from '../hook/line.ts'
import { places } from '../hook/places.ts'
import { rootOf } from '../hook/root.ts'
import { findAsked, fold, tick } from '../mapping/fold.ts'
import { LABELS } from '../mapping/moments.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from '../mapping/policy.ts'
import type { Step } from '../mapping/step.ts'
import { applyStep, type Recorder, type StartChoice } from './apply.ts'
import { readClaims, removeClaims } from './claims.ts'
import { takeLockSoon } from './lock.ts'
import { DEFAULT_RECALL, type RecallPolicy, writeRecall } from './recall.ts'
import {
  BEGIN,
  folderOf,
  listSpool,
  logProblem,
  type Position,
  readLines,
  readPosition,
  removeSpool,
  type SpoolFile,
  writePosition,
} from './spool.ts'

/** A workspace as the ingest needs it. */
export type OpenedWorkspace = Readonly<{
  /** Records the lines of the spool. */
  tracker: Recorder
  /** The tracker's project. */
  project: string
  /** The user of sessions that are captured here. */
  user: string
  /** The capture policy; missing values are the defaults. */
  capture?: Partial<CapturePolicy>
  /** The recall policy; missing values are the defaults. */
  recall?: Partial<RecallPolicy>
  /** Chooses refs and title of each new session. */
  choose?: StartChoice
  /**
   * Called once for a session that has something to show for the first time, instead of mirroring it by all adapters.
   * `at`: when that happened, epoch ms; it is recorded after this call. Default: `session.mirror()`.
   */
  show?: (sessionId: string, at: number) => Promise<unknown>
}>

/** Options of `ingest`. */
export type IngestOptions = Readonly<{
  /** The folder of this user's data. */
  data: string
  /**
   * Gives the tracker of a workspace, once per workspace and ingest; `undefined` leaves its spool as it is. The caller closes
   * the trackers that it opened.
   */
  open: (workspace: string) => Promise<OpenedWorkspace | undefined>
  /** Longest time to read lines, ms; the rest is left to the next ingest. Default: no limit. */
  budgetMs?: number
  /**
   * True: waits at most 3 s for another ingest, which may read other lines; stays while a permission is asked for, at most 90 s
   * after it was; and delivers, at most 60 s. Default false.
   */
  stay?: boolean
  /** The clock, epoch ms. Default: the system's. */
  now?: () => number
  /** Waits, ms. Default: a timer. */
  wait?: (ms: number) => Promise<void>
}>

/** The result of an ingest. */
export type Ingested = Readonly<{
  /** False: another ingest of this user was at work, and this one did nothing. */
  ran: boolean
  /** Lines read. */
  lines: number
  /** Events recorded; those that were known are not counted. */
  events: number
  /** Lines that could not be read. */
  unreadable: number
  /** Calls that were refused, and are in the log. */
  refused: number
  /** True: all lines are recorded. */
  complete: boolean
}>

/** How often a lock that another ingest has is tried again, and after how long, ms. */
const LOCK_TRIES = 12
const LOCK_MS = 250
const STAY_MS = 90_000
const DELIVER_MS = 60_000
const LOOK_MS = 1_000
/** A spool that is recorded whole goes when its session has been quiet for so long, ms. */
const QUIET_MS = 86_400_000
/** Lines after which the position is written. */
const BATCH = 200

type Counts = { lines: number; events: number; unreadable: number; refused: number; complete: boolean }
type Run = Readonly<{
  options: IngestOptions
  now: () => number
  /** Epoch ms by `performance`; no line is begun later. */
  until: number
  opened: Map<string, Promise<OpenedWorkspace | undefined>>
  /** Workspaces of which something was recorded. */
  changed: Set<string>
  counts: Counts
}>

const openOnce = (run: Run, workspace: string): Promise<OpenedWorkspace | undefined> => {
  const known = run.opened.get(workspace)
  if (known !== undefined) return known
  const opening = run.options.open(workspace)
  run.opened.set(workspace, opening)
  return opening
}

const policyOf = ({ capture = {} }: OpenedWorkspace): CapturePolicy => ({ ...DEFAULT_CAPTURE, ...capture })

/** `stops`: a session that the store no longer has ends it. */
type Folded = Readonly<{ steps: readonly Step[]; folder: string; agent: string; stops?: boolean }>

/** Records steps, each once; answers whether all were tried. */
const applyAll = async (
  run: Run,
  place: OpenedWorkspace,
  ids: Map<string, string>,
  { steps, folder, agent, stops = false }: Folded,
): Promise<boolean> => {
  const { counts, options, now } = run
  const { tracker, user, choose: chosen, show } = place
  for (const step of steps) {
    const applied = await applyStep({ tracker, user, agent, ids, chosen, show }, step, now())
    if (applied.kind === 'recorded') {
      counts.events++
      run.changed.add(folder)
    }
    if (applied.kind === 'lost' && stops) return false
    if (applied.kind === 'refused' || applied.kind === 'lost') {
      counts.refused++
      logProblem(options.data, `ingest: ${applied.reason}`)
    }
  }
  return true
}

/** Folds a line; `undefined` for one whose inner shape is another: it costs itself alone, and not those behind it. */
const foldLine = (...given: Parameters<typeof fold>): ReturnType<typeof fold> | undefined => {
  try {
    return fold(...given)
  } catch {
    return undefined
  }
}

/**
 * Records the lines of one spool that are not recorded yet; answers where it stands. Where the store no longer has their
 * session, all lines are recorded once more: `git clean -fdx` removes a store, as all that git leaves out.
 */
const ingestFile = async (run: Run, file: SpoolFile, again?: Position): Promise<Position> => {
  const { path, host, session } = file
  const stops = again === undefined
  const agent = LABELS[host]
  const isClaimed = readClaims(run.options.data, host, session)
  const { counts } = run
  let position = again ?? readPosition(path)
  const ids = new Map(Object.entries(position.ids))
  let { offset, state } = position
  let place: OpenedWorkspace | undefined
  let workspace = state?.workspace
  let folder = workspace === undefined ? undefined : folderOf(workspace, position)
  let unwritten = 0
  const keep = (): void => {
    const idleAt =
      state === undefined || place === undefined ? position.idleAt : state.lastAt + policyOf(place).idleMs
    position = {
      ...{ v: 1, offset, ids: Object.fromEntries(ids) },
      ...(state === undefined ? {} : { state }),
      ...(idleAt === undefined ? {} : { idleAt }),
      ...(folder === undefined ? {} : { root: rootOf(folder) }),
    }
    writePosition(path, position)
    unwritten = 0
  }
  for (;;) {
    const lines = readLines(path, offset)
    if (lines.length === 0) break
    for (const { text, end } of lines) {
      if (text !== '') {
        if (performance.now() > run.until) {
          counts.complete = false
          if (unwritten > 0) keep()
          return position
        }
        counts.lines++
        const line = parseLine(text)
        if (line === undefined) counts.unreadable++
        else if (!isClaimed(line)) {
          // The first line fixes it: a session stays where it began.
          workspace ??= line.workspace
          folder ??= folderOf(workspace, position)
          place ??= await openOnce(run, folder)
          if (place === undefined) return position
          const folded = foldLine(state, { ...line, workspace }, policyOf(place))
          if (folded === undefined) counts.unreadable++
          else {
            if (!(await applyAll(run, place, ids, { steps: folded.steps, folder, agent, stops }))) {
              logProblem(run.options.data, `${host}/${session}: recorded again, since its store was removed`)
              return ingestFile(run, file, { ...BEGIN, root: rootOf(folder) })
            }
            state = folded.state
          }
        }
      }
      offset = end
      unwritten++
      if (unwritten >= BATCH) keep()
    }
  }
  const isDue =
    state !== undefined &&
    !state.ended &&
    (findAsked(state) !== undefined || run.now() > (position.idleAt ?? 0))
  if (state !== undefined && folder !== undefined && isDue) {
    place ??= await openOnce(run, folder)
    if (place === undefined) return position
    const folded = tick(state, run.now(), policyOf(place))
    await applyAll(run, place, ids, { steps: folded.steps, folder, agent })
    if (folded.state !== state) unwritten++
    state = folded.state
  }
  if (unwritten > 0) keep()
  return position
}

/** Records all spools once; answers when a permission was asked for last that is open. One that fails does not stop the rest. */
const ingestAll = async (run: Run): Promise<number | undefined> => {
  let asked: number | undefined
  run.counts.complete = true
  for (const file of listSpool(run.options.data)) {
    try {
      const { state, offset } = await ingestFile(run, file)
      const since = state === undefined ? undefined : findAsked(state)
      if (since !== undefined) asked = Math.max(since, asked ?? since)
      const isQuiet = run.now() - file.writtenAt > QUIET_MS && (state === undefined || state.ended)
      if (isQuiet) removeSpool(run.options.data, file, offset)
    } catch (thrown) {
      run.counts.complete = false
      const { code, name } = thrown as { code?: unknown; name?: unknown }
      logProblem(run.options.data, `ingest of ${file.host}/${file.session}: ${String(code ?? name)}`)
    }
  }
  removeClaims(run.options.data, run.now())
  for (const workspace of run.changed) {
    const place = await run.opened.get(workspace)
    if (place === undefined) continue
    try {
      const policy = { ...DEFAULT_RECALL, ...place.recall }
      await writeRecall(place.tracker, run.options.data, rootOf(workspace), place, policy)
    } catch (thrown) {
      logProblem(run.options.data, `recall: ${String((thrown as { code?: unknown }).code)}`)
    }
  }
  run.changed.clear()
  return asked
}

/**
 * Reads the spool of all hosts into the stores of their workspaces: each event once, in order. One ingest per user runs at a
 * time; another ends at once, or with `stay` soon. Lines that cannot be recorded now are left in the spool for the next one.
 */
export const ingest = async (options: IngestOptions): Promise<Ingested> => {
  const counts: Counts = { lines: 0, events: 0, unreadable: 0, refused: 0, complete: false }
  const { budgetMs = Number.POSITIVE_INFINITY, now = Date.now, stay = false } = options
  const wait = options.wait ?? (ms => new Promise<void>(resolve => setTimeout(resolve, ms)))
  const { lock } = places(options.data)
  const release = await takeLockSoon(lock, stay ? LOCK_TRIES : 0, () => wait(LOCK_MS))
  if (release === undefined) return { ran: false, ...counts }
  const until = performance.now() + budgetMs
  const run: Run = { options, now, until, opened: new Map(), changed: new Set(), counts }
  try {
    const startedAt = now()
    let asked = await ingestAll(run)
    let delivered: number | undefined
    while (stay) {
      // The blocker of a host that waits goes out at once, not when the waiting ends.
      if (counts.events !== delivered) {
        delivered = counts.events
        for (const opening of run.opened.values())
          await (await opening)?.tracker.drain({ timeoutMs: DELIVER_MS })
      } else if (asked !== undefined && now() - asked < STAY_MS) await wait(LOOK_MS)
      else break
      if (asked === undefined && now() - startedAt > STAY_MS) break
      // An ingest that came meanwhile found the lock taken, and left its lines to this one.
      asked = await ingestAll(run)
    }
    return { ran: true, ...counts }
  } finally {
    release()
  }
}
