import { invalidConfig, message, TrackerError } from '@sessionwire/core/store'
import type { Connection } from './connection.ts'
import { isMissing, isTransient } from './failure.ts'
import { CLAIM } from './schema/claim.ts'
import { COMMIT } from './schema/commit.ts'
import { KEPT } from './schema/kept.ts'
import { SETTLE } from './schema/settle.ts'
import { TABLES } from './schema/tables.ts'
import { TALLY } from './schema/tally.ts'
import { VIEWS } from './schema/views.ts'
import { WALK } from './schema/walk.ts'
import { WINDOW } from './schema/window.ts'
import { WORDS } from './schema/words.ts'

/** Functions that a version may replace: their names, parameters and answers stay, so that an older release can call them too. */
const FUNCTIONS = [WALK, WINDOW, SETTLE, COMMIT, CLAIM].join('\n')

/** The steps of each version, in order. A table or an index of one that was published never changes. */
export const VERSIONS: readonly string[] = [
  [TABLES, TALLY, FUNCTIONS, VIEWS].join('\n'),
  WORDS,
  [KEPT, FUNCTIONS.replace(/^CREATE FUNCTION/gm, 'CREATE OR REPLACE FUNCTION')].join('\n'),
]

/**
 * The oldest release that can work with this schema as it is, by its version: functions only get company, but one of version 1
 * leaves the words of what it erases.
 */
const OLDEST_READER = 2

/** The oldest major version whose server is used. */
const OLDEST_SERVER = 14

const NAME = /^[a-z_][a-z0-9_]{0,49}$/

