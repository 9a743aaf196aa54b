import { action } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { Key, ordered, orNull, Progress, Text, used, usedOf } from './input.ts'
import { cypher, statementCall, write } from './statement.ts'

const EXAMPLE = {
  sessionId: '01990000-0000-7000-8000-00000000a001',
  project: 'billing',
  eventId: '01990000-0000-7000-8000-00000000e002',
  at: '2026-01-31T11:00:00.000Z',
  seq: 2,
  message: 'Reproduced with two parallel webhooks',
  progress: 35,
} as const

/** Sets what the session used so far, unless a newer event has set it. */
export const SET_USAGE = `FOREACH (used IN CASE WHEN $total IS NOT NULL AND toInteger($seq) > coalesce(s.usageSeq, -1) THEN [$total] ELSE [] END |
  SET s.inputTokens = used.inputTokens, s.outputTokens = used.outputTokens, s.cacheReadTokens = used.cacheReadTokens,
      s.cacheWriteTokens = used.cacheWriteTokens, s.costUsd = toFloat(used.costUsd), s.usageSeq = toInteger($seq))`

/** What an update moves on the session's node. */
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

const UPDATE = `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId
  MERGE (p:Progress {id: $eventId})
  SET p.seq = toInteger($seq), p.timestamp = datetime($at), p.percentage = toInteger($progress),
      p.message = $message, p.tags = $tags, p.nextSteps = $nextSteps, p += coalesce($usage, {})
  MERGE (s)-[:HAS_PROGRESS]->(p)`}
${MOVE}`

/** Records progress. */
export const recordProgress = write(
  'recordProgress',
  z.strictObject({
    ...ordered,
    message: Text,
    progress: Progress.optional(),
    tags: z.array(Text).default([]),
    nextSteps: z.array(Text).default([]),
    ...used,
  }),
  UPDATE,
  value => ({ ...value, ...usedOf(value), progress: orNull(value.progress) }),
  {
    hidden: true,
    about: 'Adds a step of progress to a session and moves the session to it, unless it is older.',
    example: { ...EXAMPLE, tags: ['payments'], nextSteps: ['Lock per invoice'] },
  },
)

const MOVE_SESSION = `${cypher`
  MERGE (s:Session {id: $sessionId}) ON CREATE SET s.project = $project
  SET s._lock = $eventId`}
${MOVE}`

/** The session's node is this service's card: it is moved this often at most. */
const EVERY_MS = 5_000

/** Moves a session without a node for the step. */
export const moveSession = action(
  'moveSession',
  z.strictObject({ ...ordered, message: Text, progress: Progress.optional(), total: used.total }),
  ({ progress, total, ...known }, { config }: Here) => ({
    ...statementCall(config, MOVE_SESSION, {
      ...known,
      progress: orNull(progress),
      total: usedOf({ total }).total,
    }),
    repeat: 'safe' as const,
    coalesce: { name: 'card', everyMs: EVERY_MS },
  }),
  {
    hidden: true,
    about: 'Moves a session to a step of progress without keeping the step; a newer step takes its place.',
    example: EXAMPLE,
  },
)

const MESSAGE = `${cypher`
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
RETURN m.id AS id`

/** Records a message. */
export const recordMessage = write(
  'recordMessage',
  z.strictObject({
    ...ordered,
    role: Text,
    content: Text,
    turnId: Text.optional(),
    replyTo: Key.optional(),
    name: Text.optional(),
    model: Text.optional(),
    ...used,
  }),
  MESSAGE,
  ({ replyTo, ...value }) => ({
    ...value,
    ...usedOf(value),
    turnId: orNull(value.turnId),
    name: orNull(value.name),
    model: orNull(value.model),
    answeredIds: replyTo === undefined ? [] : [replyTo],
  }),
  {
    hidden: true,
    about: 'Adds a message to a session.',
    example: {
      sessionId: EXAMPLE.sessionId,
      project: EXAMPLE.project,
      eventId: '01990000-0000-7000-8000-00000000e011',
      at: EXAMPLE.at,
      seq: 11,
      role: 'assistant',
      content: 'The lock belongs to the invoice.',
      model: 'claude',
      usage: { inputTokens: 1200, outputTokens: 40 },
      total: { inputTokens: 1200, outputTokens: 40 },
    },
  },
)
