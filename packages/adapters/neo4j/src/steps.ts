import { cypher, hookStep } from './actions/statement.ts'

// All statements of this adapter share these rules. The first event of a session to arrive makes its node. `_lock` is
// written before anything is read that decides what is set, because a read alone takes no lock
// (https://neo4j.com/docs/operations-manual/current/database-internals/concurrent-data-access/). A property
// that several events set is kept with the `seq` of the newest of them, so the end is the same in whatever order they come, and how
// often. Nodes are locked in one order: sessions, what belongs to them, project, its state.

/** Sets what the session used so far, unless a newer event has set it. */
const SET_USAGE = `FOREACH (used IN CASE WHEN $total IS NOT NULL AND toInteger($seq) > coalesce(s.usageSeq, -1) THEN [$total] ELSE [] END |
  SET s.inputTokens = used.inputTokens, s.outputTokens = used.outputTokens, s.cacheReadTokens = used.cacheReadTokens,
      s.cacheWriteTokens = used.cacheWriteTokens, s.costUsd = toFloat(used.costUsd), s.usageSeq = toInteger($seq))`

/** The part of the session's node that an update moves. */
const MOVE = `${SET_USAGE}
WITH s,
     toInteger($seq) > coalesce(s.updateSeq, -1) AS newest,
     ($progress IS NOT NULL AND toInteger($seq) > coalesce(s.progressSeq, -1)) AS newestProgress
SET s.lastMessage = CASE WHEN newest THEN $message ELSE s.lastMessage END,
    s.updateSeq = CASE WHEN newest THEN toInteger($seq) ELSE s.updateSeq END,
    s.progress = CASE WHEN newestProgress THEN toInteger($progress) ELSE s.progress END,
    s.progressSeq = CASE WHEN newestProgress THEN toInteger($seq) ELSE s.progressSeq END,
    s.lastUpdate = CASE WHEN s.lastUpdate > datetime($at) THEN s.lastUpdate ELSE datetime($at) END
REMOVE s._lock
RETURN s.id AS id`

/** Makes the node of a session, or completes the one an event of it has made. */
export const startSession = hookStep(
  'startSession',
  cypher`
  MERGE (s:Session {id: $sessionId})
  SET s._lock = $eventId
  WITH s,
       toInteger($seq) > coalesce(s.lifecycleSeq, -1) AS newest,
       toInteger($seq) > coalesce(s.progressSeq, -1) AS newestProgress
  SET s.project = $project, s.user = $user, s.agent = $agent, s.name = $name, s.goal = $goal, s.url = $url,
      s.refs = $refs, s.metadataJson = $metadataJson, s.workspace = $workspace, s.machine = $machine, s.recordedBy = $recordedBy,
      s.startTime = datetime($at), s.date = date(datetime($at)), s.startProgress = toInteger($progress),
      s.status = CASE WHEN newest THEN 'active' ELSE s.status END,
      s.lifecycleSeq = CASE WHEN newest THEN toInteger($seq) ELSE s.lifecycleSeq END,
      s.progress = CASE WHEN newestProgress THEN toInteger($progress) ELSE s.progress END,
      s.progressSeq = CASE WHEN newestProgress THEN toInteger($seq) ELSE s.progressSeq END,
      s.lastUpdate = CASE WHEN s.lastUpdate > datetime($at) THEN s.lastUpdate ELSE datetime($at) END,
      s.duration = CASE WHEN s.endTime IS NULL THEN null
                        ELSE duration.inSeconds(datetime($at), s.endTime).milliseconds / 3600000.0 END
  REMOVE s._lock
  FOREACH (id IN $previousIds |
    MERGE (previous:Session {id: id})
    MERGE (s)-[:FOLLOWS]->(previous))
  FOREACH (id IN $parentIds |
    MERGE (parent:Session {id: id})
    MERGE (s)-[:PART_OF]->(parent))
  FOREACH (id IN $continuedIds |
    MERGE (continued:Session {id: id})
    MERGE (s)-[:CONTINUES]->(continued))
  FOREACH (id IN $referencedIds |
    MERGE (referenced:Session {id: id})
    MERGE (s)-[:REFERENCES]->(referenced))
  FOREACH (id IN $neededIds |
    MERGE (needed:Session {id: id})
    MERGE (s)-[:DEPENDS_ON]->(needed))
  MERGE (p:Project {id: $project}) ON CREATE SET p.name = $project
  SET p._lock = $eventId
  WITH s, p
  SET p.createdAt = CASE WHEN p.createdAt <= datetime($at) THEN p.createdAt ELSE datetime($at) END
  REMOVE p._lock
  MERGE (s)-[:IN_PROJECT]->(p)
  RETURN s.id AS id`,
)

