import type { Environment } from '../hook/host.ts'
import { applyStep } from '../ingest/apply.ts'
import type { OpenedWorkspace } from '../ingest/ingest.ts'
import { listRecorded, listSpool, logProblem } from '../ingest/spool.ts'
import { fold, tick } from '../mapping/fold.ts'
import { LABELS } from '../mapping/moments.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from '../mapping/policy.ts'
import type { State } from '../mapping/state.ts'
import type { Step } from '../mapping/step.ts'
import { findTranscripts, type Transcript, type TranscriptHost } from './find.ts'
import { linesOfTranscript, type TranscriptLines } from './lines.ts'
import { readMemory, remember } from './memory.ts'

/** A workspace to import into. */
export type ImportPlace = OpenedWorkspace &
  Readonly<{
    /** Path of the file that remembers what was imported into its store. */
    memory: string
  }>

/** Options of `importTranscripts`. */
export type ImportOptions = Readonly<{
  /** The host whose transcripts are read. */
  host: TranscriptHost
  /** The folder of this user's data. */
  data: string
  /** Gives the place for the transcripts of a folder; `undefined` leaves them out. The caller closes what it opened. */
  open: (workspace: string) => Promise<ImportPlace | undefined>
  /** Transcripts that were not written since are left out, epoch ms. Default: none. */
  since?: number
  /** True: sessions that were imported before are imported again, where the store has them no more. Default false. */
  again?: boolean
  /** Where hosts keep their files, and values that are redacted. Default: the environment. */
  env?: Environment
  /** The clock, epoch ms. Default: the system's. */
  now?: () => number
}>

/** The result of an import. */
export type ImportedTranscripts = Readonly<{
  /** Ids of the sessions that got something, in the store. */
  sessions: readonly string[]
  /** Events that were recorded. */
  events: number
  /** Sessions that were imported before, and to which nothing was added. */
  known: number
  /** Sessions that the hooks captured: they are left as they are. */
  captured: number
  /** Sessions that were written to in the last ten minutes: they may still go on. */
  running: number
  /** Rows that could not be read. */
  unreadable: number
  /** Calls that were refused, and are in the log. */
  refused: number
}>

/** A transcript that was not written for so long has ended, as far as one can know, ms. */
const QUIET_MS = 600_000

/**
 * All that a transcript would record: never a card, and the end where its last line stands. A spool may begin in the middle
 * of a session, which the mapping resumes for it; a transcript does not.
 */
const stepsOf = (
  { lines }: TranscriptLines,
  host: TranscriptHost,
  policy: CapturePolicy,
): readonly Step[] => {
  let state: State | undefined
  const steps: Step[] = []
  for (const line of lines) {
    const folded = fold(state, line, policy)
    state = folded.state
    steps.push(...folded.steps)
  }
  if (state !== undefined) steps.push(...tick(state, state.lastAt + policy.idleMs + 1, policy).steps)
  return steps
    .filter(({ record }, place) => record.kind !== 'mirror' && !(place === 1 && record.kind === 'resume'))
    .map(step =>
      step.record.kind === 'start'
        ? { ...step, record: { ...step.record, metadata: { ...step.record.metadata, imported: host } } }
        : step,
    )
}

type Outcome = Readonly<{ kind: 'known' | 'captured' | 'empty' }> | Readonly<{ kind: 'done'; id: string }>
type Counts = { events: number; unreadable: number; refused: number }

const importOne = async (
  transcript: Transcript,
  place: ImportPlace,
  { data, env = process.env, again = false, now = Date.now }: ImportOptions,
  counts: Counts,
): Promise<Outcome> => {
  const { host, session, bytes } = transcript
  const name = `${host}/${session}`
  const before = readMemory(place.memory)[name]
  if (before?.bytes === bytes && !again) return { kind: 'known' }
  const read = linesOfTranscript(transcript, env)
  counts.unreadable += read.unreadable
  const until = read.lines.at(-1)?.t
  const [begin, ...all] = stepsOf(read, host, { ...DEFAULT_CAPTURE, ...place.capture })
  // A session that was opened and quit without a word.
  if (begin === undefined || until === undefined || all.every(({ record }) => BARE.has(record.kind)))
    return { kind: 'empty' }

  const ids = new Map<string, string>()
  const { tracker, user, choose: chosen } = place
  const context = { tracker, user, agent: LABELS[host], ids, chosen }
  const apply = async (step: Step): Promise<boolean> => {
    const applied = await applyStep(context, step, now())
    if (applied.kind === 'recorded') counts.events++
    if (applied.kind === 'refused') {
      counts.refused++
      logProblem(data, `import of ${name}: ${applied.reason}`)
    }
    return applied.kind === 'recorded'
  }
  const isNew = await apply(begin)
  const id = ids.get('root')
  // A filter leaves the whole session out.
  if (id === undefined) return { kind: 'empty' }
  const { metadata } = await place.tracker.session(id).load()
  if (!isNew && metadata.imported === undefined) return { kind: 'captured' }
  // Of a session that went on since, only what came later: the rest is recorded, or was pruned.
  const isLater = before !== undefined && !again
  const steps = isLater ? all.filter(({ at, record }) => at >= before.until || record.kind === 'start') : all
  const first = steps.find(({ at }) => isLater && at > before.until)
  if (first !== undefined)
    await apply({
      ...{ key: `${first.key}/again`.slice(-256), at: first.at, session: 'root' },
      record: { kind: 'resume', reason: `${LABELS[host]} went on` },
    })
  for (const step of steps) await apply(step)
  remember(place.memory, name, { bytes, until })
  return { kind: 'done', id }
}

/** Steps of a session in which nothing happened. */
const BARE: ReadonlySet<string> = new Set(['start', 'resume', 'close'])

/**
 * Makes sessions of the transcripts that a host keeps, with their own times. They are mirrored nowhere. Repeated, it records
 * nothing twice; a session that the hooks captured is left as it is, and one that is still written to is left for later.
 */
export const importTranscripts = async (options: ImportOptions): Promise<ImportedTranscripts> => {
  const { host, data, open, since = 0, env = process.env, now = Date.now } = options
  const captured = new Set([
    ...listSpool(data).map(each => `${each.host}/${each.session}`),
    ...listRecorded(data),
  ])
  const counts: Counts = { events: 0, unreadable: 0, refused: 0 }
  const sessions: string[] = []
  const found = { known: 0, captured: 0, running: 0, empty: 0 }
  for (const transcript of findTranscripts(host, env)) {
    if (transcript.writtenAt < since) continue
    const place = await open(transcript.workspace)
    if (place === undefined) continue
    if (captured.has(`${host}/${transcript.session}`)) found.captured++
    else if (now() - transcript.writtenAt < QUIET_MS) found.running++
    else {
      const events = counts.events
      const outcome = await importOne(transcript, place, options, counts)
      if (outcome.kind !== 'done') found[outcome.kind]++
      else if (counts.events === events) found.known++
      else sessions.push(outcome.id)
    }
  }
  const { empty: _, ...told } = found
  return { sessions, ...counts, ...told }
}
