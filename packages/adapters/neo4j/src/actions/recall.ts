import * as z from 'zod'
import { Key, limit, Moment, Text } from './input.ts'
import { cypher, recall } from './statement.ts'

const text = z.string().nullish()
const number = z.number().nullish()

/** A session as the reads return it. */
const SessionRow = z.looseObject({
  id: z.string(),
  name: text,
  user: text,
  status: text,
  progress: number,
  summary: text,
  startTime: text,
  endTime: text,
})

const SHOWN = `s {
    .id, .name, .goal, .user, .agent, .project, .url, .workspace, .machine, .status, .progress, .startProgress, .summary, .lastMessage, .duration,
    .inputTokens, .outputTokens, .costUsd,
    startTime: toString(s.startTime), endTime: toString(s.endTime), lastUpdate: toString(s.lastUpdate)`

/** The sessions of a project, newest first. */
export const listSessions = recall(
  'listSessions',
  z.strictObject({
    project: Key,
    user: Text.optional(),
    status: z
      .literal(['active', 'completed', 'failed', 'cancelled', 'crashed', 'abandoned', 'left'])
      .optional(),
    since: Moment.optional(),
    until: Moment.optional(),
    limit: limit(10),
  }),
  SessionRow,
  `${cypher`
  MATCH (s:Session)
  WHERE s.project = $project AND s.startTime IS NOT NULL
    AND ($user IS NULL OR s.user = $user) AND ($status IS NULL OR s.status = $status)
    AND ($since IS NULL OR s.startTime >= datetime($since)) AND ($until IS NULL OR s.startTime < datetime($until))
  WITH s ORDER BY s.startTime DESC, s.id LIMIT toInteger($limit)`}
RETURN ${SHOWN},
    updates: COUNT { (s)-[:HAS_PROGRESS]->() },
    decisions: COUNT { (s)-[:MADE_DECISION]->() },
    entities: COUNT { (s)-[:CREATED_ENTITY]->() },
    blockers: COUNT { (s)-[:ENCOUNTERED_BLOCKER]->() } } AS row
ORDER BY s.startTime DESC, s.id`,
  {
    about: 'The sessions of a project, newest first, with counts of what happened in them.',
    example: { project: 'billing' },
  },
)

/** The last session of a project. */
export const getLastSession = recall(
  'getLastSession',
  z.strictObject({ project: Key, user: Text.optional() }),
  SessionRow,
  `${cypher`
  MATCH (s:Session)
  WHERE s.project = $project AND s.startTime IS NOT NULL AND ($user IS NULL OR s.user = $user)
  WITH s ORDER BY s.startTime DESC, s.id LIMIT 1`}
RETURN ${SHOWN} } AS row`,
  {
    about: 'The last session of a project, or of one user in it; none is an empty list.',
    example: { project: 'billing' },
  },
)

/** Active sessions. */
export const listActiveSessions = recall(
  'listActiveSessions',
  z.strictObject({ project: Key.optional(), user: Text.optional(), limit: limit(100) }),
  SessionRow,
  `${cypher`
  MATCH (s:Session)
  WHERE s.status = 'active' AND s.startTime IS NOT NULL
    AND ($project IS NULL OR s.project = $project) AND ($user IS NULL OR s.user = $user)
  WITH s ORDER BY s.lastUpdate DESC, s.id LIMIT toInteger($limit)`}
RETURN ${SHOWN} } AS row
ORDER BY s.lastUpdate DESC, s.id`,
  {
    about: 'Active sessions of all projects or one, latest change first.',
    example: { project: 'billing' },
  },
)

/** Open blockers. */
export const listOpenBlockers = recall(
  'listOpenBlockers',
  z.strictObject({ project: Key, limit: limit(100) }),
  z.looseObject({ id: z.string(), description: text, category: text, severity: text, createdAt: text }),
  cypher`
    MATCH (b:Blocker)
    WHERE b.project = $project AND b.status = 'active'
    WITH b ORDER BY b.createdAt DESC, b.id LIMIT toInteger($limit)
    RETURN b {
      .id, .description, .category, .severity, createdAt: toString(b.createdAt),
      sessions: [(s:Session)-[:ENCOUNTERED_BLOCKER]->(b) | s.id] } AS row
    ORDER BY b.createdAt DESC, b.id`,
  { about: 'Open blockers of a project, newest first.', example: { project: 'billing' } },
)

