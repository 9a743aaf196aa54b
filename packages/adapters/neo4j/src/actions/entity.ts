import { uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { entityId } from '../text.ts'
import { Key, Moment, Named, Text } from './input.ts'
import { cypher, write } from './statement.ts'

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
  {
    about: 'Adds an observation to an entity, which is made if it is not there.',
    example: {
      project: 'billing',
      entity: { type: 'class', name: 'InvoiceLock' },
      content: 'Is held for 40 ms at most',
      at: '2026-01-31T12:00:00.000Z',
    },
  },
  ({ project, entity }, { key }) => ({
    ...entity,
    entityId: entityId({ project, ...entity }),
    observationId: uuidFrom(key),
  }),
)

const RELATE = cypher`
  MERGE (a:Entity {id: $fromId})
  SET a.name = $fromName, a.type = $fromType, a.project = $project
  MERGE (b:Entity {id: $toId})
  SET b.name = $toName, b.type = $toType, b.project = $project
  MERGE (a)-[r:RELATES_TO {kind: $kind}]->(b)
  RETURN a.id AS id`

const UNRELATE = cypher`
  MATCH (:Entity {id: $fromId})-[r:RELATES_TO {kind: $kind}]->(:Entity {id: $toId})
  DELETE r`

const Relation = z.strictObject({ project: Key, from: Named, to: Named, kind: Text.default('related') })

const EXAMPLE = {
  project: 'billing',
  from: { type: 'class', name: 'PaymentService' },
  to: { type: 'class', name: 'InvoiceLock' },
  kind: 'uses',
} as const

const endsOf = ({ project, from, to }: z.output<typeof Relation>) => ({
  fromId: entityId({ project, ...from }),
  fromName: from.name,
  fromType: from.type,
  toId: entityId({ project, ...to }),
  toName: to.name,
  toType: to.type,
})

/** Relates two entities. */
export const relateEntities = write(
  'relateEntities',
  Relation,
  RELATE,
  {
    about: 'Relates two entities, which are made if they are not there; the kind is a word of yours.',
    example: EXAMPLE,
  },
  endsOf,
)

/** Removes a relation of two entities. */
export const unrelateEntities = write(
  'unrelateEntities',
  Relation,
  UNRELATE,
  { about: 'Takes a relation of two entities away.', example: EXAMPLE, effect: 'destructive' },
  endsOf,
)
