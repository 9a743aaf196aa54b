import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Json } from '@sessionwire/core/adapter'
import {
  buildSchema,
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  parse,
  validate,
  visit,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { complexity, parse as parseOwn } from '../src/testing/document.ts'
import { documents, type Request } from './calls.ts'
import { declaredTypes, documentProblems, valueProblems } from './vendor-check.ts'
import { vendorTypes, vendorValues } from './vendor-types.ts'

/** Linear's published schema, where somebody put it beside this repository. */
const SCHEMA = fileURLToPath(new URL('../../../../../shared/data/linear/schema.graphql', import.meta.url))

const all = [...documents()].map(([query, sent]) => ({ query, sent, name: sent[0]?.from ?? '' }))
const operation = (document: DocumentNode) => {
  const [only, ...more] = document.definitions
  if (only?.kind !== Kind.OPERATION_DEFINITION || more.length > 0) throw new Error('not one operation')
  return only
}

/** With something in its placeholders. */
const fillIn = (value: Json): Json => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(fillIn)
  if ('$ref' in value) return 'filled'
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fillIn(inner)]))
}

/** What a selection of no object has: a list's, a payload's, a page's. */
const WRAPPED = new Set(['nodes', 'edges', 'cursor', 'success', 'hasNextPage'])

describe('every document', () => {
  test('is there to be checked', () => {
    expect(all.map(({ query }) => /^(?:query|mutation) (\w+)/.exec(query)?.[1]).sort()).toEqual(
      [
        'ActiveIssues',
        'AttachmentCreate',
        'Card',
        'CardComment',
        'CardDescription',
        'CommentCreate',
        'CommentCreate',
        'CommentUpdate',
        'DocumentCreate',
        'FindComments',
        'FindComments',
        'FindDocuments',
        'FindIssues',
        'FindProjectUpdates',
        'FindRelation',
        'Issue',
        'IssueComments',
        'IssueCreate',
        'IssueLabelCreate',
        'IssueRelationCreate',
        'IssueRelations',
        'IssueStates',
        'IssueTeam',
        'IssueUpdate',
        'LabelByName',
        'LabelNames',
        'Labels',
        'Project',
        'Projects',
        'ProjectUpdateCreate',
        'Search',
        'Team',
        'TeamKeys',
        'TeamStates',
        'Teams',
        'Users',
        'Viewer',
        'WorkflowStates',
      ].sort(),
    )
  })

  test.for(all)(
    'has one operation with one field, on one line, with no comment and no text from outside: $name',
    ({ query }) => {
      const { selectionSet, operation: kind } = operation(parse(query))
      expect(selectionSet.selections.length).toBe(kind === 'mutation' || !query.includes('viewer') ? 1 : 2)
      expect(query).not.toMatch(/[\n#]| {2}/)
      const literals: string[] = []
      visit(parse(query), { StringValue: ({ value }) => void literals.push(value) })
      expect(literals).toEqual(query.includes('ActiveIssues') ? ['started'] : [])
    },
  )

  test.for(all)('says how many at every level, selects ids, and costs little: $name', ({ query, sent }) => {
    visit(parse(query), {
      Field: field => {
        const inside = field.selectionSet?.selections.flatMap(each =>
          each.kind === Kind.FIELD ? [each.name.value] : [],
        )
        if (inside?.includes('nodes') || inside?.includes('edges'))
          expect(field.arguments?.map(({ name }) => name.value)).toContain('first')
        const isObject = inside !== undefined && !inside.some(name => WRAPPED.has(name))
        if (isObject) expect(inside, field.name.value).toContain('id')
      },
    })
    for (const { variables } of sent) expect(complexity(parseOwn(query).fields, variables)).toBeLessThan(600)
  })

  test.for(all)('sends every variable it declares and no other: $name', ({ query, sent }) => {
    const declared = operation(parse(query)).variableDefinitions ?? []
    for (const { variables } of sent) {
      const names = declared.map(({ variable }) => variable.name.value)
      expect(names).toEqual(expect.arrayContaining(Object.keys(variables)))
      const needed = declared.flatMap(({ variable, type }) =>
        type.kind === Kind.NON_NULL_TYPE ? [variable.name.value] : [],
      )
      expect(Object.keys(variables)).toEqual(expect.arrayContaining(needed))
    }
  })
})

describe("against the types of Linear's own client", () => {
  test('which were found', () => {
    expect(vendorTypes.size).toBeGreaterThan(1_000)
    expect(vendorTypes.get('CommentUpdateInput')).toMatchObject({ body: 'String', subscriberIds: 'String' })
    expect(vendorTypes.get('IssuePayload')).toMatchObject({ issue: 'Issue', success: 'Boolean' })
    expect(vendorValues('PaginationOrderBy')).toEqual(['createdAt', 'updatedAt'])
    expect(
      documentProblems(parse('query A($id: Int!) { issue(id: $id, x: 1) { id nothing } teams { nodes } }')),
    ).toEqual([
      'query.issue(id): $id is Int, not String',
      'query.issue(x): not in QueryIssueArgs',
      'query.issue.nothing: not in Issue',
      'query.teams.nodes: Team needs fields',
    ])
    expect(valueProblems({ stateID: 'x', priority: 'high' }, 'IssueUpdateInput', 'input')).toEqual([
      'input.stateID: not in IssueUpdateInput',
      'input.priority: string is no Int',
    ])
  })

  test.for(all)('$name', ({ query, sent }) => {
    const document = parse(query)
    expect(documentProblems(document)).toEqual([])
    const types = declaredTypes(document)
    for (const { variables, from } of sent)
      for (const [name, value] of Object.entries(variables))
        expect(valueProblems(value, types[name] ?? '', name), from).toEqual([])
  })
})

const problems = (schema: GraphQLSchema, query: string, sent: readonly Request[]): readonly string[] => {
  const document = parse(query)
  const errors = validate(schema, document).map(({ message }) => message)
  const definitions = operation(document).variableDefinitions ?? []
  const wrong = sent.flatMap(({ variables }) => {
    const values = getVariableValues(schema, definitions, fillIn(variables) as Record<string, Json>)
    return 'errors' in values ? (values.errors ?? []).map(({ message }) => message) : []
  })
  return [...errors, ...wrong]
}

if (existsSync(SCHEMA)) {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'))
  describe("against Linear's published schema", () => {
    test('which refuses what it should', () => {
      expect(problems(schema, 'query A($id: String!) { issue(id: $id) { nothing } }', [])).toHaveLength(1)
      const update =
        'mutation A($input: IssueUpdateInput!) { issueUpdate(id: "x", input: $input) { success } }'
      expect(
        problems(schema, update, [{ from: '', query: update, variables: { input: { stateID: 'x' } } }]),
      ).toHaveLength(1)
    })
    test.for(all)('$name', ({ query, sent }) => {
      expect(problems(schema, query, sent)).toEqual([])
    })
  })
} else {
  // Not a skipped test: there is nothing to check against, and the client's types were checked above.
  process.stdout.write(
    "Linear's schema is not beside this repository: documents were checked against @linear/sdk alone.\n",
  )
}
