import {
  type Hooks,
  type Json,
  type Session,
  type SessionEvent,
  TrackerError,
} from '@sessionwire/core/adapter'
import { openBlocker, resolveBlocker } from './actions/blocker.ts'
import { recordDecision } from './actions/decision.ts'
import { recordEntity } from './actions/entity.ts'
import { moveSession, recordProgress } from './actions/progress.ts'
import { ensureRule, RULE_NAMES, registerProject } from './actions/project.ts'
import { endSession, resumeSession, startSession } from './actions/session.ts'
import type { Neo4jConfig } from './config.ts'
import { clean, indexed } from './text.ts'

/** What every event of a session says of itself. */
const of = (event: SessionEvent, session: Session) => ({
  sessionId: event.sessionId,
  project: session.project,
  eventId: event.id,
  at: event.time,
  seq: event.sequence,
})

/** The same, for what no newer event can undo. */
const unordered = (event: SessionEvent, session: Session) => {
  const { seq: _, ...known } = of(event, session)
  return known
}

/** A project nodes are found by; nothing may be left of one that was controls alone. */
const projectOf = (session: Session): string => {
  const project = indexed(session.project)
  if (project !== '') return project
  throw new TrackerError('INVALID_INPUT', 'project: must not be empty', { field: 'project' })
}

/** What `of` says, as the graph keeps it: for updates, of which there are many. */
const kept = (event: SessionEvent, session: Session) => ({
  sessionId: indexed(event.sessionId),
  project: projectOf(session),
  eventId: indexed(event.id),
  at: event.time,
  seq: event.sequence,
})

/** A map as JSON text: properties of a node cannot hold one. */
const jsonOf = (fields: Readonly<Record<string, Json>>): Readonly<{ text?: string }> =>
  Object.keys(fields).length === 0 ? {} : { text: JSON.stringify(fields) }

/** Without what is undefined. */
const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const urlOf = (id: string, { sessionUrl }: Neo4jConfig) =>
  sessionUrl?.replaceAll('{id}', encodeURIComponent(id))

/** Which hook makes which calls: one statement each, but for `init`, whose schema commands stand alone. */
export const hooks: Hooks<Neo4jConfig> = {
  init: ({ project }, _session, event, { manageSchema }) => [
    ...(manageSchema ? RULE_NAMES.map(name => ensureRule({ name })) : []),
    registerProject({ project, eventId: event.id, at: event.time }),
  ],
  start: ({ progress, refs, metadata }, session, event, config) => [
    startSession({
      ...of(event, session),
      user: session.user,
      name: session.title,
      progress,
      refs: Object.entries(refs).flatMap(([adapter, names]) =>
        Object.entries(names).map(([name, value]) => `${adapter}.${name}=${value}`),
      ),
      ...given({
        agent: session.agent,
        goal: session.goal,
        url: urlOf(session.id, config),
        previousId: session.previousId,
        parentId: session.parentId,
        metadataJson: jsonOf(metadata).text,
      }),
    }),
  ],
  update: ({ description, progress, tags, nextSteps = [] }, session, event, { updates }) => {
    if (updates === 'off') return []
    const moved = { ...kept(event, session), message: clean(description), progress }
    return [
      updates === 'card'
        ? moveSession.step(moved)
        : recordProgress.step({ ...moved, tags: tags.map(clean), nextSteps: nextSteps.map(clean) }),
    ]
  },
  decision: (
    { decisionId, content, alternatives, relatedEntities, rationale, impact, category, supersedes },
    session,
    event,
  ) => [
    recordDecision({
      ...unordered(event, session),
      decisionId,
      content,
      alternatives: [...alternatives],
      relatedEntities: [...relatedEntities],
      entities: session.entities
        .filter(({ name }) => relatedEntities.includes(name))
        .map(({ type, name }) => ({ type, name })),
      ...given({ rationale, impact, category, supersedes }),
    }),
  ],
  entity: ({ name, type, path, description, properties }, session, event) => [
    recordEntity({
      ...unordered(event, session),
      name,
      type,
      decisionIds: session.decisions
        .filter(({ relatedEntities }) => relatedEntities.includes(name))
        .map(({ decisionId }) => decisionId),
      ...given({ path, description, propertiesJson: jsonOf(properties).text }),
    }),
  ],
  blocker: ({ blockerId, description, category, severity }, session, event) => [
    openBlocker({ ...of(event, session), blockerId, description, category, severity }),
  ],
  resolve: ({ blockerId, resolution }, session, event) => [
    resolveBlocker({ ...of(event, session), blockerId, ...given({ resolution }) }),
  ],
  resume: (_, session, event) => [
    resumeSession({ ...of(event, session), ...given({ summary: session.summary }) }),
  ],
  close: ({ end }, session, event) => [
    endSession({
      ...of(event, session),
      status: end,
      progress: session.progress,
      ...given({ summary: session.summary }),
    }),
  ],
}
