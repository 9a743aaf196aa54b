import { lintCypherQuery } from '@neo4j-cypher/language-support'
import { type Call, plan, type Session, type SessionEvent } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { describe, expect, test } from 'vitest'
import { sample } from '../../../../test/sample.ts'
import { ensureRule } from '../src/actions/project.ts'
import type { Statement } from '../src/config.ts'
import { neo4j } from '../src/index.ts'
import { RULE_NAMES } from '../src/rules.ts'
import * as steps from '../src/steps.ts'

const { actions, config } = neo4j({ uri: 'bolt://localhost:7687' })
const at = { key: 'example', config }

type Named = readonly [name: string, statement: Statement]

const statementOf = (call: Call) => call.payload as unknown as Statement

const built: readonly Named[] = Object.values(actions).map(action => [
  action.action,
  statementOf(
    action.effect === 'read'
      ? action.build(action.input.parse(action.example) as never, at).call
      : action(action.example as never)(at),
  ),
])

const link = { adapter: 'linear', name: 'BIL-1', url: 'https://linear.app/acme/issue/BIL-1' }

/** The link to another card, and its removal. */
const linking = (): readonly Named[] => {
  const adapter = neo4j({ uri: 'bolt://localhost:7687' })
  const [{ event, session }] = story() as readonly [ReturnType<typeof story>[number]]
  const [linked] =
    adapter.hooks.linked?.({ link, links: [link] }, session as Session, event, adapter.config) ?? []
  const shown = linked?.(at) as ReturnType<typeof plan>[number]
  const removed = adapter.removals?.linkCard?.(shown)(at) as typeof shown
  return [shown, removed].map(call => [call.action, statementOf(call)] as const)
}

/** What hooks run: each of their statements once. */
const hooked: readonly Named[] = [
  ...linking(),
  ...new Map(
    (['each', 'card'] as const).flatMap(updates => {
      const adapter = neo4j({ uri: 'bolt://localhost:7687', updates, messages: true })
      return story().flatMap(({ event, session }) => {
        const { type: _, payload: __, ...rest } = event
        const message = { ...rest, type: 'message', payload: { role: 'user', content: 'Hi' } } as SessionEvent
        return [event, message].flatMap(each =>
          plan(adapter, each, session as Session).map(call => [call.action, statementOf(call)] as const),
        )
      })
    }),
  ),
]
test('every statement of a hook is checked', () =>
  expect(hooked.map(([name]) => name).sort()).toEqual(Object.keys(steps).sort()))

const rules: readonly Named[] = RULE_NAMES.map(name => [name, statementOf(ensureRule({ name })(at))])
const statements = [...built, ...hooked, ...rules]

/** What Neo4j's own analyser says of a statement, without what it says of an empty database. */
const problems = (
  { statement, parameters }: Pick<Statement, 'statement' | 'parameters'>,
  defaultLanguage: 'CYPHER 5' | 'CYPHER 25',
  severities = [1, 2],
) =>
  lintCypherQuery(statement, { defaultLanguage, parameters: parameters as Record<string, unknown> })
    .diagnostics.filter(({ severity = 1 }) => severities.includes(severity))
    .map(({ message }) => message)

describe.for([
  ['CYPHER 5', 0],
  ['CYPHER 25', 12],
] as const)('as %s', ([language, offset]) => {
  test.for(sample(statements, statements.length, offset))('%s is sound', ([, call]) => {
    expect(problems(call, language)).toEqual([])
  })
})

test('the analyser sees what is wrong, in each version', () => {
  const label = { statement: 'MATCH (n:$label) RETURN n', parameters: { label: 'X' } }
  expect(problems(label, 'CYPHER 5')).not.toEqual([])
  const copies = { statement: 'MATCH (n)-[r]->() SET n = r', parameters: {} }
  expect(problems(copies, 'CYPHER 5', [1])).toEqual([])
  expect(problems(copies, 'CYPHER 25', [1])).not.toEqual([])
})

test.for(statements)('%s names exactly the parameters it is given', ([, { statement, parameters }]) => {
  const named = [...statement.matchAll(/\$(\w+)/g)].map(([, name]) => name)
  expect([...new Set(named)].sort()).toEqual(Object.keys(parameters as object).sort())
})

test.for(statements)(
  '%s holds no text but its own, and no undefined value',
  ([, { statement, parameters }]) => {
    expect(statement).not.toMatch(/^\s*CYPHER\b|;|`|billing|\bid\(/)
    expect(JSON.parse(JSON.stringify(parameters))).toEqual(parameters)
  },
)