/** Decisions of a project. */
export const listDecisions = recall(
  'listDecisions',
  z.strictObject({
    project: Key,
    category: Text.optional(),
    since: Moment.optional(),
    until: Moment.optional(),
    limit: limit(50),
  }),
  z.looseObject({ id: z.string(), content: text, rationale: text, at: text }),
  cypher`
    MATCH (d:Decision)
    WHERE d.project = $project AND d.timestamp IS NOT NULL AND ($category IS NULL OR d.category = $category)
      AND ($since IS NULL OR d.timestamp >= datetime($since)) AND ($until IS NULL OR d.timestamp < datetime($until))
    WITH d ORDER BY d.timestamp DESC, d.id LIMIT toInteger($limit)
    RETURN d {
      .id, .content, .rationale, .impact, .category, .relatedEntities, at: toString(d.timestamp),
      sessionId: head([(s:Session)-[:MADE_DECISION]->(d) | s.id]),
      alternatives: COLLECT { MATCH (d)-[:CONSIDERED]->(a:Alternative) RETURN a.content ORDER BY a.place },
      supersededBy: head([(newer:Decision)-[:SUPERSEDES]->(d) | newer.id]) } AS row
    ORDER BY d.timestamp DESC, d.id`,
  {
    about: 'Decisions of a project, newest first, with their alternatives.',
    example: { project: 'billing' },
  },
)

/** Progress over time. */
export const listProgress = recall(
  'listProgress',
  z.strictObject({ project: Key, since: Moment.optional(), until: Moment.optional(), limit: limit(1_000) }),
  z.looseObject({ at: text, percentage: number, message: text, sessionId: z.string() }),
  cypher`
    MATCH (s:Session)-[:HAS_PROGRESS]->(p:Progress)
    WHERE s.project = $project AND p.percentage IS NOT NULL
      AND ($since IS NULL OR p.timestamp >= datetime($since)) AND ($until IS NULL OR p.timestamp < datetime($until))
    WITH s, p ORDER BY p.timestamp DESC, p.seq DESC LIMIT toInteger($limit)
    RETURN { at: toString(p.timestamp), percentage: p.percentage, message: p.message, sessionId: s.id } AS row
    ORDER BY p.timestamp, p.seq`,
  {
    about: 'Steps of progress of a project in order of time: the last ones, up to the limit.',
    example: { project: 'billing' },
  },
)

const list = z.array(z.looseObject({}))

/** One session with everything of it. */
export const getSession = recall(
  'getSession',
  z.strictObject({ sessionId: Key }),
  z.looseObject({ session: SessionRow, progress: list, decisions: list, entities: list, blockers: list }),
  `${cypher`
  MATCH (s:Session {id: $sessionId})
  RETURN {`}
  session: ${SHOWN}, metadataJson: s.metadataJson, refs: s.refs,
    follows: head([(s)-[:FOLLOWS]->(previous:Session) | previous.id]),
    partOf: head([(s)-[:PART_OF]->(parent:Session) | parent.id]),
    links: COLLECT {
      MATCH (s)-[r:CONTINUES|REFERENCES|DEPENDS_ON]->(other:Session)
      RETURN { kind: toLower(type(r)), sessionId: other.id } ORDER BY type(r), other.id } },
${cypher`
  progress: COLLECT {
    MATCH (s)-[:HAS_PROGRESS]->(p:Progress)
    RETURN p { .id, .seq, .percentage, .message, .tags, .nextSteps, at: toString(p.timestamp) } ORDER BY p.seq },
  messages: COLLECT {
    MATCH (s)-[:HAS_MESSAGE]->(m:Message)
    RETURN m { .id, .seq, .role, .name, .model, .content, at: toString(m.timestamp) } ORDER BY m.seq },
  decisions: COLLECT {
    MATCH (s)-[:MADE_DECISION]->(d:Decision)
    RETURN d { .id, .content, .rationale, .impact, .category, .relatedEntities, at: toString(d.timestamp),
      alternatives: COLLECT { MATCH (d)-[:CONSIDERED]->(a:Alternative) RETURN a.content ORDER BY a.place } } ORDER BY d.timestamp, d.id },
  entities: COLLECT {
    MATCH (s)-[:CREATED_ENTITY]->(e:Entity)
    RETURN e { .id, .name, .type, .path, .description, .propertiesJson,
      observations: [(e)-[:HAS_OBSERVATION]->(o:Observation) | o.content] } ORDER BY e.type, e.name },
  blockers: COLLECT {
    MATCH (s)-[:ENCOUNTERED_BLOCKER]->(b:Blocker)
    RETURN b { .id, .description, .category, .severity, .status, .resolution, at: toString(b.createdAt),
      resolvedAt: toString(b.resolvedAt) } ORDER BY b.createdAt, b.id }
} AS row`}`,
  {
    about:
      'One session with all its progress, messages, decisions, entities and blockers; none is an empty list.',
    example: { sessionId: '01990000-0000-7000-8000-00000000a001' },
  },
)

