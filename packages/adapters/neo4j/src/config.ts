import { type At, type ConfigOf, type Json, type OptionsOf, reachOf } from '@sessionwire/core/adapter'
import * as z from 'zod'

/** The payload of a call with the target `bolt`: a statement and what it is run with. */
export type Statement = Readonly<{
  /** Name of the database. */
  database: string
  /** Fixed text: values from outside stand in `parameters`. */
  statement: string
  /** By the names that the statement uses; values may be placeholders. */
  parameters: Readonly<Record<string, Json>>
  /** The server refuses a statement that writes. Default: it may write. */
  access?: 'read'
}>

const SCHEMES = /^(bolt|neo4j)(\+s|\+ssc)?:$|^https?:$/
/** Whether an address is spoken to over Bolt. */
export const isBolt = (uri: string): boolean => /^(bolt|neo4j)\b/.test(uri)

const ADDRESS =
  'expected an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473'
const DATABASE = 'expected the name of a database, such as neo4j'

/** An address in parts; undefined for text that is not an address. */
const partsOf = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined)

// Every rule is asked, also for a value that an earlier one refused.
const uri = z
  .string(ADDRESS)
  .refine(value => {
    const url = partsOf(value)
    // The rules below read it as it stands: in small letters, with both slashes.
    const isWhole = url !== undefined && value.startsWith(`${url.protocol}//`)
    return isWhole && SCHEMES.test(url.protocol) && url.hostname !== ''
  }, ADDRESS)
  .refine(
    value => /^[^\s\\{}#?@]+$/.test(value),
    'expected an address without user, password, query, # and braces, as credentials are named in `secrets`',
  )
  .refine(
    value => !isBolt(value) || /^[^/]*\/\/[^/]+\/*$/.test(value),
    'expected an address without a path, as the database is an option of its own',
  )
  .refine(
    value => !/^(http|bolt|neo4j):/.test(value) || reachOf(partsOf(value)?.hostname ?? '') !== 'public',
    'expected an encrypted address: https://, bolt+s:// or neo4j+s:// (others for this machine, or with allowPlaintext for a private network)',
  )
  .refine(value => !/\/db(\/|$)/.test(value), 'expected the address that stands before /db/<database>')
  .transform(value => value.replace(/\/+$/, ''))

/** Options of `neo4j()`. */
export const options = {
  /**
   * Address of the server. `bolt://`, `neo4j://`, with TLS `+s` (or `+ssc`, which takes any certificate): Bolt.
   * `https://`, on this machine `http://`: the Query API, without a driver (https://neo4j.com/docs/query-api/current/).
   */
  uri,
  /**
   * Name of the database. Default `neo4j`, the only one of the Community Edition
   * (https://neo4j.com/docs/operations-manual/current/introduction/).
   */
  database: z
    .string(DATABASE)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, DATABASE)
    .default('neo4j'),
  /**
   * `each` (default): each update is a node of its own and moves the session's. `card`: it only moves the session's, at
   * most every five seconds. `off`: it changes nothing until the session ends. A graph is where history belongs, so the
   * default differs from tools that people read.
   */
  updates: z.literal(['each', 'card', 'off']).default('each'),
  /** Makes a node of each message. Default false: messages stay in the store. */
  messages: z.boolean().default(false),
  /** False: constraints and indexes are left to an administrator, who runs those of `ensureRule`. Default true. */
  manageSchema: z.boolean().default(true),
  /** Statements that run at once, 1 to 100. Default 4. */
  concurrency: z.int().min(1).max(100).default(4),
}

/** Secrets of this adapter; the name of the user is not redacted. */
export const secrets = { NEO4J_USERNAME: 'public', NEO4J_PASSWORD: 'secret', NEO4J_TOKEN: 'secret' } as const

/** `basic`: user and password. `bearer`: a token of single sign-on. `none`: a server without authentication. */
export const ways = {
  basic: ['NEO4J_USERNAME', 'NEO4J_PASSWORD'],
  bearer: ['NEO4J_TOKEN'],
  none: [],
} as const

/** Options of `neo4j()`. @interface */
export type Neo4jOptions = OptionsOf<typeof options, typeof secrets, typeof ways>
/** The configuration of a Neo4j adapter: checked, with defaults, without the value of any secret. @interface */
export type Neo4jConfig = ConfigOf<typeof options, typeof secrets, typeof ways>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<Neo4jConfig>
