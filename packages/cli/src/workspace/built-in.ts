type BuiltIn = Readonly<{
  /** Variables that hold its credential, the most usual first. */
  secrets: readonly string[]
  /** Variables without which a credential alone says nothing: CI sets some of them for other purposes. */
  needs?: readonly string[]
}>

/** Our own adapters by name. */
export const BUILT_IN: Readonly<Record<string, BuiltIn>> = {
  linear: { secrets: ['LINEAR_API_KEY', 'LINEAR_OAUTH_TOKEN'] },
  jira: { secrets: ['JIRA_API_TOKEN', 'JIRA_PAT', 'JIRA_OAUTH_TOKEN'] },
  slack: { secrets: ['SLACK_BOT_TOKEN', 'SLACK_WEBHOOK_URL'] },
  github: {
    secrets: ['GITHUB_TOKEN', 'GITHUB_APP_PRIVATE_KEY'],
    needs: ['GITHUB_REPO_OWNER', 'GITHUB_REPO_NAME'],
  },
  files: { secrets: [] },
  taiga: { secrets: ['TAIGA_TOKEN', 'TAIGA_PASSWORD'] },
  opsera: { secrets: ['OPSERA_API_KEY'] },
  neo4j: { secrets: ['NEO4J_PASSWORD', 'NEO4J_TOKEN'] },
  webhook: {
    secrets: ['SESSIONWIRE_WEBHOOK_SECRET', 'SESSIONWIRE_WEBHOOK_TOKEN'],
    needs: ['SESSIONWIRE_WEBHOOK_URL'],
  },
  otlp: { secrets: ['OTEL_EXPORTER_OTLP_HEADERS'], needs: ['OTEL_EXPORTER_OTLP_ENDPOINT'] },
}

/** Names of our adapters that an environment sets up. */
export const findSetUp = (env: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const isSet = (name: string): boolean => (env[name] ?? '') !== ''
  return Object.entries(BUILT_IN)
    .filter(([, { secrets, needs = [] }]) => secrets.some(isSet) && needs.every(isSet))
    .map(([name]) => name)
}