/** Adds a step of progress to a session and moves the session to it, unless it is older. */
export const recordProgress = hookStep(
  'recordProgress',
  `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId
  MERGE (p:Progress {id: $eventId})
  SET p.seq = toInteger($seq), p.timestamp = datetime($at), p.percentage = toInteger($progress),
      p.message = $message, p.tags = $tags, p.nextSteps = $nextSteps, p += coalesce($usage, {})
  MERGE (s)-[:HAS_PROGRESS]->(p)`}
${MOVE}`,
)

/** The session's node is this service's card: it is moved this often at most. */
const EVERY_MS = 5_000

/** Moves a session to a step of progress without keeping the step; a newer step takes its place. */
export const moveSession = hookStep(
  'moveSession',
  `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId`}
${MOVE}`,
  { coalesce: { name: 'card', everyMs: EVERY_MS } },
)

/** Adds a message to a session. */
export const recordMessage = hookStep(
  'recordMessage',
  `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId
  MERGE (m:Message {id: $eventId})
  SET m.seq = toInteger($seq), m.timestamp = datetime($at), m.role = $role, m.content = $content, m.turnId = $turnId,
      m.name = $name, m.model = $model, m.project = $project, m += coalesce($usage, {})
  MERGE (s)-[:HAS_MESSAGE]->(m)
  FOREACH (id IN $answeredIds |
    MERGE (answered:Message {id: id})
    MERGE (m)-[:REPLIES_TO]->(answered))`}
${SET_USAGE}
REMOVE s._lock
RETURN m.id AS id`,
)

/** Adds a decision with its alternatives, and what it supersedes and concerns. */
export const recordDecision = hookStep(
  'recordDecision',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  MERGE (d:Decision {id: $decisionId})
  SET d.content = $content, d.rationale = $rationale, d.impact = $impact, d.category = $category,
      d.relatedEntities = $relatedEntities, d.project = $project, d.timestamp = datetime($at)
  MERGE (s)-[:MADE_DECISION]->(d)
  FOREACH (a IN $alternatives |
    MERGE (x:Alternative {id: a.id}) SET x.content = a.content, x.place = toInteger(a.place)
    MERGE (d)-[:CONSIDERED]->(x))
  FOREACH (id IN $supersededIds |
    MERGE (old:Decision {id: id})
    MERGE (d)-[:SUPERSEDES]->(old))
  FOREACH (t IN $entities |
    MERGE (e:Entity {id: t.id}) SET e.name = t.name, e.type = t.type, e.project = $project
    MERGE (d)-[:CONCERNS]->(e))
  RETURN d.id AS id`,
)

