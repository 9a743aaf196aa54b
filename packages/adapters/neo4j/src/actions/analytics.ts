import * as z from 'zod'
import { Key, limit, Moment } from './input.ts'
import { cypher, recall } from './statement.ts'

const text = z.string().nullish()
const number = z.number().nullish()
const count = z.number()

const Span = z.strictObject({ project: Key.optional(), since: Moment.optional(), until: Moment.optional() })

/** Sessions of a project or of all, in a time. */
const SPAN = cypher`
  MATCH (s:Session)
  WHERE s.startTime IS NOT NULL AND ($project IS NULL OR s.project = $project)
    AND ($since IS NULL OR s.startTime >= datetime($since)) AND ($until IS NULL OR s.startTime < datetime($until))`

const EXAMPLE = { project: 'billing', since: '2026-01-01T00:00:00.000Z' } as const

/** Totals. */
export const getSessionStats = recall(
  'getSessionStats',
  Span,
  z.looseObject({ sessions: count, completed: count, hours: number, averageHours: number }),
  `${SPAN}
${cypher`
  RETURN {
    sessions: count(s), users: count(DISTINCT s.user), projects: count(DISTINCT s.project),
    active: count(CASE s.status WHEN 'active' THEN 1 END), completed: count(CASE s.status WHEN 'completed' THEN 1 END),
    failed: count(CASE s.status WHEN 'failed' THEN 1 END), cancelled: count(CASE s.status WHEN 'cancelled' THEN 1 END),
    crashed: count(CASE s.status WHEN 'crashed' THEN 1 END), left: count(CASE s.status WHEN 'left' THEN 1 END), abandoned: count(CASE s.status WHEN 'abandoned' THEN 1 END),
    inputTokens: sum(s.inputTokens), outputTokens: sum(s.outputTokens), costUsd: sum(s.costUsd),
    hours: sum(s.duration), averageHours: avg(s.duration), longestHours: max(s.duration),
    bestProgress: max(s.progress), progressGained: sum(s.progress - s.startProgress) } AS row`}`,
  {
    about: 'How many sessions there were, how they ended, how long they took and what they gained.',
    example: EXAMPLE,
  },
)

/** The work of each user. */
export const getSessionsByUser = recall(
  'getSessionsByUser',
  Span,
  z.looseObject({ user: text, sessions: count, hours: number, averageHours: number, decisions: count }),
  `${SPAN}
${cypher`
  WITH s, COUNT { (s)-[:MADE_DECISION]->() } AS decided, COUNT { (s)-[:ENCOUNTERED_BLOCKER]->() } AS blocked
  WITH s.user AS user, count(s) AS sessions, count(CASE s.status WHEN 'completed' THEN 1 END) AS completed,
       sum(s.duration) AS hours, avg(s.duration) AS averageHours, sum(s.progress - s.startProgress) AS progressGained,
       sum(decided) AS decisions, sum(blocked) AS blockers, max(s.startTime) AS last
  RETURN { user: user, sessions: sessions, completed: completed, hours: hours, averageHours: averageHours,
    progressGained: progressGained, decisions: decisions, blockers: blockers, lastStart: toString(last) } AS row
  ORDER BY sessions DESC, user`}`,
  { about: 'Sessions, hours, decisions and progress of each user.', example: EXAMPLE },
)

/** The speed of a project. */
export const getVelocity = recall(
  'getVelocity',
  Span,
  z.looseObject({
    date: z.string(),
    sessions: count,
    hours: number,
    progressGained: number,
    progressPerHour: number,
  }),
  `${SPAN}
${cypher`
  WITH s.date AS date, count(s) AS sessions, sum(s.duration) AS hours, sum(s.progress - s.startProgress) AS gained,
       max(s.progress) AS progress
  RETURN { date: toString(date), sessions: sessions, hours: hours, progress: progress, progressGained: gained,
    progressPerHour: CASE WHEN hours > 0 THEN gained / hours END } AS row
  ORDER BY date`}`,
  { about: 'Sessions, hours, and progress gained, day by day.', example: EXAMPLE },
)

