const unique = (name: string, label: string, property = 'id') =>
  [name, `CREATE CONSTRAINT ${name} IF NOT EXISTS FOR (n:${label}) REQUIRE n.${property} IS UNIQUE`] as const

const index = (name: string, label: string, properties: string) =>
  [name, `CREATE INDEX ${name} IF NOT EXISTS FOR (n:${label}) ON (${properties})`] as const

/**
 * Constraints and indexes, one statement each: schema commands stand alone. Without its constraint, two MERGEs of the
 * same id at the same time make two nodes (https://neo4j.com/docs/cypher-manual/current/clauses/merge/).
 */
export const RULES: Readonly<Record<string, string>> = Object.fromEntries([
  unique('session_id', 'Session'),
  unique('project_id', 'Project'),
  unique('project_state_name', 'ProjectState', 'name'),
  unique('progress_id', 'Progress'),
  unique('message_id', 'Message'),
  unique('decision_id', 'Decision'),
  unique('alternative_id', 'Alternative'),
  unique('entity_id', 'Entity'),
  unique('observation_id', 'Observation'),
  unique('blocker_id', 'Blocker'),
  index('session_project_start', 'Session', 'n.project, n.startTime'),
  index('blocker_project_status', 'Blocker', 'n.project, n.status'),
  index('decision_project_time', 'Decision', 'n.project, n.timestamp'),
])

/** Names of the constraints and indexes, in the order they are made. */
export const RULE_NAMES: readonly string[] = Object.keys(RULES)
