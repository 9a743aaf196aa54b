import {
  type Adapter,
  type At,
  checkedOptions,
  type Environment,
  enabled,
  type Json,
  settings,
} from '@sessionwire/core/adapter'
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

/** How the adapter proves who it is. `none`: the server runs without authentication. */
export type Neo4jAuth = 'basic' | 'bearer' | 'none'

/** What the adapter knows, checked: without functions and without the value of any secret. */
export type Neo4jConfig = Readonly<{
  /** Name in the tracker. */
  as: string
  /** Without a slash at its end. `bolt` and `neo4j` addresses are spoken to over Bolt, `http` ones by the Query API. */
  uri: string
  /** Its name. */
  database: string
  /** How the adapter proves who it is. */
  auth: Neo4jAuth
  /** Names of the secrets. */
  secrets: Readonly<{
    /** Of the user's name. */
    username: string
    /** Of the password. */
    password: string
    /** Of the token, for `bearer`. */
    token: string
  }>
  /** What an update does. */
  updates: 'each' | 'card' | 'off'
  /** Whether the adapter makes constraints and indexes. */
  manageSchema: boolean
  /** Address of a session, with `{id}` in it. */
  sessionUrl?: string
}>

/** The key of a call in the making, and this adapter's configuration. */
export type Here = At<Neo4jConfig>

/** Options of `neo4j()`. */
export type Neo4jOptions<N extends string = string> = Readonly<{
  /** Name in the tracker. Default `neo4j`. */
  as?: N
  /** Default `execute`: what is planned is sent. */
  mode?: Adapter['mode']
  /**
   * `each` (default): each update is a node of its own and moves the session's. `card`: it only moves the session's, at
   * most every five seconds. `off`: it changes nothing until the session ends. A graph is where history belongs, so the
   * default differs from tools that people read.
   */
  updates?: 'each' | 'card' | 'off'
  /** Leaves events out: false plans nothing for this event. */
  when?: NonNullable<Adapter['when']>
  /** Destructive actions (`forgetSession`, `runCypher`) run only when this is true. Default false. */
  allowDestructive?: boolean
  /** What to do with a statement of `runCypher` that is in doubt: keep it for a person (default) or run it again. */
  onDoubt?: 'hold' | 'repeat'
  /**
   * Where the server is. `bolt://`, `neo4j://`, with TLS `+s` (or `+ssc`, which takes any certificate): Bolt.
   * `https://`, on this machine `http://`: the Query API, without a driver (https://neo4j.com/docs/query-api/current/).
   */
  uri: string
  /**
   * The database. Default `neo4j`, the only one of the Community Edition
   * (https://neo4j.com/docs/operations-manual/current/introduction/).
   */
  database?: string
  /** `basic` (default): user and password. `bearer`: a token of single sign-on. `none`: a server without authentication. */
  auth?: Neo4jAuth
  /** Names of the secrets, never their values. Defaults `NEO4J_USERNAME`, `NEO4J_PASSWORD`, and for `bearer` `NEO4J_TOKEN`. */
  secrets?: Readonly<{
    /** Default `NEO4J_USERNAME`. */
    username?: string
    /** Default `NEO4J_PASSWORD`. */
    password?: string
    /** Default `NEO4J_TOKEN`. */
    token?: string
  }>
  /** False: constraints and indexes are left to an administrator, who runs those of `ensureRule`. Default true. */
  manageSchema?: boolean
  /** Statements run at once, 1 to 100. Default 4. */
  concurrency?: number
  /** Lets Bolt reach another machine without TLS: password and text can be read on the way. Default false. */
  allowPlaintext?: boolean
  /** Address of the session, with `{id}` in it; kept as `url` of its node. */
  sessionUrl?: string
}>

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const SCHEMES = /^(bolt|neo4j)(\+s|\+ssc)?:$|^https?:$/
/** Whether an address is spoken to over Bolt. */
export const isBolt = (uri: string): boolean => /^(bolt|neo4j)\b/.test(uri)

/** An address in parts; undefined where it is none. */
const parts = (value: string): URL | undefined => (URL.canParse(value) ? new URL(value) : undefined)

