import {
  type About,
  type Action,
  action,
  type Call,
  type Draft,
  type Json,
  type Lookup,
  type Read,
  read,
  type Step,
  step,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, isBolt, type Neo4jConfig } from '../config.ts'
import { clean } from '../text.ts'

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

/** A value as a parameter: its texts are cleaned, and null stands for what is missing. */
const cleanValue = (value: unknown): Json => {
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value !== 'object') return (value ?? null) as Json
  if (Array.isArray(value)) return value.map(cleanValue)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleanValue(inner)]))
}

type Fields = Readonly<Record<string, unknown>>
type BuildCall = (config: Neo4jConfig, fields: Fields, access?: 'read') => Call

/** Builds calls of a statement, which gets exactly the parameters it names: null for a field that is missing. */
const callsOf = (statement: string): BuildCall => {
  const names = [...new Set([...statement.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))]
  return (config, fields, access) => {
    const parameters = Object.fromEntries(names.map(name => [name, cleanValue(fields[name])]))
    return statementCall(config, statement, parameters, access)
  }
}

const SAFE = { repeat: 'safe' } as const

/** A statement that only hooks use. It may be repeated: it merges by ids of the events, and leaves what a newer one has set. */
export const hookStep = (action: string, statement: string, more: Pick<Draft, 'coalesce'> = {}) => {
  const build = callsOf(statement)
  const stepOf = (fields: Fields): Step<Neo4jConfig> =>
    step(action, ({ config }) => ({ ...build(config, fields), ...SAFE, ...more }))
  return Object.assign(stepOf, { action, statement })
}

/**
 * A write of one statement that may be repeated: it merges by ids we make, and leaves what a newer one has set. `derive`
 * adds parameters to those of the input.
 */
export const write = <S extends z.ZodType<Fields>>(
  name: string,
  input: S,
  statement: string,
  about: About<S>,
  derive: (value: z.output<S>, here: Here) => Fields = () => ({}),
): Action<S, Neo4jConfig> => {
  const build = callsOf(statement)
  return action(
    name,
    input,
    (value, here: Here) => ({ ...build(here.config, { ...value, ...derive(value, here) }), ...SAFE }),
    about,
  )
}

/** Rows of one map each. */
const rowsOf = <R extends z.ZodType>(row: R) =>
  z.array(z.tuple([row]).transform(([only]) => only as z.output<R>))

/** A read whose statement returns one map in each row; the output is the list of maps. */
export const recall = <S extends z.ZodType<Fields>, R extends z.ZodType>(
  name: string,
  input: S,
  row: R,
  statement: string,
  about: Omit<About<S>, 'effect'>,
): Read<S, ReturnType<typeof rowsOf<R>>, Neo4jConfig> => {
  const build = callsOf(statement)
  return read(
    name,
    input,
    rowsOf(row),
    (value, { config }: Here): Lookup => ({ call: build(config, value, 'read'), list: '/data/values' }),
    about,
  )
}