/** Adds something a session touched; the same project, type and name are one node over all sessions. */
export const recordEntity = hookStep(
  'recordEntity',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  MERGE (e:Entity {id: $entityId})
  SET e._lock = $eventId
  WITH s, e,
       ($path IS NOT NULL AND $stamp >= coalesce(e.pathStamp, '')) AS newestPath,
       ($description IS NOT NULL AND $stamp >= coalesce(e.descriptionStamp, '')) AS newestDescription,
       ($propertiesJson IS NOT NULL AND $stamp >= coalesce(e.propertiesStamp, '')) AS newestProperties
  SET e.name = $name, e.type = $type, e.project = $project,
      e.createdAt = CASE WHEN e.createdAt <= datetime($at) THEN e.createdAt ELSE datetime($at) END,
      e.path = CASE WHEN newestPath THEN $path ELSE e.path END,
      e.pathStamp = CASE WHEN newestPath THEN $stamp ELSE e.pathStamp END,
      e.description = CASE WHEN newestDescription THEN $description ELSE e.description END,
      e.descriptionStamp = CASE WHEN newestDescription THEN $stamp ELSE e.descriptionStamp END,
      e.propertiesJson = CASE WHEN newestProperties THEN $propertiesJson ELSE e.propertiesJson END,
      e.propertiesStamp = CASE WHEN newestProperties THEN $stamp ELSE e.propertiesStamp END
  MERGE (s)-[r:CREATED_ENTITY]->(e)
  SET r.at = CASE WHEN r.at <= datetime($at) THEN r.at ELSE datetime($at) END
  REMOVE e._lock
  FOREACH (id IN $decisionIds |
    MERGE (d:Decision {id: id})
    MERGE (d)-[:CONCERNS]->(e))
  RETURN e.id AS id`,
)

/** Adds a blocker to a session; one that was resolved already stays resolved. */
export const openBlocker = hookStep(
  'openBlocker',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  MERGE (b:Blocker {id: $blockerId})
  SET b._lock = $eventId
  WITH s, b
  SET b.description = $description, b.category = $category, b.severity = $severity, b.project = $project,
      b.createdAt = datetime($at),
      b.status = CASE WHEN b.resolvedAt IS NULL THEN 'active' ELSE 'resolved' END
  REMOVE b._lock
  MERGE (s)-[:ENCOUNTERED_BLOCKER]->(b)
  FOREACH (id IN $updateIds |
    MERGE (p:Progress {id: id})
    MERGE (b)-[:CONCERNS]->(p))
  FOREACH (t IN $entities |
    MERGE (e:Entity {id: t.id}) SET e.name = t.name, e.type = t.type, e.project = $project
    MERGE (b)-[:CONCERNS]->(e))
  RETURN b.id AS id`,
)