// Every rule is asked, also of what an earlier one refused.
const uri = z
  .string('must be the address of the server, such as bolt://localhost:7687')
  .refine(value => {
    const url = parts(value)
    // The rules below read it as it stands: in small letters, with both strokes.
    const written = url !== undefined && value.startsWith(`${url.protocol}//`)
    return written && SCHEMES.test(url.protocol) && url.hostname !== ''
  }, 'must be an address such as bolt://localhost:7687, neo4j+s://<id>.databases.neo4j.io or https://<host>:7473')
  .refine(
    value => /^[^\s\\{}#?@]+$/.test(value),
    'must have no user, password, query, # or braces: credentials are named in `secrets`',
  )
  .refine(
    value => !isBolt(value) || /^[^/]*\/\/[^/]+\/*$/.test(value),
    'must have no path: the database is an option of its own',
  )
  .refine(
    value => !value.startsWith('http:') || LOOPBACK.test(parts(value)?.hostname ?? ''),
    'must begin with https:// (http:// is for this machine only)',
  )
  .refine(value => !/\/db(\/|$)/.test(value), 'must be the address that stands before /db/<database>')
  .transform(value => value.replace(/\/+$/, ''))

/** No TLS, and not this machine. */
const isOpen = (value: string): boolean => {
  const url = parts(value.replace(/^\w+/, 'http'))
  return url !== undefined && /^(bolt|neo4j):/.test(value) && !LOOPBACK.test(url.hostname)
}

const secretName = (example: string) =>
  z.string().regex(/^[\w.:/-]{1,200}$/, `must be the name of a secret, such as ${example}, not its value`)

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

const Options = z
  .strictObject({
    as: z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'must begin with a letter and have only letters, digits, - and _')
      .default('neo4j'),
    mode: z.literal(['execute', 'preview', 'handoff']).default('execute'),
    updates: z.literal(['each', 'card', 'off']).default('each'),
    when: z
      .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
      .optional(),
    allowDestructive: z.boolean().optional(),
    onDoubt: z.literal(['hold', 'repeat']).optional(),
    uri,
    database: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be the name of a database, such as neo4j')
      .default('neo4j'),
    auth: z.literal(['basic', 'bearer', 'none']).default('basic'),
    secrets: z
      .strictObject({
        username: secretName('NEO4J_USERNAME').default('NEO4J_USERNAME'),
        password: secretName('NEO4J_PASSWORD').default('NEO4J_PASSWORD'),
        token: secretName('NEO4J_TOKEN').default('NEO4J_TOKEN'),
      })
      .prefault({}),
    manageSchema: z.boolean().default(true),
    concurrency: z.int().min(1).max(100).default(4),
    allowPlaintext: z.boolean().default(false),
    sessionUrl: sessionUrl.optional(),
  })
  .refine(({ uri: address, allowPlaintext }) => allowPlaintext || !isOpen(address), {
    path: ['uri'],
    error:
      'would send the password unencrypted to another machine: use bolt+s:// or neo4j+s://, or set allowPlaintext',
  })

type Checked = z.output<typeof Options>
type Rest = Pick<Checked, 'mode' | 'when' | 'allowDestructive' | 'onDoubt' | 'concurrency'>

/** Checks options. Throws `CONFIG` naming the field. */
export const checkOptions = (options: unknown): Readonly<{ config: Neo4jConfig; rest: Rest }> => {
  const given = checkedOptions('neo4j', Options, options, { secrets: Object.values(DEFAULTS) })
  const { mode, when, allowDestructive, onDoubt, concurrency, allowPlaintext: _, ...known } = given
  const { sessionUrl: template, ...config } = known
  return {
    config: template === undefined ? config : { ...config, sessionUrl: template },
    rest: { mode, when, allowDestructive, onDoubt, concurrency },
  }
}

/** Names of the secrets a way of proving who we are needs. */
export const secretsOf = ({ auth, secrets }: Pick<Neo4jConfig, 'auth' | 'secrets'>): readonly string[] =>
  ({ basic: [secrets.username, secrets.password], bearer: [secrets.token], none: [] })[auth]

const DEFAULTS = { username: 'NEO4J_USERNAME', password: 'NEO4J_PASSWORD', token: 'NEO4J_TOKEN' } as const

const isSet = (env: Environment, name: string) => (env[name] ?? '') !== ''

/** Options from `NEO4J_ENABLED`, `NEO4J_URI` and `NEO4J_DATABASE`, or undefined; `auth` by the secret that is set. */
export const optionsFrom = <N extends string>(
  env: Environment,
  overrides: Partial<Neo4jOptions<N>>,
): Neo4jOptions<N> | undefined => {
  const secrets = { ...DEFAULTS, ...overrides.secrets }
  const tokenOnly = isSet(env, secrets.token) && !isSet(env, secrets.password)
  const auth = overrides.auth ?? (tokenOnly ? 'bearer' : 'basic')
  const needs = [...(overrides.uri === undefined ? ['NEO4J_URI'] : []), ...secretsOf({ auth, secrets })]
  if (!enabled(env, 'NEO4J', needs)) return undefined
  const found = settings(env, { uri: 'NEO4J_URI', database: 'NEO4J_DATABASE' })
  return { ...found, auth, ...overrides } as Neo4jOptions<N>
}
