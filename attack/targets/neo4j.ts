import type { Json } from '@sessionwire/core/adapter'
import { type Neo4jOptions, neo4j } from '@sessionwire/neo4j'
import { hostileNeo4j } from '@sessionwire/neo4j/testing'
import type { Target } from './target.ts'

/** The text of a node: that of a decision, a blocker, its resolution, a summary. */
const TEXTS: Readonly<Record<string, string>> = {
  recordDecision: 'content',
  openBlocker: 'description',
  resolveBlocker: 'resolution',
  endSession: 'summary',
  addObservation: 'content',
}
type Given = Readonly<Record<string, Json>>

/** Neo4j over HTTP: every statement may come twice. */
export const neo4jTarget: Target = {
  name: 'neo4j',
  secrets: { NEO4J_USERNAME: 'canary-graph-user', NEO4J_PASSWORD: 'canary-graph-0ab9' },
  make: options => neo4j({ ...options } as Neo4jOptions),
  serve: async ({ seed, now, secrets = neo4jTarget.secrets }) => {
    const server = await hostileNeo4j({
      seed,
      now,
      username: secrets.NEO4J_USERNAME ?? '',
      password: secrets.NEO4J_PASSWORD ?? '',
    })
    const entriesOf = (id: string): readonly string[] =>
      server.effects().flatMap(({ kind, detail }) => {
        const given = (detail ?? {}) as Given
        const text = TEXTS[kind]
        return text !== undefined && given.sessionId === id ? [String(given[text])] : []
      })
    return {
      server,
      options: { uri: server.url },
      secrets,
      listCards: () =>
        server.sessions().map(({ id, start, progress, status, summary }) => ({
          card: `${String(start?.goal ?? start?.name)}\n${status} ${progress} %\n${summary}`,
          entries: entriesOf(id),
          links: server
            .listApplied('linkCard')
            .flatMap(({ sessionId, url }) => (sessionId === id ? [String(url)] : [])),
        })),
      listMade: () => server.listApplied('addObservation').map(({ content }) => String(content)),
    }
  },
  below: [],
  unordered: true,
  resumesSilently: true,
  isWrite: ({ raw }) => !raw.includes('"accessMode":"Read"'),
  apart: [
    n => ({
      action: 'addObservation',
      input: {
        project: 'attack',
        entity: { type: 'class', name: 'Lock' },
        content: `apart ${n}`,
        at: '2026-01-31T12:00:00.000Z',
      },
    }),
  ],
}
