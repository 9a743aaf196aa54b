import type { Connection } from './connection.ts'
import { rowsAsked } from './context.ts'
import { type Rights, readRights } from './inspect-rights.ts'
import { schemaOf, serverProblems, VERSIONS, versionOf } from './migrate.ts'

/** Something about the database that a person should know. */
export type Finding = Readonly<{
  /** A word that a program can compare. */
  code:
    | 'server-old'
    | 'encoding'
    | 'isolation'
    | 'rights'
    | 'schema-missing'
    | 'schema-old'
    | 'schema-newer'
    | 'idle-in-transaction'
    | 'replication-slot'
    | 'clock'
    | 'autovacuum'
    | 'dead-rows'
    | 'not-durable'
    | 'long-queue'
    | 'attention'
    | 'silent-writers'
  /** `error`: the store does not work. `warning`: it works, and is or will be slower or less safe. */
  level: 'error' | 'warning'
  /** The fact. */
  text: string
  /** The advice about it. */
  todo: string
}>

/** The report of `inspect`. */
export type Inspection = Readonly<{
  /** The server's version, as in `15.18`. */
  server: string
  /** The schema's version; 0: there is none, or this role may not read it. */
  schema: number
  /** How far this machine's clock is ahead of the server's, ms. */
  aheadMs: number
  /** Rows and bytes of the tables that grow. */
  tables: readonly Readonly<{ name: string; rows: number; dead: number; bytes: number }>[]
  /** These facts need attention; the list is empty where all is well. */
  findings: readonly Finding[]
}>

/** A clock this far off makes people wonder, ms: the store itself only uses the server's. */
const CLOCK_MS = 2_000
/** A transaction this old keeps dead rows from being removed, s. */
const OLD_S = 600

type Session = Readonly<{ pid: number; name: string; state: string | null; seconds: number }>
type Table = Readonly<{ name: string; rows: number; dead: number; bytes: number; off: boolean }>

const settingsOf = async ({ query }: Connection): Promise<Readonly<Record<string, string>>> => {
  const { rows } = await query(
    `SELECT current_setting('server_version') AS server, current_setting('autovacuum') AS autovacuum, current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS synchronous, current_setting('full_page_writes') AS pages,
      (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now`,
    [],
  )
  return rows[0] as Readonly<Record<string, string>>
}

const warn = (code: Finding['code'], text: string, todo: string): Finding => ({
  code,
  level: 'warning',
  text,
  todo,
})

const versionFinding = (version: number, reader: number): readonly Finding[] => {
  if (version === 0)
    return [
      {
        ...{ code: 'schema-missing', level: 'error', text: 'the schema was not made' },
        todo: 'Run `sessionwire migrate` with a role that may make it, or leave `migrate` on.',
      },
    ]
  if (version < VERSIONS.length)
    return [
      {
        ...{ code: 'schema-old', level: 'error' },
        text: `the schema is of version ${version}; this release needs ${VERSIONS.length}`,
        todo: 'Run `sessionwire migrate` with the role that owns the schema.',
      },
    ]
  if (version === VERSIONS.length) return []
  const isReadable = reader <= VERSIONS.length
  return [
    {
      ...{ code: 'schema-newer', level: isReadable ? 'warning' : 'error' },
      text: `the schema is of version ${version}; this release knows ${VERSIONS.length}`,
      todo: 'Upgrade @sessionwire/postgres on this machine.',
    },
  ]
}

const settingFindings = (settings: Readonly<Record<string, string>>, aheadMs: number): readonly Finding[] => [
  ...(settings.autovacuum === 'off'
    ? [warn('autovacuum', 'autovacuum is off', 'Turn it on: claims slow down with dead rows.')]
    : []),
  ...(settings.fsync === 'off' || settings.pages === 'off' || settings.synchronous === 'off'
    ? [
        warn(
          'not-durable',
          `fsync is ${settings.fsync}, full_page_writes ${settings.pages}, synchronous_commit ${settings.synchronous}`,
          'A crash of the server may lose acknowledged events: turn them on for this database.',
        ),
      ]
    : []),
  ...(Math.abs(aheadMs) > CLOCK_MS
    ? [
        warn(
          'clock',
          `this machine's clock is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the server's`,
          'Let both follow a time server: times of events are this machine’s, due times the server’s.',
        ),
      ]
    : []),
]

const rightFindings = (
  { role, usage, tables, functions }: Rights,
  schema: string,
  version: number,
): readonly Finding[] => {
  const missing = [
    ...(usage ? [] : [`the schema ${schema}`]),
    // A schema of another release has other tables; and a role that may not see the schema sees none of them.
    ...(usage && tables.length > 0
      ? [
          `${tables.length} ${tables.length === 1 ? 'table' : 'tables'} (${tables.slice(0, 3).join(', ')}${tables.length > 3 ? ', …' : ''})`,
        ]
      : []),
    ...(usage && functions.length > 0
      ? [`${functions.length} ${functions.length === 1 ? 'function' : 'functions'}`]
      : []),
  ]
  if (missing.length === 0) return []
  return [
    {
      ...{ code: 'rights', level: 'error' },
      text: `the role ${role} lacks rights to ${missing.join(' and ')}${version === 0 ? ', so that its version is unknown' : ''}`,
      todo: 'Run the grants of docs/guide/from-one-machine-to-many.md as the owner of the schema, after each migration again.',
    },
  ]
}

