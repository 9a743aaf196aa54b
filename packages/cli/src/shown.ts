import type { AdapterStatus, Session, SessionSummary } from '@sessionwire/core'
import type { Zod } from './command.ts'
import { type Io, paint, showLine } from './io.ts'
import { formatDuration } from './time.ts'
import { hasProgress, listFiles, sayFiles, type Told } from './told.ts'

/** Schema of a session without its lists; fields of later versions pass. */
export const summarySchema = (z: Zod) =>
  z.looseObject({
    id: z.string(),
    title: z.string(),
    status: z.string(),
    project: z.string(),
    user: z.string(),
    progress: z.number(),
    startProgress: z.number(),
    startedAt: z.string(),
    lastEventAt: z.string(),
    endedAt: z.optional(z.string()),
    revision: z.number(),
  })

/** Schema of a session with its lists. */
export const sessionSchema = (z: Zod) => {
  const item = z.looseObject({ eventId: z.string(), time: z.string(), at: z.string() })
  const list = z.array(item)
  return z.extend(summarySchema(z), { updates: list, decisions: list, entities: list, blockers: list })
}

/** Schema of how an adapter stands. */
export const adapterSchema = (z: Zod) =>
  z.looseObject({
    name: z.string(),
    mode: z.optional(z.string()),
    states: z.record(z.string(), z.number()),
    inDoubt: z.number(),
    gone: z.number(),
    lanes: z.number(),
    unmirrored: z.number(),
    foreign: z.number(),
    pauses: z.array(z.looseObject({ kind: z.string(), reason: z.string() })),
  })

/** How long a session took so far. */
export const durationOf = (
  { startedAt, endedAt, status, lastEventAt }: SessionSummary,
  now: number,
): number =>
  Math.max(
    0,
    (endedAt !== undefined ? Date.parse(endedAt) : status === 'active' ? now : Date.parse(lastEventAt)) -
      Date.parse(startedAt),
  )

/** Date and time by the clock of this machine. */
export const showTime = (iso: string): string => {
  const at = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** One line of a list of sessions. `began`: the person's first words, in the place of a title that the hook gave. */
export const sessionLine = (io: Io, session: SessionSummary, now: number, began?: string): string =>
  [
    session.id,
    showTime(session.startedAt),
    paint(io, session.status === 'active' ? 'green' : 'dim', session.status.padEnd(9)),
    // Without any, 0 % would say that nothing was done.
    session.progress === 0 ? '     ' : `${String(session.progress).padStart(3)} %`,
    formatDuration(durationOf(session, now)).padEnd(10),
    // A file or a pipe has no width.
    showLine(began ?? session.title, io.isTerminal ? Math.max(20, io.columns - 80) : 120),
  ].join('  ')

const UPDATES = 5

/** A session for `status`: what it is, its last updates, files and open blockers. */
export const sessionBlock = (
  io: Io,
  session: Session,
  now: number,
  { began, next }: Told = { next: [] },
): readonly string[] => {
  const open = session.blockers.filter(({ resolvedAt }) => resolvedAt === undefined)
  return [
    `${paint(io, 'bold', showLine(began ?? session.title, 100))}`,
    ...(began === undefined ? [] : [showLine(session.title, 100)]),
    `${session.status}, ${hasProgress(session) ? `${session.progress} %, ` : ''}${formatDuration(durationOf(session, now))}, ${showLine(session.project, 60)}, ${showLine(session.user, 60)}${session.agent === undefined ? '' : ` with ${showLine(session.agent, 40)}`}`,
    paint(io, 'dim', session.id),
    ...session.updates
      .slice(-UPDATES)
      .map(({ at, description }) => `  ${showTime(at)}  ${showLine(description)}`),
    ...sayFiles(listFiles(session)).map(each => `  ${showLine(each)}`),
    ...next.slice(0, UPDATES).map(each => `  next: ${showLine(each)}`),
    ...open.map(
      ({ severity, description }) =>
        `  ${paint(io, 'red', `blocked (${severity})`)}  ${showLine(description)}`,
    ),
  ]
}

const OPEN_STATES = ['waiting', 'claimed', 'begun'] as const

/** One line for an adapter. Lines below it say why it does not send. */
export const adapterLine = (io: Io, adapter: AdapterStatus): string => {
  const { name, mode = 'not configured', states, inDoubt, gone } = adapter
  const open = OPEN_STATES.reduce((sum, state) => sum + (states[state] ?? 0), 0)
  const parts = [
    `${states.delivered ?? 0} delivered`,
    ...(open > 0 ? [`${open} waiting`] : []),
    ...(states.planned ? [`${states.planned} planned`] : []),
    ...(states.dead ? [paint(io, 'red', `${states.dead} dead`)] : []),
    ...(inDoubt > 0 ? [`${inDoubt} in doubt`] : []),
    ...(gone > 0
      ? [`${gone} ${gone === 1 ? 'card' : 'cards'} deleted by a person (sessionwire recreate-card ${name})`]
      : []),
  ]
  return `${name} (${mode}): ${parts.join(', ')}`
}
