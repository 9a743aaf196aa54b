import type { Json } from '@sessionwire/core/adapter'
import type { Answer, Received } from '@sessionwire/core/testing'

/** A JSON object, whatever it was. */
export type Fields = Readonly<{ [key: string]: Json }>

export const isFields = (value: Json | undefined): value is Fields =>
  value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value)

/** The fields of an object; none where there is no object. */
export const fieldsOf = (value: Json | undefined): Partial<Fields> => (isFields(value) ? value : {})

/** The items of a list; none where there is no list. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

/** A request that Jira refuses: thrown inside the rules, answered by the server. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`${answer.status}`)
    this.answer = answer
  }
}

/** Jira's error: what it says as a whole, and field by field. */
export const errorBody = (
  messages: readonly string[],
  errors: Readonly<Record<string, string>> = {},
): Json => ({
  errorMessages: messages,
  errors,
})

/** Refuses with a message. */
export const refuse = (status: number, message: string): never => {
  throw new Refusal({ status, body: errorBody([message]) })
}

/** Refuses for the sake of one field. */
export const refuseField = (field: string, why: string): never => {
  throw new Refusal({ status: 400, body: errorBody([], { [field]: why }) })
}

export const refuseGone = (what = 'Issue'): never =>
  refuse(404, `${what} does not exist or you do not have permission to see it.`)

/** The JSON object a request carries; refuses other bodies, and keys that Jira does not document. */
export const bodyOf = (request: Received, allowed: readonly string[]): Partial<Fields> => {
  if (request.encoding !== 'json') throw new Refusal({ status: 415, text: 'Unsupported Media Type' })
  if (!isFields(request.body))
    return refuse(400, 'Invalid request payload. Refer to the REST API documentation and try again.')
  const strange = Object.keys(request.body).find(key => !allowed.includes(key))
  if (strange !== undefined) return refuse(400, `Unrecognized field "${strange}"`)
  return request.body
}

/** Refuses parameters of a query that Jira does not document. */
export const onlyQuery = ({ query, path }: Received, allowed: readonly string[]): void => {
  const strange = Object.keys(query).find(key => !allowed.includes(key))
  if (strange !== undefined) refuse(400, `The parameter ${strange} of ${path} is unknown`)
}

/** A page by `startAt` and `maxResults`, never more than `most`. */
export const pageOf = <T>(request: Received, all: readonly T[], most: number) => {
  const startAt = Number(request.query.startAt ?? 0)
  const maxResults = Math.min(most, Number(request.query.maxResults ?? most))
  if (!Number.isInteger(startAt) || startAt < 0 || !Number.isInteger(maxResults))
    return refuse(400, 'startAt and maxResults must be whole numbers')
  const items = all.slice(startAt, startAt + maxResults)
  return { startAt, maxResults, total: all.length, isLast: startAt + items.length >= all.length, items }
}
