import { uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { entityId } from '../text.ts'
import { event, Key, Moment, Named, orNull, stampOf, Text } from './input.ts'
import { cypher, write } from './statement.ts'

const RECORD = cypher`
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
  RETURN e.id AS id`

/** Records what the work touched. */
export const recordEntity = write(
  'recordEntity',
  z.strictObject({
    ...event,
    name: Text,
    type: Text,
    path: Text.optional(),
    description: Text.optional(),
    propertiesJson: Text.optional(),
    /** Decisions that concern it. */
    decisionIds: z.array(Key).default([]),
  }),
  RECORD,
  ({ path, description, propertiesJson, ...known }) => ({
    ...known,
    entityId: entityId(known),
    stamp: stampOf(known),
    path: orNull(path),
    description: orNull(description),
    propertiesJson: orNull(propertiesJson),
  }),
  {
    hidden: true,
    about:
      'Adds something a session touched; the same project, type and name are one node over all sessions.',
    example: {
      sessionId: '01990000-0000-7000-8000-00000000a001',
      project: 'billing',
      eventId: '01990000-0000-7000-8000-00000000e004',
      at: '2026-01-31T11:10:00.000Z',
      name: 'InvoiceLock',
      type: 'class',
      path: 'src/lock.ts',
      description: 'Holds one invoice at a time',
      propertiesJson: '{"lines":40}',
    },
  },
)

const OBSERVE = cypher`
  MERGE (e:Entity {id: $entityId})
  SET e.name = $name, e.type = $type, e.project = $project
  MERGE (o:Observation {id: $observationId})
  ON CREATE SET o.timestamp = coalesce(datetime($at), datetime())
  SET o.content = $content
  MERGE (e)-[:HAS_OBSERVATION]->(o)
  RETURN o.id AS id`

/** Records something seen about an entity. */
export const addObservation = write(
  'addObservation',
  z.strictObject({ project: Key, entity: Named, content: Text, at: Moment.optional() }),
  OBSERVE,
  ({ project, entity, content, at }, { key }) => ({
    project,
    ...entity,
    entityId: entityId({ project, ...entity }),
    observationId: uuidFrom(key),
    content,
    at: orNull(at),
  }),
  {
    about: 'Adds an observation to an entity, which is made if it is not there.',
    example: {
      project: 'billing',
      entity: { type: 'class', name: 'InvoiceLock' },
      content: 'Is held for 40 ms at most',
      at: '2026-01-31T12:00:00.000Z',
    },
  },
)

const RELATE = cypher`
  MERGE (a:Entity {id: $fromId})
  SET a.name = $fromName, a.type = $fromType, a.project = $project
  MERGE (b:Entity {id: $toId})
  SET b.name = $toName, b.type = $toType, b.project = $project
  MERGE (a)-[r:RELATES_TO {kind: $kind}]->(b)
  RETURN a.id AS id`

/** Relates two entities. */
export const relateEntities = write(
  'relateEntities',
  z.strictObject({ project: Key, from: Named, to: Named, kind: Text.default('related') }),
  RELATE,
  ({ project, from, to, kind }) => ({
    project,
    fromId: entityId({ project, ...from }),
    fromName: from.name,
    fromType: from.type,
    toId: entityId({ project, ...to }),
    toName: to.name,
    toType: to.type,
    kind,
  }),
  {
    about: 'Relates two entities, which are made if they are not there; the kind is a word of yours.',
    example: {
      project: 'billing',
      from: { type: 'class', name: 'PaymentService' },
      to: { type: 'class', name: 'InvoiceLock' },
      kind: 'uses',
    },
  },
)

const UNRELATE = cypher`
  MATCH (:Entity {id: $fromId})-[r:RELATES_TO {kind: $kind}]->(:Entity {id: $toId})
  DELETE r`

/** Takes a relation of two entities away. */
export const unrelateEntities = write(
  'unrelateEntities',
  z.strictObject({ project: Key, from: Named, to: Named, kind: Text.default('related') }),
  UNRELATE,
  ({ project, from, to, kind }) => ({
    fromId: entityId({ project, ...from }),
    toId: entityId({ project, ...to }),
    kind,
  }),
  {
    about: 'Takes a relation of two entities away.',
    example: {
      project: 'billing',
      from: { type: 'class', name: 'PaymentService' },
      to: { type: 'class', name: 'InvoiceLock' },
      kind: 'uses',
    },
    effect: 'destructive',
  },
)
