/**
 * Sessions in Neo4j: a graph of sessions, progress, decisions, entities and blockers.
 * @module neo4j
 */
import { type Adapter, type AdapterFactory, defineAdapter } from '@sessionwire/core/adapter'
import { statementCall } from './actions/statement.ts'
import { actions } from './actions.ts'
import { boltTransport } from './bolt.ts'
import { type Neo4jConfig, type Neo4jOptions, options, secrets, ways } from './config.ts'
import { cypherRenderer } from './cypher.ts'
import { describe } from './describe.ts'
import { hooks, removeLink } from './hooks.ts'
import { isOwn, outcome } from './outcome.ts'
import { probes } from './probes.ts'

export type { Neo4jConfig, Neo4jOptions, Statement as Neo4jStatement } from './config.ts'

/** An adapter for Neo4j. */
export type Neo4jAdapter<N extends string = string> = Adapter<Neo4jConfig, N, typeof actions, never>

/** Mirrors sessions into Neo4j: `neo4j({ uri: 'bolt://localhost:7687' })`, or `neo4j.fromEnv()`. */
export const neo4j: AdapterFactory<Neo4jOptions, Neo4jConfig, typeof actions, 'neo4j'> = defineAdapter({
  service: 'neo4j',
  options,
  secrets,
  ways,
  env: { uri: 'NEO4J_URI', database: 'NEO4J_DATABASE' },
  actions,
  hooks,
  outcome,
  isOwn,
  limits: ({ concurrency }) => ({ concurrency, rates: {} }),
  check: config => ({ call: statementCall(config, 'RETURN 1 AS one', {}, 'read'), list: '/data/values' }),
  probes,
  origins: ({ uri }) => [uri],
  plaintext: ['bolt:', 'neo4j:'],
  renderers: { bolt: cypherRenderer },
  describe,
  removals: { linkCard: removeLink },
  // A check or a read may be under way in addition to the statements that run at once.
  transport: ({ concurrency }) => boltTransport(concurrency + 4),
})
