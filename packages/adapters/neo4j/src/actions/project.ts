import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { RULE_NAMES, RULES } from '../rules.ts'
import { stampOf } from '../text.ts'
import { Key, Moment, Progress, Text } from './input.ts'
import { cypher, statementCall, write } from './statement.ts'

const Rule = z.strictObject({ name: z.literal(RULE_NAMES, `expected one of ${RULE_NAMES.join(', ')}`) })

/** Makes one constraint or index of the graph. */
export const ensureRule = action(
  'ensureRule',
  Rule,
  ({ name }, { config }: Here) => ({
    ...statementCall(config, RULES[name] ?? '', {}),
    repeat: 'safe' as const,
  }),
  {
    about: 'Makes one constraint or index of the graph, unless it is there.',
    example: { name: 'session_id' },
  },
)

const REGISTER = cypher`
  MERGE (p:Project {id: $project})
  SET p._lock = $eventId
  WITH p
  SET p.name = coalesce($name, p.name, $project),
      p.createdAt = CASE WHEN p.createdAt <= datetime($at) THEN p.createdAt ELSE datetime($at) END
  REMOVE p._lock
  MERGE (ps:ProjectState {name: $project})
  SET ps._lock = $eventId
  WITH p, ps
  SET ps.project = $project, ps.progress = coalesce(ps.progress, 0), ps.phase = coalesce(ps.phase, 'Initialization')
  REMOVE ps._lock
  MERGE (p)-[:HAS_STATE]->(ps)
  RETURN p.id AS id`

/** Makes the nodes of a project. */
export const registerProject = write(
  'registerProject',
  z.strictObject({ project: Key, eventId: Key, at: Moment, name: Text.optional() }),
  REGISTER,
  {
    about: 'Makes the node of a project and of its state, or names it.',
    example: {
      project: 'billing',
      eventId: '01990000-0000-7000-8000-00000000e000',
      at: '2026-01-31T10:00:00.000Z',
    },
  },
)

const SET_STATE = cypher`
  MERGE (p:Project {id: $project}) ON CREATE SET p.name = $project
  MERGE (ps:ProjectState {name: $project})
  SET ps._lock = $stamp
  MERGE (p)-[:HAS_STATE]->(ps)
  WITH ps,
       ($progress IS NOT NULL AND $stamp >= coalesce(ps.progressStamp, '')) AS newestProgress,
       ($phase IS NOT NULL AND $stamp >= coalesce(ps.phaseStamp, '')) AS newestPhase,
       ($note IS NOT NULL AND $stamp >= coalesce(ps.noteStamp, '')) AS newestNote
  SET ps.project = $project,
      ps.progress = CASE WHEN newestProgress THEN toInteger($progress) ELSE ps.progress END,
      ps.progressAt = CASE WHEN newestProgress THEN datetime($at) ELSE ps.progressAt END,
      ps.progressStamp = CASE WHEN newestProgress THEN $stamp ELSE ps.progressStamp END,
      ps.phase = CASE WHEN newestPhase THEN $phase ELSE ps.phase END,
      ps.phaseStamp = CASE WHEN newestPhase THEN $stamp ELSE ps.phaseStamp END,
      ps.note = CASE WHEN newestNote THEN $note ELSE ps.note END,
      ps.noteStamp = CASE WHEN newestNote THEN $stamp ELSE ps.noteStamp END
  REMOVE ps._lock
  RETURN ps.name AS name`

/** Says how a project stands. */
export const setProjectState = write(
  'setProjectState',
  z.strictObject({
    project: Key,
    at: Moment,
    phase: Text.optional(),
    progress: Progress.optional(),
    note: Text.optional(),
  }),
  SET_STATE,
  {
    about: 'Sets phase, progress or note of a project; what a later moment has set stays.',
    example: { project: 'billing', at: '2026-01-31T10:00:00.000Z', phase: 'Hardening', progress: 80 },
  },
  ({ at }, { key }) => ({ stamp: stampOf({ at, eventId: key }) }),
)
