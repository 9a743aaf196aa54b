import {
  type Hooks,
  invalidInput,
  type Json,
  provenance,
  type Session,
  type SessionEvent,
  type Usage,
} from '@sessionwire/core/adapter'
import { openBlocker, resolveBlocker } from './actions/blocker.ts'
import { recordDecision } from './actions/decision.ts'
import { recordEntity } from './actions/entity.ts'
import { moveSession, recordMessage, recordProgress } from './actions/progress.ts'
import { ensureRule, RULE_NAMES, registerProject } from './actions/project.ts'
import { endSession, resumeSession, startSession } from './actions/session.ts'
import type { Neo4jConfig } from './config.ts'
import { clean, indexed } from './text.ts'

/** Fields of every event of a session. */
const fieldsOf = (event: SessionEvent, session: Session) => ({
  sessionId: event.sessionId,
  project: session.project,
  eventId: event.id,
  at: event.time,
  seq: event.sequence,
})

/** The same, for nodes that no newer event changes. */
const fieldsWithoutOrder = (event: SessionEvent, session: Session) => {
  const { seq: _, ...known } = fieldsOf(event, session)
  return known
}

/** The project by which nodes are found; one of control characters alone is refused. */
const projectOf = (session: Session): string => {
  const project = indexed(session.project)
  if (project !== '') return project
  throw invalidInput({ field: 'project', problem: 'no visible character' })
}

/** The fields of `fieldsOf` as the graph keeps them: for updates, of which there are many. */
const cleanFields = (event: SessionEvent, session: Session) => ({
  sessionId: indexed(event.sessionId),
  project: projectOf(session),
  eventId: indexed(event.id),
  at: event.time,
  seq: event.sequence,
})

/** A map as JSON text: properties of a node cannot hold one. */
const jsonOf = (fields: Readonly<Record<string, Json>>): Readonly<{ text?: string }> =>
  Object.keys(fields).length === 0
    ? {}
    : { text: JSON.stringify(fields, (_, value) => (typeof value === 'string' ? clean(value) : value)) }

/** Fields without those that are undefined. */
const omitMissing = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

/** Entities of a session by the names that were given. */
const pickEntities = ({ entities }: Session, names: readonly string[]) =>
  entities.filter(({ name }) => names.includes(name)).map(({ type, name }) => ({ type, name }))

const urlOf = (id: string, { sessionUrl }: Neo4jConfig) =>
  sessionUrl?.replaceAll('{id}', encodeURIComponent(id))

/** Usage of an event, and the sum of its session up to then, where there is any. */
const usageOf = (usage: Usage | undefined, session: Session) =>
  usage === undefined ? {} : omitMissing({ usage, total: session.usage })

const events: Hooks<Neo4jConfig> = {
  init: ({ project }, _session, event, { manageSchema }) => [
    ...(manageSchema ? RULE_NAMES.map(name => ensureRule({ name })) : []),
    registerProject({ project, eventId: event.id, at: event.time }),
  ],
  start: ({ progress, refs, metadata, links = [], workspace, machine }, session, event, config) => [
    startSession({
      ...fieldsOf(event, session),
      user: session.user,
      name: session.title,
      progress,
      links: links.map(({ kind, sessionId }) => ({ kind, sessionId })),
      recordedBy: provenance({ session, event }).by,
      refs: Object.entries(refs).flatMap(([adapter, names]) =>
        Object.entries(names).map(([name, value]) => `${adapter}.${name}=${value}`),
      ),
      ...omitMissing({
        agent: session.agent,
        goal: session.goal,
        url: urlOf(session.id, config),
        previousId: session.previousId,
        parentId: session.parentId,
        workspace,
        machine,
        metadataJson: jsonOf(metadata).text,
      }),
    }),
  ],
  update: ({ description, progress, tags, nextSteps = [], usage }, session, event, { updates }) => {
    if (updates === 'off') return []
    const { usage: own, total } = usageOf(usage, session)
    const moved = { ...cleanFields(event, session), message: clean(description), progress, total }
    return [
      updates === 'card'
        ? moveSession.step(moved)
        : recordProgress.step({
            ...moved,
            usage: own,
            tags: tags.map(clean),
            nextSteps: nextSteps.map(clean),
          }),
    ]
  },
  decision: (
    { decisionId, content, alternatives, relatedEntities, rationale, impact, category, supersedes },
    session,
    event,
  ) => [
    recordDecision({
      ...fieldsWithoutOrder(event, session),
      decisionId,
      content,
      alternatives: [...alternatives],
      relatedEntities: [...relatedEntities],
      entities: pickEntities(session, relatedEntities),
      ...omitMissing({ rationale, impact, category, supersedes }),
    }),
  ],
  entity: ({ name, type, path, description, properties }, session, event) => [
    recordEntity({
      ...fieldsWithoutOrder(event, session),
      name,
      type,
      decisionIds: session.decisions
        .filter(({ relatedEntities }) => relatedEntities.includes(name))
        .map(({ decisionId }) => decisionId),
      ...omitMissing({ path, description, propertiesJson: jsonOf(properties).text }),
    }),
  ],
  blocker: (
    { blockerId, description, category, severity, relatedUpdates = [], relatedEntities = [] },
    session,
    event,
    { updates },
  ) => [
    openBlocker({
      ...fieldsOf(event, session),
      blockerId,
      description,
      category,
      severity,
      // Without nodes of updates there is nothing to point to.
      updateIds: updates === 'each' ? [...relatedUpdates] : [],
      entities: pickEntities(session, relatedEntities),
    }),
  ],
  resolve: ({ blockerId, resolution }, session, event) => [
    resolveBlocker({ ...fieldsOf(event, session), blockerId, ...omitMissing({ resolution }) }),
  ],
  resume: (_, session, event) => [
    resumeSession({ ...fieldsOf(event, session), ...omitMissing({ summary: session.summary }) }),
  ],
  close: ({ end }, session, event) => [
    endSession({
      ...fieldsOf(event, session),
      status: end,
      progress: session.progress,
      ...omitMissing({ summary: session.summary, total: session.usage }),
    }),
  ],
}

const message: Hooks<Neo4jConfig>['message'] = (
  { role, content, turnId, replyTo, name, model, usage },
  session,
  event,
) => [
  recordMessage({
    ...fieldsOf(event, session),
    role,
    content,
    ...usageOf(usage, session),
    ...omitMissing({ turnId, replyTo, name, model }),
  }),
]

/**
 * Which hook plans which calls: one statement each, but for `init`, whose schema commands stand alone. Messages are planned
 * only where the configuration asks for them.
 */
export const hooks = ({ messages }: Neo4jConfig): Hooks<Neo4jConfig> =>
  messages ? { ...events, message } : events
