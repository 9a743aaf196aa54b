import type { CustomCall } from '@sessionwire/core/adapter'
import { actions } from '../actions.ts'
import type { Statement } from '../config.ts'
import { neo4j } from '../index.ts'
import { CONSTRAINTS, VERSION } from '../probes.ts'
import { RULES } from '../rules.ts'
import * as steps from '../steps.ts'
import type { Given } from './graph.ts'

const { config } = neo4j({ uri: 'bolt://localhost:7687' })

type Known = Readonly<{ action: string; effect: 'read' | 'write' | 'destructive' }>

const statementOf = (action: (typeof actions)[keyof typeof actions]): string => {
  const at = { key: 'example', config }
  const call =
    action.effect === 'read'
      ? action.build(action.input.parse(action.example) as never, at).call
      : action(action.example as never)(at)
  return ((call as CustomCall).payload as unknown as Statement).statement
}

/** The adapter's own statements by their text; statements of custom actions are not among them. */
export const STATEMENTS: ReadonlyMap<string, Known> = new Map<string, Known>([
  ...Object.values(actions)
    .filter(({ action }) => action !== 'queryCypher' && action !== 'runCypher')
    .map(action => [statementOf(action), { action: action.action, effect: action.effect }] as const),
  ...Object.values(steps).map(({ action, statement }) => [statement, { action, effect: 'write' }] as const),
  ...Object.values(RULES).map(statement => [statement, { action: 'ensureRule', effect: 'write' }] as const),
  ['RETURN 1 AS one', { action: 'check', effect: 'read' }],
  [VERSION, { action: 'version', effect: 'read' }],
  [CONSTRAINTS, { action: 'constraints', effect: 'read' }],
])

/** The error of the server about a request: its code and words. */
export type Refused = Readonly<{ code: string; message: string }>

const refuse = (code: string, message: string): Refused => ({ code: `Neo.${code}`, message })

/** Parameters that are maps or lists of maps; any other map or list of lists cannot be a property. */
const MAPS = new Set(['alternatives', 'entities', 'usage', 'total'])
const IDS = /^(project|entityId|fromId|toId|observationId|sessionId|eventId|decisionId|blockerId)$/
const TIMES = /^(at|since|until)$/

/** The bytes of a text that count for a range index's page. */
const INDEX_BYTES = 8_164

const faultOf = (name: string, value: unknown, reading: boolean): Refused | undefined => {
  if (IDS.test(name) && value === null && !reading)
    return refuse(
      'ClientError.Statement.SemanticError',
      `Cannot merge the following node because of null property value for '${name}'`,
    )
  if (IDS.test(name) && typeof value === 'string' && new TextEncoder().encode(value).length > INDEX_BYTES)
    return refuse(
      'DatabaseError.Statement.ExecutionFailed',
      'Property value is too large to index, please see index documentation for limitations.',
    )
  if (
    TIMES.test(name) &&
    typeof value === 'string' &&
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
  )
    return refuse('ClientError.Statement.SyntaxError', `Text cannot be parsed to a DateTime\n"${value}"\n ^`)
  if (value === null || typeof value !== 'object' || MAPS.has(name)) return undefined
  if (!Array.isArray(value))
    return refuse(
      'ClientError.Statement.TypeError',
      'Property values can only be of primitive types or arrays thereof.',
    )
  return value.every(item => typeof item === typeof value[0] && item !== null && typeof item !== 'object')
    ? undefined
    : refuse(
        'ClientError.Statement.TypeError',
        'Collections containing null values can not be stored in properties.',
      )
}

/** The problem of a statement and its parameters, as the server would find it. */
export const fault = (statement: string, given: Given, reading: boolean): Refused | undefined => {
  const named = [...new Set([...statement.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))]
  const missing = named.filter(name => !Object.hasOwn(given, name))
  if (missing.length > 0)
    return refuse('ClientError.Statement.ParameterMissing', `Expected parameter(s): ${missing.join(', ')}`)
  if (statement.includes(';'))
    return refuse('ClientError.Statement.SyntaxError', 'Expected exactly one statement per query but got: 2')
  if (!/^\s*(MERGE|MATCH|OPTIONAL|CREATE|RETURN|WITH|UNWIND|CALL|SHOW|FOREACH)\b/i.test(statement))
    return refuse('ClientError.Statement.SyntaxError', `Invalid input '${statement.split(/\s/)[0] ?? ''}'`)
  const known = STATEMENTS.get(statement)
  const writes =
    known === undefined
      ? /\b(MERGE|CREATE|SET|DELETE|REMOVE|DROP)\b/i.test(statement)
      : known.effect !== 'read'
  if (reading && writes)
    return refuse(
      'ClientError.Statement.AccessMode',
      'Writing in read access mode not allowed. Attempted write to neo4j',
    )
  if (known === undefined) return undefined
  for (const [name, value] of Object.entries(given)) {
    const found = faultOf(name, value, reading)
    if (found !== undefined) return found
  }
  return undefined
}
