/**
 * Sessions in Neo4j: a graph of sessions, progress, decisions, entities and blockers.
 * @module neo4j
 */
import { type Adapter, type Environment, environment, originOf } from '@sessionwire/core/adapter'
import { statementCall } from './actions/statement.ts'
import { actions } from './actions.ts'
import { boltTransport } from './bolt.ts'
import { checkOptions, type Neo4jConfig, type Neo4jOptions, optionsFrom, secretsOf } from './config.ts'
import { cypherRenderer } from './cypher.ts'
import { hooks } from './hooks.ts'
import { outcome } from './outcome.ts'

export type { Neo4jAuth, Neo4jConfig, Neo4jOptions, Statement as Neo4jStatement } from './config.ts'

/** An adapter for Neo4j. */
export type Neo4jAdapter<N extends string = string> = Adapter<Neo4jConfig, N, typeof actions, never>

/** Makes an adapter for Neo4j. Throws `CONFIG` naming the option that is wrong. */
export interface Neo4j {
  /** With an address, over Bolt or HTTP. */
  <const N extends string = 'neo4j'>(options: Neo4jOptions<N>): Neo4jAdapter<N>
  /**
   * From `NEO4J_URI`, `NEO4J_DATABASE` and `NEO4J_USERNAME` with `NEO4J_PASSWORD`, or `NEO4J_TOKEN`; `undefined` when
   * they are not set or `NEO4J_ENABLED` is false. Throws `CONFIG` when it is true and something is missing.
   */
  fromEnv<const N extends string = 'neo4j'>(
    overrides?: Partial<Neo4jOptions<N>>,
    env?: Environment,
  ): Neo4jAdapter<N> | undefined
}

const make = <const N extends string = 'neo4j'>(options: Neo4jOptions<N>): Neo4jAdapter<N> => {
  const { config, rest } = checkOptions(options)
  const { mode, when, allowDestructive, onDoubt, concurrency } = rest
  return {
    name: config.as as N,
    config,
    mode,
    hooks,
    actions,
    limits: { concurrency, rates: {} },
    check: { call: statementCall(config, 'RETURN 1 AS one', {}, 'read'), list: '/data/values' },
    outcome,
    ...(when === undefined ? {} : { when }),
    ...(allowDestructive === undefined ? {} : { allowDestructive }),
    ...(onDoubt === undefined ? {} : { onDoubt }),
    refs: [],
    origins: [originOf(config.uri)],
    renderers: { bolt: cypherRenderer },
    secrets: secretsOf(config),
    // Beside the statements that run at once, a check or a read may be under way.
    transport: boltTransport(concurrency + 4),
  }
}

/** Mirrors sessions into Neo4j: `neo4j({ uri: 'bolt://localhost:7687' })`. */
export const neo4j: Neo4j = Object.assign(make, {
  fromEnv: <const N extends string = 'neo4j'>(
    overrides: Partial<Neo4jOptions<N>> = {},
    env: Environment = environment(),
  ) => {
    const options = optionsFrom(env, overrides)
    return options === undefined ? undefined : make(options)
  },
})
