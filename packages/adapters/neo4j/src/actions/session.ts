import * as z from 'zod'
import { Key, ordered, orNull, Progress, stampOf, Text, used, usedOf } from './input.ts'
import { SET_USAGE } from './progress.ts'
import { cypher, write } from './statement.ts'

// All statements of this adapter share these rules. The first event of a session to arrive makes its node. `_lock` is
// written before anything is read that decides what is set, because a read alone takes no lock
// (https://neo4j.com/docs/operations-manual/current/database-internals/concurrent-data-access/). What several events
// set is kept with the `seq` of the newest that set it, so the end is the same in whatever order they come, and how
// often. Nodes are locked in one order: sessions, what belongs to them, project, its state.

const START = cypher`
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
  RETURN s.id AS id`

const toList = (value: string | undefined) => (value === undefined ? [] : [value])

const Link = z.strictObject({ kind: z.literal(['continues', 'references', 'depends_on']), sessionId: Key })
const idsOf = (links: readonly z.output<typeof Link>[], wanted: z.output<typeof Link>['kind']) =>
  links.filter(({ kind }) => kind === wanted).map(({ sessionId }) => sessionId)

/** Makes or completes the node of a session. */
export const startSession = write(
  'startSession',
  z.strictObject({
    ...ordered,
    user: Text,
    name: Text,
    progress: Progress.default(0),
    agent: Text.optional(),
    goal: Text.optional(),
    url: Text.optional(),
    previousId: Key.optional(),
    parentId: Key.optional(),
    links: z.array(Link).default([]),
    workspace: Text.optional(),
    machine: Text.optional(),
    recordedBy: Text.optional(),
    refs: z.array(Text).default([]),
    metadataJson: Text.optional(),
  }),
  START,
  ({
    previousId,
    parentId,
    links,
    agent,
    goal,
    url,
    metadataJson,
    workspace,
    machine,
    recordedBy,
    ...known
  }) => ({
    ...known,
    agent: orNull(agent),
    goal: orNull(goal),
    url: orNull(url),
    metadataJson: orNull(metadataJson),
    workspace: orNull(workspace),
    machine: orNull(machine),
    recordedBy: orNull(recordedBy),
    previousIds: toList(previousId),
    parentIds: toList(parentId),
    continuedIds: idsOf(links, 'continues'),
    referencedIds: idsOf(links, 'references'),
    neededIds: idsOf(links, 'depends_on'),
  }),
  {
    hidden: true,
    about: 'Makes the node of a session, or completes the one an event of it has made.',
    example: {
      sessionId: '01990000-0000-7000-8000-00000000a001',
      project: 'billing',
      eventId: '01990000-0000-7000-8000-00000000e001',
      at: '2026-01-31T10:00:00.000Z',
      seq: 1,
      user: 'fixer',
      name: 'Stop double charging',
      progress: 20,
      previousId: '01990000-0000-7000-8000-00000000a000',
    },
  },
)

const END = `${cypher`
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
  RETURN s.id AS id`}`

/** Ends a session. */
export const endSession = write(
  'endSession',
  z.strictObject({
    ...ordered,
    status: z.literal(
      ['completed', 'failed', 'cancelled', 'crashed', 'abandoned', 'left'],
      'expected completed, failed, cancelled, crashed, abandoned or left',
    ),
    summary: Text.optional(),
    progress: Progress.optional(),
    total: used.total,
  }),
  END,
  ({ summary, progress, total, ...known }) => ({
    ...known,
    total: usedOf({ total }).total,
    stamp: stampOf(known),
    summary: orNull(summary),
    progress: orNull(progress),
  }),
  {
    hidden: true,
    about: 'Ends a session and moves the state of its project; an older end leaves a newer one alone.',
    example: {
      sessionId: '01990000-0000-7000-8000-00000000a001',
      project: 'billing',
      eventId: '01990000-0000-7000-8000-00000000e009',
      at: '2026-01-31T12:30:00.000Z',
      seq: 9,
      status: 'completed',
      summary: 'Fixed in #981',
      progress: 100,
    },
  },
)

const RESUME = cypher`
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
  RETURN s.id AS id`

/** Resumes a session. */
export const resumeSession = write(
  'resumeSession',
  z.strictObject({ ...ordered, summary: Text.optional() }),
  RESUME,
  ({ summary, ...known }) => ({ ...known, summary: orNull(summary) }),
  {
    hidden: true,
    about: 'Makes an ended session active again, unless a newer event has ended it.',
    example: {
      sessionId: '01990000-0000-7000-8000-00000000a001',
      project: 'billing',
      eventId: '01990000-0000-7000-8000-00000000e010',
      at: '2026-01-31T13:00:00.000Z',
      seq: 10,
    },
  },
)

const FORGET = cypher`
  MATCH (s:Session {id: $sessionId})
  OPTIONAL MATCH (s)-[:HAS_PROGRESS|HAS_MESSAGE|MADE_DECISION|ENCOUNTERED_BLOCKER]->(part)
  OPTIONAL MATCH (part)-[:CONSIDERED]->(alternative:Alternative)
  WITH s, collect(DISTINCT part) + collect(DISTINCT alternative) AS parts
  FOREACH (each IN parts | DETACH DELETE each)
  DETACH DELETE s`

/** Removes a session. */
export const forgetSession = write(
  'forgetSession',
  z.strictObject({ sessionId: Key }),
  FORGET,
  ({ sessionId }) => ({ sessionId }),
  {
    about:
      'Deletes a session with its progress, messages, decisions and blockers; entities and the project stay.',
    example: { sessionId: '01990000-0000-7000-8000-00000000a001' },
    effect: 'destructive',
  },
)
