import * as z from 'zod'
import { entityId } from '../text.ts'
import { event, Key, Named, orNull, Text } from './input.ts'
import { cypher, write } from './statement.ts'

const DECISION = cypher`
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
  RETURN d.id AS id`

const Decision = z.strictObject({
  ...event,
  decisionId: Key,
  content: Text,
  rationale: Text.optional(),
  alternatives: z.array(Text).default([]),
  impact: Text.optional(),
  category: Text.optional(),
  supersedes: Key.optional(),
  /** Names as they were given. */
  relatedEntities: z.array(Text).default([]),
  /** Those of them that are known entities of the project. */
  entities: z.array(Named).default([]),
})

/** Records a decision. */
export const recordDecision = write(
  'recordDecision',
  Decision,
  DECISION,
  ({ eventId: _, rationale, impact, category, supersedes, alternatives, entities, ...known }) => ({
    ...known,
    rationale: orNull(rationale),
    impact: orNull(impact),
    category: orNull(category),
    supersededIds: supersedes === undefined ? [] : [supersedes],
    alternatives: alternatives.map((content, place) => ({
      id: `${known.decisionId}:alt:${place}`,
      place,
      content,
    })),
    entities: entities.map(named => ({ id: entityId({ project: known.project, ...named }), ...named })),
  }),
  {
    hidden: true,
    about: 'Adds a decision with its alternatives, and what it supersedes and concerns.',
    example: {
      sessionId: '01990000-0000-7000-8000-00000000a001',
      project: 'billing',
      at: '2026-01-31T11:05:00.000Z',
      eventId: '01990000-0000-7000-8000-00000000e003',
      decisionId: '01990000-0000-7000-8000-00000000e003',
      content: 'Lock per invoice',
      rationale: 'Stripe retries a webhook while the first is still running',
      alternatives: ['global lock'],
      relatedEntities: ['InvoiceLock'],
      entities: [{ type: 'class', name: 'InvoiceLock' }],
    },
  },
)
