import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { type InputName, inputJsonSchema, inputs } from '../src/schema.ts'
import { SENTENCES } from '../src/session/sentences.ts'

const path = join(import.meta.dirname, '../src/session/schema.ts')
const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)

/** Comments of the properties of every object of `schema.ts`, by name of the property. */
const comments = new Map<string, Set<string>>()
const visit = (node: ts.Node): void => {
  if (ts.isPropertyAssignment(node)) {
    const text = ts
      .getJSDocCommentsAndTags(node)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
      .join(' ')
      .replace(/\s+/g, ' ')
    const name = node.name.getText()
    comments.set(name, (comments.get(name) ?? new Set()).add(text))
  }
  ts.forEachChild(node, visit)
}
visit(source)

describe('the sentences of inputs', () => {
  test.for(Object.entries(SENTENCES))('of %s are the comments of the schema', ([, { fields }]) => {
    for (const [name, sentence] of Object.entries(fields))
      expect([...(comments.get(name) ?? [])]).toContain(sentence)
  })
})

describe('the JSON Schema of', () => {
  test.for(Object.keys(inputs) as InputName[])('%s has a sentence for every field', name => {
    const { description, properties, additionalProperties } = inputJsonSchema(name) as {
      description: string
      properties: Record<string, { description?: string }>
      additionalProperties: boolean
    }
    expect([description.length > 0, additionalProperties]).toEqual([true, false])
    for (const [field, each] of Object.entries(properties))
      expect([field, each.description]).toEqual([field, expect.stringMatching(/\.$/)])
  })

  test('update, whole', () => {
    const text = (description: string, more: object = {}) => ({ description, ...more })
    const { properties, required, type } = inputJsonSchema('update') as {
      properties: Record<string, object>
      required: string[]
      type: string
    }
    expect([type, required]).toEqual(['object', ['description']])
    expect(properties.description).toEqual(text('The step that was done; cut at 64 KiB.', { type: 'string' }))
    expect(properties.progress).toEqual(
      text('Progress in percent, 0 to 100, rounded; may fall. Default as it was.', {
        type: 'number',
        minimum: 0,
        maximum: 100,
      }),
    )
    expect(properties.at).toEqual(
      text('The time it happened, a Date or ISO 8601 text; default now. At most 5 minutes ahead.', {
        type: 'string',
        format: 'date-time',
      }),
    )
    expect(inputJsonSchema('entity')).toMatchObject({ properties: { properties: { type: 'object' } } })
  })
})

test('an input schema checks as its call does', () => {
  expect(inputs.update.safeParse({ description: 'x', percent: 3 }).success).toBe(false)
  expect(inputs.update.parse({ description: 'x', progress: 33.4 })).toEqual({
    description: 'x',
    progress: 33,
    tags: [],
  })
})
