import {
  type Captures,
  defined,
  type HttpCall,
  type Json,
  type Next,
  type Ref,
  uuidFrom,
} from '@sessionwire/core/adapter'
import type { Here, LinearConfig } from '../config.ts'

/** The rate every call draws on, and the one full-text search has of its own. */
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
  endpoint: `${config.baseUrl}/graphql`,
  // A personal key stands bare, an OAuth token behind `Bearer`: https://linear.app/developers/graphql
  auth: {
    header: 'Authorization',
    ...(config.auth === 'oauth' ? { prefix: 'Bearer ' } : {}),
    secret: config.secret,
  },
  limit,
  payload: { query, variables: defined(variables) },
})

/** Pages of a connection, by the `$after` every list query of ours has. */
export const pages = (connection: string): Next => ({
  cursor: `${connection}/pageInfo/endCursor`,
  into: '/payload/variables/after',
  more: `${connection}/pageInfo/hasNextPage`,
})

/** The coalesce name of a state that is set: the session's own card has it bare. */
export const nameOf = (what: string, target: string | Ref): string =>
  typeof target === 'string' ? `${what} ${target}` : what

// ── creating

type Kind = Readonly<{ mutation: string; input: string; entity: string; list: string; select: string }>

/** What we create: its mutation, and the list it is found in again. `select` serves both. */
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
  /** A comment that stands for a session: what people open is its issue. */
  status: {
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

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Nobody has seen what Linear answers to an id it knows; one row per id is all we rely on. */
const REPEATED_ID = 'Linear documents ids made by the client, but not its answer to one it knows already.'

/**
 * A create with an id of ours. After doubt it is looked up by that id in a list, archived ones included, because a
 * person may have archived it meanwhile. `captures` are pointers into what was made.
 */
export const create = <const N extends string>(
  kind: keyof typeof KINDS,
  { key, config }: Here,
  input: Readonly<Record<string, Json | undefined>>,
  captures: Readonly<Record<N, string>>,
) => {
  const { mutation, input: type, entity, list, select } = KINDS[kind]
  const id = uuidFrom(key)
  const made = oneLine(`mutation ${capitalised(mutation)}($input: ${type}!) {
    ${mutation}(input: $input) { success ${entity} { ${select} } }
  }`)
  const search = oneLine(`query Find${capitalised(list)}($id: ID!) {
    ${list}(first: 1, includeArchived: true, filter: { id: { eq: $id } }) { nodes { ${select} } }
  }`)
  const names = Object.keys(captures) as N[]
  const inAnswer = Object.fromEntries(
    names.map(name => [name, `/data/${mutation}/${entity}${captures[name]}`]),
  )
  return {
    ...call(config, made, { input: defined({ id, ...input }) }),
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

/** A name for the link of something that is no card, alike for no two calls: a ref is written once. */
export const linkName = (noun: string, key: string): string => `${noun}-${uuidFrom(key).slice(0, 8)}`
