import type { Json } from '@sessionwire/core/adapter'

/** Parameters of a statement. */
export type Given = Readonly<Record<string, Json>>

/** An applied statement: which one, its parameters, and when it first came. */
export type Applied = Readonly<{ action: string; given: Given }>

/** A session as the graph shows it. */
export type SessionNode = Readonly<{
  /** The session's id. */
  id: string
  /** Name of its project; empty when nothing said it. */
  project: string
  /** Absent until its start has come. */
  start?: Given
  /** `active`, or how it ended; null until its start, its end or a resume has come. */
  status: string | null
  /** The newest that was said, in percent; null for none. */
  progress: number | null
  /** The text of its close; null for none. */
  summary: string | null
  /** When it ended, ISO 8601; null while it goes on. */
  endTime: string | null
  /** Text of the newest update; null before the first. */
  lastMessage: string | null
  /** When anything was last applied to it, ISO 8601; null for never. */
  lastUpdate: string | null
  /** How long it took; null while it goes on. */
  hours: number | null
  /** Its usage, from the newest event that has one; null for none. */
  total: Given | null
}>

/** By what a statement's node is merged: applying it again changes nothing. */
const IDS: Readonly<Record<string, (given: Given) => string>> = {
  registerProject: ({ project }) => String(project),
  setProjectState: ({ stamp }) => String(stamp),
  startSession: ({ sessionId }) => String(sessionId),
  recordProgress: ({ eventId }) => String(eventId),
  moveSession: ({ eventId }) => String(eventId),
  recordMessage: ({ eventId }) => String(eventId),
  recordDecision: ({ decisionId }) => String(decisionId),
  recordEntity: ({ eventId }) => String(eventId),
  addObservation: ({ observationId }) => String(observationId),
  relateEntities: ({ fromId, kind, toId }) => `${String(fromId)} ${String(kind)} ${String(toId)}`,
  openBlocker: ({ blockerId }) => String(blockerId),
  resolveBlocker: ({ eventId }) => String(eventId),
  endSession: ({ eventId }) => String(eventId),
  resumeSession: ({ eventId }) => String(eventId),
  linkCard: ({ sessionId, adapter }) => `${String(sessionId)} ${String(adapter)}`,
}

const seqOf = ({ given }: Applied): number => Number(given.seq ?? 0)
const newest = (list: readonly Applied[]): Applied | undefined =>
  list.reduce<Applied | undefined>(
    (best, each) => (best === undefined || seqOf(each) > seqOf(best) ? each : best),
    undefined,
  )
const textOr = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)
const numberOr = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null)

/** Keeps what was applied, once for each node, and folds it into nodes when asked: no statement is run. */
export const graph = () => {
  let applied = new Map<string, Applied>()
  const rules = new Set<string>()

  const all = (...actions: readonly string[]): readonly Applied[] =>
    [...applied.values()].filter(({ action }) => actions.includes(action))
  const ofSession = (id: string, ...actions: readonly string[]) =>
    all(...actions).filter(({ given }) => given.sessionId === id)

  const session = (id: string): SessionNode => {
    const [start] = ofSession(id, 'startSession')
    const life = newest(ofSession(id, 'startSession', 'endSession', 'resumeSession'))
    const step = newest(ofSession(id, 'recordProgress', 'moveSession'))
    const moved = ofSession(id, 'startSession', 'recordProgress', 'moveSession', 'endSession')
    const progress = newest(moved.filter(({ given }) => given.progress !== null))
    const usage = newest(
      [...moved, ...ofSession(id, 'recordMessage')].filter(
        ({ given }) => given.total !== null && given.total !== undefined,
      ),
    )
    const times = [...moved, ...ofSession(id, 'resumeSession')].map(({ given }) => String(given.at)).sort()
    const [anything] = [...applied.values()].filter(({ given }) => given.sessionId === id)
    const ended = life?.action === 'endSession' ? life.given : undefined
    const took = (Date.parse(String(ended?.at)) - Date.parse(String(start?.given.at))) / 3_600_000
    return {
      id,
      project: String(anything?.given.project ?? ''),
      ...(start === undefined ? {} : { start: start.given }),
      status: ended === undefined ? (life === undefined ? null : 'active') : textOr(ended.status),
      progress: numberOr(progress?.given.progress),
      summary: textOr(life?.given.summary),
      endTime: textOr(ended?.at),
      lastMessage: textOr(step?.given.message),
      lastUpdate: times.at(-1) ?? null,
      hours: Number.isNaN(took) ? null : took,
      total: (usage?.given.total as Given | undefined) ?? null,
    }
  }

  return {
    /** Applies a statement; false when its node was there already. */
    apply: (action: string, given: Given): boolean => {
      const id = IDS[action]?.(given)
      if (id === undefined) return true
      const key = `${action} ${id}`
      const fresh = !applied.has(key)
      // A node that is merged again is set again.
      applied.set(key, { action, given })
      return fresh
    },
    forget: (sessionId: Json | undefined): void => {
      applied = new Map([...applied].filter(([, { given }]) => given.sessionId !== sessionId))
    },
    unrelate: (given: Given): void => {
      applied.delete(`relateEntities ${IDS.relateEntities?.(given) ?? ''}`)
    },
    unlink: (given: Given): void => {
      applied.delete(`linkCard ${IDS.linkCard?.(given) ?? ''}`)
    },
    rule: (name: string): void => void rules.add(name),
    rules: (): readonly string[] => [...rules],
    all,
    ofSession,
    session,
    /** Every session of which anything was applied. */
    sessions: (): readonly SessionNode[] =>
      [
        ...new Set(
          [...applied.values()].map(({ given }) => given.sessionId).filter(id => typeof id === 'string'),
        ),
      ].map(session),
    /** Whether a blocker was resolved, and by what. */
    resolution: (blockerId: Json | undefined): Given | undefined =>
      newest(all('resolveBlocker').filter(({ given }) => given.blockerId === blockerId))?.given,
  }
}

/** The hostile server's graph. */
export type Graph = ReturnType<typeof graph>
