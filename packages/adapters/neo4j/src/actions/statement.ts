import {
  type Action,
  action,
  type Call,
  type Json,
  type Lookup,
  type Read,
  read,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, isBolt, type Neo4jConfig } from '../config.ts'

/** Values of a statement, by name: every one it names, null where there is none. */
export type Parameters = Readonly<Record<string, Json>>

const authOf = ({ auth, secrets, uri }: Neo4jConfig): Pick<Call, 'auth'> => {
  if (auth === 'none') return {}
  if (auth === 'basic') return { auth: { basic: [secrets.NEO4J_USERNAME, secrets.NEO4J_PASSWORD] } }
  // The Query API wants the token in base64, which only a transport of our own can make of it.
  return {
    auth: isBolt(uri)
      ? { header: 'Authorization', prefix: 'Bearer ', secret: secrets.NEO4J_TOKEN }
      : { login: secrets.NEO4J_TOKEN },
  }
}

/**
 * A statement as a call: over Bolt, or to the Query API (https://neo4j.com/docs/query-api/current/query/). Both mean
 * the same; values are only ever parameters.
 */
export const statementCall = (
  config: Neo4jConfig,
  statement: string,
  parameters: Parameters,
  access?: 'read',
): Call => {
  const { uri, database } = config
  const auth = authOf(config)
  if (isBolt(uri))
    return {
      kind: 'custom',
      target: 'bolt',
      ...auth,
      endpoint: uri,
      payload: { database, statement, parameters, ...(access === undefined ? {} : { access }) },
    }
  return {
    kind: 'http',
    ...auth,
    method: 'POST',
    endpoint: `${uri}/db/${encodeURIComponent(database)}/query/v2`,
    headers: { accept: 'application/json' },
    payload: { statement, parameters, ...(access === undefined ? {} : { accessMode: 'Read' }) },
  }
}

/** A statement without the indentation it has in its file. */
export const cypher = (parts: TemplateStringsArray): string => {
  const lines = parts.join('').split('\n')
  const depth = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  return lines
    .map(line => line.slice(depth))
    .join('\n')
    .trim()
}

/** A write of one statement that may be repeated: it merges by ids we make, and leaves what a newer one has set. */
export const write = <S extends z.ZodType>(
  name: string,
  input: S,
  statement: string,
  parameters: (value: z.output<S>, here: Here) => Parameters,
  more: Readonly<{ about: string; example: z.input<S>; effect?: 'write' | 'destructive'; hidden?: boolean }>,
): Action<S, Neo4jConfig> =>
  action(
    name,
    input,
    (value, here: Here) => ({
      ...statementCall(here.config, statement, parameters(value, here)),
      repeat: 'safe' as const,
    }),
    more,
  )

/** Rows of one map each. */
const rowsOf = <R extends z.ZodType>(row: R) =>
  z.array(z.tuple([row]).transform(([only]) => only as z.output<R>))

/** A read whose statement returns one map in each row; the output is the list of maps. */
export const recall = <S extends z.ZodType, R extends z.ZodType>(
  name: string,
  input: S,
  row: R,
  statement: string,
  parameters: (value: z.output<S>) => Parameters,
  more: Readonly<{ about: string; example: z.input<S> }>,
): Read<S, ReturnType<typeof rowsOf<R>>, Neo4jConfig> =>
  read(
    name,
    input,
    rowsOf(row),
    (value, { config }: Here): Lookup => ({
      call: statementCall(config, statement, parameters(value), 'read'),
      list: '/data/values',
    }),
    more,
  )
