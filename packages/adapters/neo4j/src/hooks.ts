import {
  type Descriptor,
  type Hooks,
  invalidInput,
  type Json,
  fieldsOf as partsOf,
  provenance,
  type Session,
  type SessionEvent,
  type Step,
} from '@sessionwire/core/adapter'
import { ensureRule, registerProject } from './actions/project.ts'
import type { Neo4jConfig } from './config.ts'
import { RULE_NAMES } from './rules.ts'
import * as steps from './steps.ts'
import { clean, entityId, fitIndex, stampOf } from './text.ts'

/** A text by which nodes are found; one of control characters alone is refused. */
const keyOf = (field: string, text: string): string => {
  const key = fitIndex(text)
  if (key !== '') return key
  throw invalidInput({ field, problem: 'no visible character' })
}

const keysOf = (field: string, texts: readonly (string | undefined)[] = []): readonly string[] =>
  texts.flatMap(text => (text === undefined ? [] : [keyOf(field, text)]))

/** Fields of every event of a session. */
const fieldsOf = (event: SessionEvent, session: Session) => ({
  sessionId: keyOf('sessionId', event.sessionId),
  project: keyOf('project', session.project),
  eventId: keyOf('eventId', event.id),
  at: event.time,
  seq: event.sequence,
})

/** A map as JSON text: properties of a node cannot hold one. */
const jsonOf = (fields: Readonly<Record<string, Json>>): string | undefined =>
  Object.keys(fields).length === 0
    ? undefined
    : JSON.stringify(fields, (_, value) => (typeof value === 'string' ? clean(value) : value))

/** The node of an entity. */
const nodeOf = (project: string, given: Readonly<{ type: string; name: string }>) => {
  const named = { type: clean(given.type), name: clean(given.name) }
  return { id: entityId({ project, ...named }), ...named }
}

/** Nodes of a session's entities by the names that were given. */
const nodesOf = ({ entities, ...session }: Session, names: readonly string[] = []) =>
  entities.filter(({ name }) => names.includes(name)).map(each => nodeOf(fitIndex(session.project), each))

const urlOf = (id: string, { sessionUrl }: Neo4jConfig) =>
  sessionUrl?.replaceAll('{id}', encodeURIComponent(id))

const events: Hooks<Neo4jConfig> = {
  init: ({ project }, _session, event, { manageSchema }) => [
    ...(manageSchema ? RULE_NAMES.map(name => ensureRule({ name })) : []),
    registerProject({ project, eventId: event.id, at: event.time }),
  ],
  start: (payload, session, event, config) => {
    const { links = [] } = payload
    const idsOf = (wanted: string) =>
      links.flatMap(({ kind, sessionId }) => (kind === wanted ? keysOf('links', [sessionId]) : []))
    return [
      steps.startSession({
        ...fieldsOf(event, session),
        user: session.user,
        name: session.title,
        progress: payload.progress,
        agent: session.agent,
        goal: session.goal,
        url: urlOf(session.id, config),
        workspace: payload.workspace,
        machine: payload.machine,
        recordedBy: provenance({ session, event }).by,
        metadataJson: jsonOf(payload.metadata),
        refs: Object.entries(payload.refs).flatMap(([adapter, names]) =>
          Object.entries(names).map(([name, value]) => `${adapter}.${name}=${value}`),
        ),
        previousIds: keysOf('previousId', [session.previousId]),
        parentIds: keysOf('parentId', [session.parentId]),
        continuedIds: idsOf('continues'),
        referencedIds: idsOf('references'),
        neededIds: idsOf('depends_on'),
      }),
    ]
  },
  update: ({ description, ...payload }, session, event, { updates }) => {
    if (updates === 'off') return []
    const make = updates === 'card' ? steps.moveSession : steps.recordProgress
    const total = payload.usage && session.usage
    const fields = { ...payload, nextSteps: payload.nextSteps ?? [], message: description, total }
    return [make({ ...fields, ...fieldsOf(event, session) })]
  },
  decision: (payload, session, event) => {
    const decisionId = keyOf('decisionId', payload.decisionId)
    return [
      steps.recordDecision({
        ...payload,
        ...fieldsOf(event, session),
        decisionId,
        alternatives: payload.alternatives.map((content, place) => ({
          id: `${decisionId}:alt:${place}`,
          place,
          content,
        })),
        supersededIds: keysOf('supersedes', [payload.supersedes]),
        entities: nodesOf(session, payload.relatedEntities),
      }),
    ]
  },
  entity: (payload, session, event) => {
    const fields = fieldsOf(event, session)
    const decisions = session.decisions.filter(({ relatedEntities }) =>
      relatedEntities.includes(payload.name),
    )
    return [
      steps.recordEntity({
        ...payload,
        ...fields,
        entityId: nodeOf(fields.project, payload).id,
        stamp: stampOf(fields),
        propertiesJson: jsonOf(payload.properties),
        decisionIds: keysOf(
          'decisionId',
          decisions.map(({ decisionId }) => decisionId),
        ),
      }),
    ]
  },
  blocker: (payload, session, event, { updates }) => [
    steps.openBlocker({
      ...payload,
      ...fieldsOf(event, session),
      blockerId: keyOf('blockerId', payload.blockerId),
      // Without nodes of updates there is nothing to point to.
      updateIds: updates === 'each' ? keysOf('relatedUpdates', payload.relatedUpdates) : [],
      entities: nodesOf(session, payload.relatedEntities),
    }),
  ],
  resolve: ({ blockerId, resolution }, session, event) => [
    steps.resolveBlocker({
      ...fieldsOf(event, session),
      blockerId: keyOf('blockerId', blockerId),
      resolution,
    }),
  ],
  linked: ({ link }, session, event) => [steps.linkCard({ ...fieldsOf(event, session), ...link })],
  resume: (_, session, event) => [
    steps.resumeSession({ ...fieldsOf(event, session), summary: session.summary }),
  ],
  close: ({ end }, session, event) => {
    const fields = fieldsOf(event, session)
    const { progress, summary, usage: total } = session
    return [steps.endSession({ ...fields, stamp: stampOf(fields), status: end, progress, summary, total })]
  },
}

const message: Hooks<Neo4jConfig>['message'] = (payload, session, event) => [
  steps.recordMessage({
    ...payload,
    ...fieldsOf(event, session),
    total: payload.usage && session.usage,
    answeredIds: keysOf('replyTo', [payload.replyTo]),
  }),
]

/** Removes a link that was added. */
export const removeLink = ({ payload }: Descriptor): Step<Neo4jConfig> =>
  steps.unlinkCard(partsOf(partsOf(payload ?? null).parameters ?? null))

/**
 * Which hook plans which calls: one statement each, but for `init`, whose schema commands stand alone. Messages are planned
 * only where the configuration asks for them.
 */
export const hooks = ({ messages }: Neo4jConfig): Hooks<Neo4jConfig> =>
  messages ? { ...events, message } : events
