import type { Link } from '../descriptor/descriptor.ts'
import type { SessionEvent } from '../session/events.ts'
import type { HookPayloads, SessionStatus } from '../session/schema.ts'
import {
  formatProgress,
  hasProgress,
  listFiles,
  measureBlocker,
  namePeople,
  openBlockers,
  type Session,
  standingDecisions,
} from '../session/session.ts'
import { formatDuration, newest, shorten } from '../session/text.ts'

/** A labelled line of a card or an entry. Text is raw: each adapter escapes it into its service's markup. */
export type Row = Readonly<
  | {
      /** For people, as in `Goal`. */
      label: string
      /** One text, of any length. */
      text: string
    }
  | {
      /** For people, as in `Goal`. */
      label: string
      /** Several texts, never none. */
      items: readonly string[]
    }
>

/** Texts that a session's place in a tool shows, before markup. */
export type Card = Readonly<{
  /** The session's title. */
  title: string
  /** How the session stands, for people: `in progress`, `blocked`, `completed`, `left, can be resumed`. */
  standing: string
  /** 0 to 100. */
  progress: number
  /** Progress for people, from start to now: `20 → 80 %`, or `20 %` where it is still what it was. Empty: nothing gave one. */
  progressText: string
  /** Ten blocks: `███░░░░░░░`. Empty: nothing gave a progress, so that an empty bar would say that nothing was done. */
  bar: string
  /** Rows in the order they are shown; empty ones are left out. */
  rows: readonly Row[]
  /** The session's other cards, by adapter. Absent: it shows none. */
  links?: readonly Link[]
}>

/** One decision, blocker, resolution, update or summary below the card, before markup. */
export type Entry = Readonly<{
  /** As in `Decision`, or `Blocked (high)`. */
  heading: string
  /** The body: the decision, the description, the summary. */
  text: string
  /** Further rows; empty ones are left out. */
  rows: readonly Row[]
}>

const text = (label: string, value: string | undefined): readonly Row[] =>
  value === undefined || value.trim() === '' ? [] : [{ label, text: value }]

const items = (label: string, values: readonly string[]): readonly Row[] =>
  values.length === 0 ? [] : [{ label, items: values }]

/** How a card stands, with its progress where there is one: `in progress, 20 %`. */
export const tellStanding = ({ standing, progressText }: Pick<Card, 'standing' | 'progressText'>): string =>
  progressText === '' ? standing : `${standing}, ${progressText}`

/** How a session that is not active stands, for people. */
const STANDINGS: Readonly<Record<Exclude<SessionStatus, 'active'>, string>> = {
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  crashed: 'crashed',
  abandoned: 'abandoned',
  left: 'left, can be resumed',
}

const makeCard = (session: Session): Card => {
  const open = openBlockers(session)
  const last = session.updates.at(-1)
  const { status } = session
  const active = status === 'active'
  const filled = Math.round(session.progress / 10)
  const ended =
    session.endedAt === undefined ? undefined : Date.parse(session.endedAt) - Date.parse(session.startedAt)
  return {
    title: session.title,
    standing: status === 'active' ? (open.length > 0 ? 'blocked' : 'in progress') : STANDINGS[status],
    progress: session.progress,
    progressText: formatProgress(session),
    bar: hasProgress(session) ? '█'.repeat(filled) + '░'.repeat(10 - filled) : '',
    rows: [
      ...text('Goal', session.goal === session.title ? undefined : session.goal),
      ...text(active ? 'Now' : 'Last', last?.description),
      ...(active ? items('Next', last?.nextSteps ?? []) : []),
      ...items(
        'Blocked by',
        newest(
          open.map(blocker => `${blocker.description} (${blocker.severity})`),
          5,
        ),
      ),
      ...text('Summary', session.summary),
      ...items(
        'Decided',
        newest(
          standingDecisions(session).map(decision => shorten(decision.content, 200)),
          5,
        ),
      ),
      ...items('Files', newest(listFiles(session), 5)),
      ...text('By', namePeople(session)),
      ...text('Project', session.project),
      ...text('Took', ended === undefined ? undefined : formatDuration(ended)),
    ],
  }
}

/** Cards that were made before: the adapters of a tracker plan an event with the same value of its session. */
const made = new WeakMap<Session, Card>()

/** The card of a session: the same rows, in the same words, in every tool. */
export const card = (session: Session): Card => {
  let known = made.get(session)
  if (known === undefined) {
    known = makeCard(session)
    made.set(session, known)
  }
  return known
}

const ENTRIES: {
  readonly [H in SessionEvent['type']]?: (payload: HookPayloads[H], session: Session) => Entry
} = {
  update: update => ({
    heading: update.progress === undefined ? 'Update' : `Update, ${update.progress} %`,
    text: update.description,
    rows: [...items('Next', update.nextSteps ?? []), ...text('Tags', update.tags.join(', '))],
  }),
  decision: decision => ({
    heading: 'Decision',
    text: decision.content,
    rows: [
      ...text('Why', decision.rationale),
      ...items('Instead of', decision.alternatives),
      ...text('Impact', decision.impact),
      ...text('Category', decision.category),
    ],
  }),
  entity: entity => ({
    heading: `Touched: ${entity.type}`,
    text: entity.name,
    rows: [...text('Path', entity.path), ...text('About', entity.description)],
  }),
  blocker: blocker => ({
    heading: `Blocked (${blocker.severity})`,
    text: blocker.description,
    rows: text('Category', blocker.category),
  }),
  resolve: (resolved, session) => {
    const blocker = session.blockers.find(each => each.blockerId === resolved.blockerId)
    const lasted = blocker?.resolvedAt === undefined ? undefined : formatDuration(measureBlocker(blocker))
    return {
      heading: 'Unblocked',
      text: blocker?.description ?? 'a blocker',
      rows: [...text('How', resolved.resolution), ...text('Blocked for', lasted)],
    }
  },
  close: (close, session) => {
    const took = formatDuration(close.durationMs)
    const told = close.summary ?? session.updates.at(-1)?.description
    return {
      heading: `Session ${tellStanding({ standing: close.end, progressText: formatProgress(session) })}`,
      text: told ?? `It took ${took}.`,
      rows: told === undefined ? [] : text('Took', took),
    }
  },
  resume: resume => ({ heading: 'Session resumed', text: resume.reason, rows: [] }),
}

/** The entry of one event, in the same words in every tool; `undefined` for hooks that have none. */
export const entry = (event: SessionEvent, session: Session): Entry | undefined => {
  const of = ENTRIES[event.type] as ((payload: unknown, session: Session) => Entry) | undefined
  return of?.(event.payload, session)
}