/**
 * Looks at a database and its schema; it changes nothing. Rows of other roles' sessions need the right `pg_read_all_stats`. A
 * transaction is old after `oldS` seconds.
 */
export const inspectSchema = async (
  connection: Connection,
  schema: string,
  oldS = OLD_S,
): Promise<Inspection> => {
  const sql = schemaOf(schema)
  const context = { connection, sql }
  const sent = Date.now()
  const settings = await settingsOf(connection)
  const aheadMs = Math.round((sent + Date.now()) / 2 - Number(settings.now))
  const rights = await readRights(connection, schema)
  const isReadable = rights === undefined || (rights.usage && !rights.tables.includes('migrations'))
  const { version, reader } = isReadable ? await versionOf(connection, sql) : { version: 0, reader: 0 }
  const lacking = rights === undefined ? [] : rightFindings(rights, schema, version)
  const findings: Finding[] = [
    ...(await serverProblems(connection)).map(problem => ({ ...problem, level: 'error' as const })),
    ...lacking,
    ...(isReadable ? versionFinding(version, reader) : []),
    ...settingFindings(settings, aheadMs),
  ]
  const sessions = await rowsAsked<Session>(
    context,
    `SELECT pid, coalesce(nullif(application_name, ''), usename, '?') AS name, state, extract(epoch FROM now() - xact_start)::int AS seconds
      FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '${oldS} s'
      ORDER BY xact_start LIMIT 10`,
  )
  for (const { pid, name, state, seconds } of sessions)
    findings.push(
      warn(
        'idle-in-transaction',
        `session ${pid} of ${name} has been in a transaction for ${Math.round(seconds / 60)} min (${state ?? 'unknown'})`,
        `End it (SELECT pg_terminate_backend(${pid})), and set idle_in_transaction_session_timeout = '60s' for its role.`,
      ),
    )
  const slots = await rowsAsked<{ name: string }>(
    context,
    'SELECT slot_name AS name FROM pg_replication_slots WHERE NOT active LIMIT 10',
  ).catch(() => [])
  for (const { name } of slots)
    findings.push(
      warn(
        'replication-slot',
        `the replication slot ${name} has no reader`,
        `Drop it when its standby is gone: SELECT pg_drop_replication_slot('${name}').`,
      ),
    )
  const tables = await rowsAsked<Table>(
    context,
    `SELECT s.relname AS name, s.n_live_tup AS rows, s.n_dead_tup AS dead, pg_total_relation_size(s.relid) AS bytes,
        coalesce('autovacuum_enabled=false' = ANY (c.reloptions), false) AS off
      FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.schemaname = $1::text ORDER BY s.relname`,
    [schema],
  )
  for (const { name, rows, dead, off } of tables) {
    if (off)
      findings.push(
        warn(
          'autovacuum',
          `autovacuum is off for ${name}`,
          `Run: ALTER TABLE ${schema}.${name} RESET (autovacuum_enabled).`,
        ),
      )
    if (dead > 50_000 && dead > rows)
      findings.push(
        warn(
          'dead-rows',
          `${name} has ${dead} dead rows for ${rows} living ones`,
          'Look for old transactions; then VACUUM it.',
        ),
      )
  }
  if (version > 0 && lacking.length === 0) findings.push(...(await workFindings(context)))
  return {
    ...{ server: (settings.server ?? '').split(' ')[0] ?? '', schema: version, aheadMs },
    tables: tables.map(({ off: _, ...table }) => table),
    findings,
  }
}

/** Finds requests that wait too long, and writers that are silent. */
const workFindings = async (
  context: Readonly<{ connection: Connection; sql: (text: string) => string }>,
): Promise<readonly Finding[]> => {
  const [work] = await rowsAsked<Readonly<{ stuck: number; attention: number; silent: number }>>(
    context,
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM @.stuck LIMIT 1000) x) AS stuck,
      (SELECT count(*) FROM (SELECT 1 FROM @.deliveries WHERE attention LIMIT 1000) x) AS attention,
      (SELECT count(*) FROM @.sessions s LEFT JOIN @.members m ON m.id = s.writer WHERE s.status = 'active'
        AND (m.id IS NULL OR m.ended IS NULL AND m.seen_at < @.ms() - m.silent_ms)) AS silent`,
  )
  const { stuck, attention, silent } = work as { stuck: number; attention: number; silent: number }
  return [
    ...(stuck > 0
      ? [
          warn(
            'long-queue',
            `${stuck} ${stuck === 1 ? 'lane is' : 'lanes are'} due for more than ten minutes, and no pause holds them back`,
            'Start a worker for their adapters, or more of them: the view `stuck` names the lanes.',
          ),
        ]
      : []),
    ...(attention > 0
      ? [
          warn(
            'attention',
            `${attention} ${attention === 1 ? 'delivery waits' : 'deliveries wait'} for a person (planned, dead or in doubt)`,
            'See `sessionwire deliveries`, or the view `attention`.',
          ),
        ]
      : []),
    ...(silent > 0
      ? [
          warn(
            'silent-writers',
            `${silent} active ${silent === 1 ? 'session was' : 'sessions were'} last written by a process that is not heard of any more`,
            'They are ended as crashed by any tracker with `crashAfterMs`.',
          ),
        ]
      : []),
  ]
}
