import type { Connection } from './connection.ts'
import { rowsAsked } from './context.ts'
import { schemaOf } from './migrate.ts'

/** Rights that the role of a connection lacks in a schema. */
export type Rights = Readonly<{
  role: string
  /** Whether it may use the schema at all. */
  usage: boolean
  /** Tables that it may not read, or not write where the store writes them. */
  tables: readonly string[]
  /** Functions that it may not run. */
  functions: readonly string[]
}>

/** Tables that only a migration writes. */
const READ_ONLY = ['migrations', 'identity']

/** Looks at the rights of the role that is connected; `undefined` where there is no such schema. */
export const readRights = async (connection: Connection, schema: string): Promise<Rights | undefined> => {
  const [found] = await rowsAsked<Rights>(
    { connection, sql: schemaOf(schema) },
    `SELECT current_user::text AS role, has_schema_privilege(n.oid, 'USAGE') AS usage,
      ARRAY(SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r'
        AND NOT (has_table_privilege(c.oid, 'SELECT') AND (c.relname IN (${READ_ONLY.map(name => `'${name}'`).join(', ')})
          OR has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')))
        ORDER BY c.relname) AS tables,
      ARRAY(SELECT DISTINCT p.proname::text FROM pg_proc p WHERE p.pronamespace = n.oid AND NOT has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1) AS functions
    FROM pg_namespace n WHERE n.nspname = $1::text`,
    [schema],
  )
  return found
}