/** Marks a blocker as resolved; it may come before the blocker itself. */
export const resolveBlocker = hookStep(
  'resolveBlocker',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  MERGE (b:Blocker {id: $blockerId})
  SET b._lock = $eventId
  WITH s, b, toInteger($seq) > coalesce(b.resolvedSeq, -1) AS newest
  SET b.project = $project, b.status = 'resolved',
      b.resolvedAt = CASE WHEN newest THEN datetime($at) ELSE b.resolvedAt END,
      b.resolution = CASE WHEN newest THEN $resolution ELSE b.resolution END,
      b.resolvedSeq = CASE WHEN newest THEN toInteger($seq) ELSE b.resolvedSeq END
  REMOVE b._lock
  MERGE (s)-[r:RESOLVED]->(b)
  SET r.at = b.resolvedAt
  RETURN b.id AS id`,
)

/** Ends a session and moves the state of its project; an older end leaves a newer one alone. */
export const endSession = hookStep(
  'endSession',
  `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId`}
${SET_USAGE}
${cypher`
  WITH s,
       toInteger($seq) > coalesce(s.lifecycleSeq, -1) AS newest,
       ($progress IS NOT NULL AND toInteger($seq) > coalesce(s.progressSeq, -1)) AS newestProgress
  SET s.status = CASE WHEN newest THEN $status ELSE s.status END,
      s.endTime = CASE WHEN newest THEN datetime($at) ELSE s.endTime END,
      s.summary = CASE WHEN newest THEN $summary ELSE s.summary END,
      s.endProgress = CASE WHEN newest THEN toInteger($progress) ELSE s.endProgress END,
      s.duration = CASE WHEN NOT newest THEN s.duration
                        WHEN s.startTime IS NULL THEN null
                        ELSE duration.inSeconds(s.startTime, datetime($at)).milliseconds / 3600000.0 END,
      s.lifecycleSeq = CASE WHEN newest THEN toInteger($seq) ELSE s.lifecycleSeq END,
      s.progress = CASE WHEN newestProgress THEN toInteger($progress) ELSE s.progress END,
      s.progressSeq = CASE WHEN newestProgress THEN toInteger($seq) ELSE s.progressSeq END,
      s.lastUpdate = CASE WHEN s.lastUpdate > datetime($at) THEN s.lastUpdate ELSE datetime($at) END
  REMOVE s._lock
  MERGE (p:Project {id: $project}) ON CREATE SET p.name = $project
  MERGE (ps:ProjectState {name: $project})
  SET ps._lock = $eventId
  MERGE (p)-[:HAS_STATE]->(ps)
  MERGE (s)-[u:UPDATES_STATE]->(ps)
  WITH s, ps, u,
       toInteger($seq) > coalesce(u.seq, -1) AS newestEnd,
       $stamp > coalesce(ps.stateStamp, '') AS newest,
       ($progress IS NOT NULL AND $stamp > coalesce(ps.progressStamp, '')) AS newestProgress
  SET u.at = CASE WHEN newestEnd THEN datetime($at) ELSE u.at END,
      u.progress = CASE WHEN newestEnd THEN toInteger($progress) ELSE u.progress END,
      u.seq = CASE WHEN newestEnd THEN toInteger($seq) ELSE u.seq END,
      ps.project = $project,
      ps.lastSessionId = CASE WHEN newest THEN $sessionId ELSE ps.lastSessionId END,
      ps.lastUpdated = CASE WHEN newest THEN datetime($at) ELSE ps.lastUpdated END,
      ps.stateStamp = CASE WHEN newest THEN $stamp ELSE ps.stateStamp END,
      ps.progress = CASE WHEN newestProgress THEN toInteger($progress) ELSE ps.progress END,
      ps.progressAt = CASE WHEN newestProgress THEN datetime($at) ELSE ps.progressAt END,
      ps.progressStamp = CASE WHEN newestProgress THEN $stamp ELSE ps.progressStamp END
  REMOVE ps._lock
  RETURN s.id AS id`}`,
)

/** Makes an ended session active again, unless a newer event has ended it. */
export const resumeSession = hookStep(
  'resumeSession',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId
  WITH s, toInteger($seq) > coalesce(s.lifecycleSeq, -1) AS newest
  SET s.status = CASE WHEN newest THEN 'active' ELSE s.status END,
      s.endTime = CASE WHEN newest THEN null ELSE s.endTime END,
      s.endProgress = CASE WHEN newest THEN null ELSE s.endProgress END,
      s.duration = CASE WHEN newest THEN null ELSE s.duration END,
      s.summary = CASE WHEN newest THEN $summary ELSE s.summary END,
      s.lifecycleSeq = CASE WHEN newest THEN toInteger($seq) ELSE s.lifecycleSeq END,
      s.lastUpdate = CASE WHEN s.lastUpdate > datetime($at) THEN s.lastUpdate ELSE datetime($at) END
  REMOVE s._lock
  RETURN s.id AS id`,
)

/** Points from a session to its card in another service; the same service again changes where. */
export const linkCard = hookStep(
  'linkCard',
  cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId
  MERGE (s)-[:MIRRORED_AS]->(m:Mirror {adapter: $adapter})
  SET m.name = $name, m.url = $url, m.project = $project
  REMOVE s._lock
  RETURN s.id AS id`,
)

/** Removes what points from a session to its card in another service. */
export const unlinkCard = hookStep(
  'unlinkCard',
  cypher`
  MATCH (:Session {id: $sessionId})-[:MIRRORED_AS]->(m:Mirror {adapter: $adapter})
  DETACH DELETE m
  RETURN count(*) AS removed`,
)
