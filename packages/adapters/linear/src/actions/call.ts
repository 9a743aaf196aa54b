import {
  type Captures,
  type HttpCall,
  type Json,
  type Next,
  omitUndefined,
  type Ref,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { Here, LinearConfig } from '../config.ts'

/** The rate that every call draws on, and the one of full-text search. */
export type Limit = 'requests' | 'search'

/** A GraphQL document on one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** A GraphQL call as plain data: one operation per document, every value in `variables`. */
export const call = (
  config: LinearConfig,
  query: string,
  variables: Readonly<Record<string, Json | undefined>> = {},
  limit: Limit = 'requests',
): HttpCall => ({
  kind: 'http',
  method: 'POST',
  // The address of the API is shown with and without it.
  endpoint: `${config.baseUrl.replace(/\/graphql$/, '')}/graphql`,
  // A personal key stands bare, an OAuth token behind `Bearer`: https://linear.app/developers/graphql
  auth: {
    header: 'Authorization',
    ...(config.auth === 'oauth'
      ? { prefix: 'Bearer ', secret: config.secrets.LINEAR_OAUTH_TOKEN }
      : { secret: config.secrets.LINEAR_API_KEY }),
  },
  limit,
  payload: { query, variables: omitUndefined(variables) },
})

/** Pages of a connection, by the variable `$after` of every list query. */
export const pages = (connection: string): Next => ({
  cursor: `${connection}/pageInfo/endCursor`,
  into: '/payload/variables/after',
  more: `${connection}/pageInfo/hasNextPage`,
})

/** The coalesce name of a value that is set; that of the session's own issue has no target in it. */
export const nameOf = (what: string, target: string | Ref): string =>
  typeof target === 'string' ? `${what} ${target}` : what

// ── creating

type Kind = Readonly<{ mutation: string; input: string; entity: string; list: string; select: string }>

/** Kinds of things that are created: the mutation, and the list of the look-up. `select` serves both. */
const KINDS = {
  issue: {
    mutation: 'issueCreate',
    input: 'IssueCreateInput',
    entity: 'issue',
    list: 'issues',
    select: 'id identifier url',
  },
  comment: {
    mutation: 'commentCreate',
    input: 'CommentCreateInput',
    entity: 'comment',
    list: 'comments',
    select: 'id url issue { id }',
  },
  /** A comment with a session's card: people open its issue. */
  cardComment: {
    mutation: 'commentCreate',
    input: 'CommentCreateInput',
    entity: 'comment',
    list: 'comments',
    select: 'id issue { id identifier url }',
  },
  projectUpdate: {
    mutation: 'projectUpdateCreate',
    input: 'ProjectUpdateCreateInput',
    entity: 'projectUpdate',
    list: 'projectUpdates',
    select: 'id url',
  },
  document: {
    mutation: 'documentCreate',
    input: 'DocumentCreateInput',
    entity: 'document',
    list: 'documents',
    select: 'id url',
  },
} as const satisfies Readonly<Record<string, Kind>>

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The documents of a kind are the same for each creation. */
const documentsOf = ({ mutation, input, entity, list, select }: Kind) => ({
  creation: oneLine(`mutation ${capitalize(mutation)}($input: ${input}!) {
    ${mutation}(input: $input) { success ${entity} { ${select} } }
  }`),
  search: oneLine(`query Find${capitalize(list)}($id: ID!) {
    ${list}(first: 1, includeArchived: true, filter: { id: { eq: $id } }) { nodes { ${select} } }
  }`),
})
const DOCUMENTS = Object.fromEntries(
  Object.entries(KINDS).map(([kind, each]) => [kind, documentsOf(each)]),
) as Readonly<Record<keyof typeof KINDS, ReturnType<typeof documentsOf>>>

const REPEATED_ID =
  'Linear documents that clients may choose the id of what they create. It does not document its answer when that id exists already.'

/**
 * A creation with an id of ours. In doubt it is looked up by that id in a list, archived items included, as a person may
 * have archived it meanwhile. `captures` are pointers into the created item.
 */
export const create = <const N extends string>(
  kind: keyof typeof KINDS,
  { key, config }: Here,
  input: Readonly<Record<string, Json | undefined>>,
  captures: Readonly<Record<N, string>>,
) => {
  const { mutation, entity, list } = KINDS[kind]
  const { creation, search } = DOCUMENTS[kind]
  const id = uuidFrom(key)
  const names = Object.keys(captures) as N[]
  const inAnswer = Object.fromEntries(
    names.map(name => [name, `/data/${mutation}/${entity}${captures[name]}`]),
  )
  return {
    ...call(config, creation, { input: omitUndefined({ id, ...input }) }),
    captures: inAnswer as Captures<N>,
    repeat: {
      by: 'id' as const,
      call: call(config, search, { id }),
      list: `/data/${list}/nodes`,
      where: { pointer: '/id', equals: id },
      captures: captures as Captures<N>,
    },
    asterisk: REPEATED_ID,
  }
}

/** The name of a captured link: another one for each call, as a name is captured once. */
export const linkName = (noun: string, key: string): string => `${noun}-${uuidFrom(key).slice(0, 8)}`