/** Makes the function that puts a schema in the place of `@`. */
export const schemaOf = (schema: string): ((text: string) => string) => {
  if (!NAME.test(schema))
    throw invalidConfig({
      field: 'postgresStore.schema',
      problem: 'invalid name',
      expected: 'a lower-case name of letters, digits and _, at most 50 characters',
      got: JSON.stringify(schema),
    })
  const known = new Map<string, string>()
  return text => {
    const made = known.get(text) ?? text.replace(/@(?=[.,' ])/g, `"${schema}"`)
    if (known.size < 500) known.set(text, made)
    return made
  }
}

/** The version of a schema; 0: there is none. */
export const versionOf = async (
  { query }: Pick<Connection, 'query'>,
  sql: (text: string) => string,
): Promise<Readonly<{ version: number; reader: number }>> => {
  try {
    const { rows } = await query(
      sql(
        'SELECT coalesce(max(version), 0)::text AS version, coalesce(max(reader), 0)::text AS reader FROM @.migrations',
      ),
      [],
    )
    return { version: Number(rows[0]?.version ?? 0), reader: Number(rows[0]?.reader ?? 0) }
  } catch (thrown) {
    if (isMissing(thrown)) return { version: 0, reader: 0 }
    throw thrown
  }
}

/**
 * Brings a schema to this release's version, in one transaction under an advisory lock: of several processes one does it and
 * the others find it done. Answers the versions before and after.
 */
export const migrateSchema = async (
  connection: Connection,
  schema: string,
  versions = VERSIONS,
): Promise<Readonly<{ from: number; to: number }>> => {
  const sql = schemaOf(schema)
  const { version: before } = await versionOf(connection, sql)
  if (before >= versions.length) return { from: before, to: before }
  // An older server would refuse some statement in the middle, and not say why.
  const [problem] = await serverProblems(connection)
  if (problem !== undefined)
    throw new TrackerError(
      'STORE',
      message({ field: `schema "${schema}"`, problem: problem.text, todo: problem.todo }),
    )
  // Work that goes on may hold tables in another order, and the server ends one of two that wait for each other.
  for (let attempt = 1; ; attempt++)
    try {
      return await migrateOnce(connection, schema, versions)
    } catch (thrown) {
      if (attempt >= MOST_ATTEMPTS || !isTransient(thrown)) throw thrown
    }
}

const MOST_ATTEMPTS = 5

const migrateOnce = (
  connection: Connection,
  schema: string,
  versions: readonly string[],
): Promise<Readonly<{ from: number; to: number }>> => {
  const sql = schemaOf(schema)
  return connection.transaction(async query => {
    await query(`SELECT pg_advisory_xact_lock(hashtextextended('sessionwire migrate ${schema}', 0))`, [])
    // A table that others work on is waited for, but not for ever: new work would queue up behind this.
    await query(`SET LOCAL lock_timeout = '5s'`, [])
    const { rows } = await query('SELECT to_regnamespace($1::text) IS NULL AS missing', [schema])
    if (rows[0]?.missing === true) await query(`CREATE SCHEMA "${schema}"`, [])
    await query(
      sql(
        `CREATE TABLE IF NOT EXISTS @.migrations (version int PRIMARY KEY, reader int NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
      ),
      [],
    )
    const { version: from } = await versionOf({ query }, sql)
    for (const [n, text] of versions.entries()) {
      if (n < from) continue
      for (const statement of statementsOf(sql(text))) await query(statement, [])
      await query(sql('INSERT INTO @.migrations (version, reader) VALUES ($1::text::int, $2::text::int)'), [
        String(n + 1),
        String(OLDEST_READER),
      ])
    }
    return { from, to: versions.length }
  })
}

/** Statements of a text: they are parted by `;` at the end of a line, outside of a function's body. */
const statementsOf = (text: string): readonly string[] => {
  const statements: string[] = []
  let current = ''
  for (const line of text.split('\n')) {
    current += `${line}\n`
    const isOutside = (current.match(/\$\$/g) ?? []).length % 2 === 0
    if (!isOutside || !line.trimEnd().endsWith(';')) continue
    statements.push(current.trim())
    current = ''
  }
  if (current.trim() !== '') statements.push(current.trim())
  return statements
}

/** Refuses a schema that a newer release made in a way this one cannot read, and a server that is too old. */
export const checkSchema = async (connection: Connection, schema: string, where: string): Promise<void> => {
  const sql = schemaOf(schema)
  const { version, reader } = await versionOf(connection, sql)
  if (version === 0 || version < VERSIONS.length)
    throw new TrackerError(
      'STORE',
      message({
        field: where,
        problem:
          version === 0
            ? `the schema "${schema}" was not made`
            : `the schema "${schema}" is of version ${version}`,
        expected: `version ${VERSIONS.length}`,
        todo: 'Run `sessionwire migrate` with a role that may change it, or leave `migrate` on.',
      }),
    )
  if (reader > VERSIONS.length)
    throw new TrackerError(
      'STORE',
      message({
        field: where,
        problem: `the schema "${schema}" was made by a newer release`,
        todo: 'Upgrade @sessionwire/postgres.',
      }),
    )
  const [problem] = await serverProblems(connection)
  if (problem !== undefined)
    throw new TrackerError('STORE', message({ field: where, problem: problem.text, todo: problem.todo }))
}

/** Why a server or a database cannot be used, whatever is in it. */
export type ServerProblem = Readonly<{
  code: 'server-old' | 'encoding' | 'isolation'
  text: string
  todo: string
}>

/** Looks for what no migration can change: the version of the server, the encoding and the isolation of the database. */
export const serverProblems = async ({
  query,
}: Pick<Connection, 'query'>): Promise<readonly ServerProblem[]> => {
  const { rows } = await query(
    `SELECT current_setting('server_version_num') AS server, current_setting('server_encoding') AS encoding,
      current_setting('default_transaction_isolation') AS isolation`,
    [],
  )
  const { server, encoding, isolation } = rows[0] as Readonly<Record<string, string>>
  const found: ServerProblem[] = []
  if (Number(server) < OLDEST_SERVER * 10_000)
    found.push({
      code: 'server-old',
      text: `PostgreSQL ${Math.floor(Number(server) / 10_000)} is too old; expected ${OLDEST_SERVER} or newer`,
      todo: 'Upgrade the server, or name another one.',
    })
  if (encoding !== 'UTF8')
    found.push({
      code: 'encoding',
      text: `the database has the encoding ${encoding}; expected UTF8`,
      todo: `Make another one: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'.`,
    })
  if (isolation !== 'read committed')
    found.push({
      code: 'isolation',
      text: `transactions are ${isolation}; expected read committed`,
      todo: `Set it for this role: ALTER ROLE … SET default_transaction_isolation = 'read committed'.`,
    })
  return found
}
