import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { extract, type Published } from '../scripts/openapi/extract.ts'
import { OPERATIONS, SOURCE } from '../scripts/openapi/source.ts'

test("GitHub's document in the fixture is what pnpm openapi made, and nobody changed it", () => {
  const text = readFileSync(
    new URL('../packages/adapters/github/test/fixtures/openapi.json', import.meta.url),
    'utf8',
  )
  expect(createHash('sha256').update(text).digest('hex')).toBe(SOURCE.digest)
  const { version, operations } = JSON.parse(text) as Readonly<{ version: string; operations: object }>
  expect(version).toBe(SOURCE.version)
  expect(Object.keys(operations)).toEqual(OPERATIONS)
})

test('the operations are taken with the schemas that they name, without words for people', () => {
  const item = { $ref: '#/components/schemas/item' }
  const operation = {
    parameters: [
      { $ref: '#/components/parameters/page' },
      { in: 'path', name: 'owner', schema: { type: 'string' } },
    ],
    requestBody: { content: { 'application/json': { schema: item } } },
    responses: {
      200: { description: 'Fine', content: { 'application/json; charset=utf-8': { schema: item } } },
      404: { $ref: '#/components/responses/missing' },
      304: { description: 'Not changed' },
    },
  }
  const paths: Record<string, Record<string, typeof operation>> = {}
  for (const each of OPERATIONS) {
    const [method = '', path = ''] = each.split(' ')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
  }
  const document = {
    openapi: '3.0.3',
    paths,
    components: {
      parameters: { page: { in: 'query', name: 'page', schema: { type: 'integer', default: 1 } } },
      responses: { missing: { content: { 'application/json': { schema: { type: 'object' } } } } },
      schemas: {
        item: {
          ...{ type: 'object', title: 'Item', 'x-github': true, required: ['title'] },
          properties: { title: { type: 'string', description: 'Words' }, below: item },
        },
        other: { type: 'string' },
      },
    },
  } as unknown as Published
  const made = extract(document, 'package 1.0.0', '1.0.0')
  expect(made.operations['GET /user']).toEqual({
    query: { page: { required: false, schema: { type: 'integer' } } },
    body: { $ref: '#/$defs/item' },
    responses: { 200: { $ref: '#/$defs/item' }, 404: { type: 'object' }, 304: null },
  })
  expect(made.$defs).toEqual({
    item: {
      ...{ type: 'object', required: ['title'] },
      properties: { title: { type: 'string' }, below: { $ref: '#/$defs/item' } },
    },
  })
  const { '/user': _, ...others } = document.paths
  expect(() => extract({ ...document, paths: others }, 'package 1.0.0', '1.0.0')).toThrow(
    'package 1.0.0 has no GET /user.',
  )
})
