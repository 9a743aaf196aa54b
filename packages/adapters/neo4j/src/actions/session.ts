import * as z from 'zod'
import { Key } from './input.ts'
import { cypher, write } from './statement.ts'

const FORGET = cypher`
  MATCH (s:Session {id: $sessionId})
  OPTIONAL MATCH (s)-[:HAS_PROGRESS|HAS_MESSAGE|MADE_DECISION|ENCOUNTERED_BLOCKER|MIRRORED_AS]->(part)
  OPTIONAL MATCH (part)-[:CONSIDERED]->(alternative:Alternative)
  WITH s, collect(DISTINCT part) + collect(DISTINCT alternative) AS parts
  FOREACH (each IN parts | DETACH DELETE each)
  DETACH DELETE s`

/** Removes a session. */
export const forgetSession = write('forgetSession', z.strictObject({ sessionId: Key }), FORGET, {
  about:
    'Deletes a session with its progress, messages, decisions and blockers; entities and the project stay.',
  example: { sessionId: '01990000-0000-7000-8000-00000000a001' },
  effect: 'destructive',
})