/** Decisions by project and category. */
export const getDecisionsByProject = recall(
  'getDecisionsByProject',
  z.strictObject({ since: Moment.optional(), until: Moment.optional() }),
  z.looseObject({ project: text, category: text, decisions: count, lastAt: text }),
  cypher`
    MATCH (d:Decision)
    WHERE d.timestamp IS NOT NULL
      AND ($since IS NULL OR d.timestamp >= datetime($since)) AND ($until IS NULL OR d.timestamp < datetime($until))
    WITH d.project AS project, d.category AS category, count(d) AS decisions, max(d.timestamp) AS last
    RETURN { project: project, category: category, decisions: decisions, lastAt: toString(last) } AS row
    ORDER BY project, decisions DESC, category`,
  {
    about: 'How many decisions each project has made, by category.',
    example: { since: '2026-01-01T00:00:00.000Z' },
  },
)

/** Blockers by category. */
export const getBlockerStats = recall(
  'getBlockerStats',
  Span,
  z.looseObject({ category: text, blockers: count, open: count, averageHours: number }),
  cypher`
    MATCH (b:Blocker)
    WHERE b.createdAt IS NOT NULL AND ($project IS NULL OR b.project = $project)
      AND ($since IS NULL OR b.createdAt >= datetime($since)) AND ($until IS NULL OR b.createdAt < datetime($until))
    WITH b.category AS category, count(b) AS blockers, count(CASE b.status WHEN 'active' THEN 1 END) AS open,
         avg(duration.inSeconds(b.createdAt, b.resolvedAt).milliseconds / 3600000.0) AS averageHours
    RETURN { category: category, blockers: blockers, open: open, averageHours: averageHours } AS row
    ORDER BY blockers DESC, category`,
  {
    about: 'Blockers by category: how many, how many still open, how long until they were resolved.',
    example: EXAMPLE,
  },
)

/** The entities that most sessions touched. */
export const listBusiestEntities = recall(
  'listBusiestEntities',
  z.strictObject({ project: Key, limit: limit(20) }),
  z.looseObject({ id: z.string(), name: text, type: text, sessions: count }),
  cypher`
    MATCH (s:Session)-[r:CREATED_ENTITY]->(e:Entity)
    WHERE s.project = $project
    WITH e, count(s) AS sessions, count(DISTINCT s.user) AS users, max(r.at) AS last
    ORDER BY sessions DESC, last DESC, e.id LIMIT toInteger($limit)
    RETURN e { .id, .name, .type, .path, sessions: sessions, users: users, lastAt: toString(last) } AS row
    ORDER BY sessions DESC, last DESC, e.id`,
  { about: 'The entities that most sessions of a project have touched.', example: { project: 'billing' } },
)

/** Sessions that touched the same things. */
export const listRelatedSessions = recall(
  'listRelatedSessions',
  z.strictObject({ sessionId: Key, limit: limit(10) }),
  z.looseObject({ id: z.string(), name: text, user: text, status: text, shared: count }),
  cypher`
    MATCH (:Session {id: $sessionId})-[:CREATED_ENTITY]->(e:Entity)<-[:CREATED_ENTITY]-(s:Session)
    WHERE s.id <> $sessionId
    WITH s, count(e) AS shared, collect(e.name) AS names
    ORDER BY shared DESC, s.startTime DESC, s.id LIMIT toInteger($limit)
    RETURN s { .id, .name, .user, .status, .summary, startTime: toString(s.startTime), shared: shared, names: names } AS row
    ORDER BY shared DESC, s.startTime DESC, s.id`,
  {
    about: 'Other sessions that touched the same entities, most in common first.',
    example: { sessionId: '01990000-0000-7000-8000-00000000a001' },
  },
)

/** Sessions whose nodes contradict themselves. */
export const listInconsistencies = recall(
  'listInconsistencies',
  z.strictObject({ project: Key.optional(), limit: limit(100) }),
  z.looseObject({ sessionId: z.string(), problem: z.string() }),
  cypher`
    MATCH (s:Session)
    WHERE $project IS NULL OR s.project = $project
    WITH s, CASE
      WHEN s.startTime IS NULL THEN 'its start has not arrived'
      WHEN s.status = 'active' AND s.endTime IS NOT NULL THEN 'it is active and has an end'
      WHEN s.status <> 'active' AND s.endTime IS NULL THEN 'it is over and has no end'
      WHEN s.endTime < s.startTime THEN 'it ended before it started' END AS problem
    WHERE problem IS NOT NULL
    RETURN { sessionId: s.id, project: s.project, problem: problem } AS row
    ORDER BY s.id LIMIT toInteger($limit)`,
  { about: 'Sessions whose nodes do not add up, such as one whose start has not arrived yet.', example: {} },
)
