import * as z from 'zod'
import { entityId } from '../text.ts'
import { Key, Named, ordered, orNull, Text } from './input.ts'
import { cypher, write } from './statement.ts'

const EXAMPLE = {
  sessionId: '01990000-0000-7000-8000-00000000a001',
  project: 'billing',
  blockerId: '01990000-0000-7000-8000-00000000e005',
} as const

const OPEN = cypher`
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
  RETURN b.id AS id`

/** Records a blocker. */
export const openBlocker = write(
  'openBlocker',
  z.strictObject({
    ...ordered,
    blockerId: Key,
    description: Text,
    category: Text.default('general'),
    severity: z
      .literal(['low', 'medium', 'high', 'critical'], 'expected low, medium, high or critical')
      .default('medium'),
    /** Events of updates that it concerns. */
    updateIds: z.array(Key).default([]),
    /** Known entities of the project that it concerns. */
    entities: z.array(Named).default([]),
  }),
  OPEN,
  ({ seq: _, entities, ...known }) => ({
    ...known,
    entities: entities.map(named => ({ id: entityId({ project: known.project, ...named }), ...named })),
  }),
  {
    hidden: true,
    about: 'Adds a blocker to a session; one that was resolved already stays resolved.',
    example: {
      ...EXAMPLE,
      eventId: '01990000-0000-7000-8000-00000000e005',
      at: '2026-01-31T11:20:00.000Z',
      seq: 5,
      description: 'No staging key',
      category: 'external',
      severity: 'high',
    },
  },
)

const RESOLVE = cypher`
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
  RETURN b.id AS id`

/** Records the end of a blocker. */
export const resolveBlocker = write(
  'resolveBlocker',
  z.strictObject({ ...ordered, blockerId: Key, resolution: Text.optional() }),
  RESOLVE,
  ({ resolution, ...known }) => ({ ...known, resolution: orNull(resolution) }),
  {
    hidden: true,
    about: 'Marks a blocker as resolved; it may come before the blocker itself.',
    example: {
      ...EXAMPLE,
      eventId: '01990000-0000-7000-8000-00000000e006',
      at: '2026-01-31T11:45:00.000Z',
      seq: 6,
      resolution: 'Key issued by ops',
    },
  },
)
