import * as z from 'zod'
import { operationOf } from '../operations/operations.ts'
import { VERSION } from '../version.ts'
import { API, type ApiPath, CURRENT } from './api.ts'
import { resultOf } from './results.ts'
import type { Route } from './route.ts'

type Schema = Readonly<Record<string, unknown>>

/** A zod schema as JSON Schema, without the name of the dialect: the document says it once. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return json
}

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const envelope = (data: Schema): Schema => ({
  type: 'object',
  properties: {
    success: { const: true },
    data,
    error: { type: 'null' },
    timestamp: { type: 'string', format: 'date-time' },
    request_id: { type: 'string' },
  },
  required: ['success', 'data', 'error', 'timestamp', 'request_id'],
})

/** Properties of an input that stand in its path, its query or its body. */
const inputOf = ({ operation, path, method }: ApiPath) => {
  const input = schemaOf(operationOf(operation).input, 'input')
  const { sessionId, ...properties } = (input.properties ?? {}) as Readonly<Record<string, Schema>>
  const isInPath = path.includes('{sessionId}')
  const kept = isInPath || sessionId === undefined ? properties : { sessionId, ...properties }
  const parameters = Object.entries(kept).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: false, schema },
    ...(description === undefined ? {} : { description }),
  }))
  const inPath = {
    ...{ name: 'sessionId', in: 'path', required: true, schema: { type: 'string' } },
    description: `The id of the session, or \`${CURRENT}\`: the only active session of the caller.`,
  }
  return {
    parameters: [...(isInPath ? [inPath] : []), ...(method === 'GET' ? parameters : [])],
    body: { ...input, properties: kept },
  }
}

const TAGS: Readonly<Record<string, string>> = { record: 'Record', read: 'Look', act: 'Deliver' }

const pathOf = (path: ApiPath) => {
  const { operation: name, method, records } = path
  const { about, scope } = operationOf(name)
  const { parameters, body } = inputOf(path)
  const answer = json(envelope(ref(records ? 'Recorded' : resultName(name))))
  return {
    operationId: name,
    summary: about,
    description: `Needs the scope \`${scope}\`.`,
    tags: [TAGS[scope]],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(method === 'POST' ? { requestBody: { required: true, ...json(body) } } : {}),
    responses: {
      '200': { description: records ? 'Known already, or left out.' : 'The result.', ...answer },
      ...(records ? { '201': { description: 'Recorded.', ...answer } } : {}),
      default: { description: 'Not done; `error` says why.', ...json(ref('Failure')) },
    },
  }
}

const resultName = (operation: string): string =>
  `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Result`

const FAILURE: Schema = {
  type: 'object',
  properties: {
    success: { const: false },
    data: { type: 'null' },
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'A word that a program can compare, as in INVALID_INPUT.' },
        message: { type: 'string', description: 'The problem, and advice.' },
      },
      required: ['code', 'message'],
    },
    timestamp: { type: 'string', format: 'date-time' },
    request_id: { type: 'string', description: 'Names the request in the log of the server.' },
  },
  required: ['success', 'data', 'error', 'timestamp', 'request_id'],
}

const groupPaths = () =>
  Object.fromEntries(
    Object.entries(Object.groupBy(API, ({ path }) => path)).map(([path, all = []]) => [
      path,
      Object.fromEntries(all.map(each => [each.method.toLowerCase(), pathOf(each)])),
    ]),
  )

/** The description of `/api` as OpenAPI 3.1, made from the schemas that check its input. */
export const openapi = (): Readonly<Record<string, unknown>> => ({
  openapi: '3.1.0',
  info: {
    title: 'Sessionwire',
    version: VERSION,
    summary: 'Records sessions of agents and people from any language.',
    description:
      'Every recording call takes a `key`: the same key with the same input records once, so a call whose answer was lost is sent again as it was.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
  servers: [{ url: '/', description: 'The server that gives this document.' }],
  security: [{ apiKey: [] }, { bearer: [] }],
  tags: [
    { name: 'Record', description: 'Writes sessions.' },
    { name: 'Look', description: 'Changes nothing.' },
    { name: 'Deliver', description: 'Sends requests to services, or settles them.' },
  ],
  paths: groupPaths(),
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    schemas: {
      Failure: FAILURE,
      Recorded: schemaOf(resultOf('recorded'), 'output'),
      ...Object.fromEntries(
        API.filter(({ records }) => !records).map(({ operation }) => [
          resultName(operation),
          schemaOf(resultOf(operation), 'output'),
        ]),
      ),
    },
  },
})

/** Makes the route that gives the document. */
export const openapiRoute = (): Route => {
  const body = openapi()
  return {
    method: 'GET',
    path: '/api/openapi.json',
    needs: 'known',
    shape: 'envelope',
    answer: () => ({ status: 200, body }),
  }
}