/** The state of a project. */
export const getProjectState = recall(
  'getProjectState',
  z.strictObject({ project: Key }),
  z.looseObject({
    project: z.string(),
    progress: number,
    phase: text,
    lastSessionId: text,
    lastUpdated: text,
  }),
  cypher`
    MATCH (ps:ProjectState {name: $project})
    RETURN ps {
      project: ps.name, .progress, .phase, .note, .lastSessionId,
      lastUpdated: toString(ps.lastUpdated), progressAt: toString(ps.progressAt) } AS row`,
  {
    about: 'The state of a project: progress, phase, and the session that moved it last.',
    example: { project: 'billing' },
  },
)

/** The context of a project, for the person who continues it. */
export const getProjectContext = recall(
  'getProjectContext',
  z.strictObject({ project: Key, since: Moment.optional(), limit: limit(10) }),
  z.looseObject({ sessions: list, decisions: list, entities: list, blockers: list }),
  cypher`
    OPTIONAL MATCH (ps:ProjectState {name: $project})
    WITH ps { .progress, .phase, .note, .lastSessionId, lastUpdated: toString(ps.lastUpdated) } AS state
    WITH state,
      COLLECT {
        MATCH (s:Session)
        WHERE s.project = $project AND s.startTime IS NOT NULL AND ($since IS NULL OR s.startTime >= datetime($since))
        RETURN s { .id, .name, .user, .status, .progress, .summary, .lastMessage, startTime: toString(s.startTime) }
        ORDER BY s.startTime DESC, s.id LIMIT toInteger($limit) } AS sessions,
      COLLECT {
        MATCH (d:Decision)
        WHERE d.project = $project AND d.timestamp IS NOT NULL AND ($since IS NULL OR d.timestamp >= datetime($since))
        RETURN d { .id, .content, .rationale, .category, at: toString(d.timestamp) }
        ORDER BY d.timestamp DESC, d.id LIMIT toInteger($limit) } AS decisions,
      COLLECT {
        MATCH (s:Session)-[r:CREATED_ENTITY]->(e:Entity)
        WHERE s.project = $project AND ($since IS NULL OR r.at >= datetime($since))
        WITH e, max(r.at) AS touched ORDER BY touched DESC, e.id LIMIT toInteger($limit)
        RETURN e { .id, .name, .type, .path, .description, touchedAt: toString(touched) }
        ORDER BY touched DESC, e.id } AS entities,
      COLLECT {
        MATCH (b:Blocker)
        WHERE b.project = $project AND b.status = 'active'
        RETURN b { .id, .description, .category, .severity, createdAt: toString(b.createdAt) }
        ORDER BY b.createdAt DESC, b.id LIMIT toInteger($limit) } AS blockers
    RETURN { state: state, sessions: sessions, decisions: decisions, entities: entities, blockers: blockers } AS row`,
  {
    about: 'The context of a project: its state, latest sessions, decisions, entities and open blockers.',
    example: { project: 'billing', since: '2026-01-24T00:00:00.000Z' },
  },
)
