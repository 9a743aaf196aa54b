import type { Probe } from '@sessionwire/core/adapter'
import { cypher, statementCall } from './actions/statement.ts'
import type { Neo4jConfig } from './config.ts'
import { RULE_NAMES } from './rules.ts'

/** Whether the server is new enough for the statements: `COLLECT { … }` and the Query API by default. */
export const VERSION = cypher`
  CALL dbms.components() YIELD name, versions
  WITH split(versions[0], '.') AS parts WHERE name = 'Neo4j Kernel'
  RETURN toInteger(parts[0]) > 5 OR (toInteger(parts[0]) = 5 AND toInteger(parts[1]) >= 26) AS supported`

/** Names of the constraints that are there. */
export const CONSTRAINTS = cypher`
  SHOW CONSTRAINTS YIELD name
  RETURN name`

/** Reads that prove the target: the version of the server, and the constraints where an administrator makes them. */
export const probes = (config: Neo4jConfig): readonly Probe[] => [
  {
    about: 'version of the server',
    lookup: {
      call: statementCall(config, VERSION, {}, 'read'),
      list: '/data/values',
      where: { pointer: '/0', equals: true },
      noun: 'supported version',
    },
    todo: 'Update the server to Neo4j 5.26 or later.',
  },
  ...(config.manageSchema
    ? []
    : RULE_NAMES.filter(name => name.endsWith('_id') || name.endsWith('_name')).map(name => ({
        about: `constraint ${name}`,
        lookup: {
          call: statementCall(config, CONSTRAINTS, {}, 'read'),
          list: '/data/values',
          where: { pointer: '/0', equals: name },
          noun: 'constraint',
          cacheMs: 10_000,
        },
        todo: `Let an administrator run the statement of ensureRule for ${name}, or set manageSchema: true.`,
      }))),
]
