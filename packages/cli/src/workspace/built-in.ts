/** Packages of our own adapters, and the variables that hold their credentials, the most usual first. */
export const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  linear: ['LINEAR_API_KEY', 'LINEAR_OAUTH_TOKEN'],
  jira: ['JIRA_API_TOKEN', 'JIRA_PAT', 'JIRA_OAUTH_TOKEN'],
  slack: ['SLACK_BOT_TOKEN', 'SLACK_WEBHOOK_URL'],
  taiga: ['TAIGA_TOKEN', 'TAIGA_PASSWORD'],
  opsera: ['OPSERA_API_KEY'],
  neo4j: ['NEO4J_PASSWORD', 'NEO4J_TOKEN'],
}
