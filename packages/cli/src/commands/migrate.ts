import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { configuration } from '../failure.ts'
import { importPostgres, isPostgres } from '../workspace/store.ts'

export const migrate = defineCommand({
  name: 'migrate',
  group: 'Set up',
  about: 'Makes or upgrades the schema of a store in PostgreSQL',
  more: [
    'The database is the one that SESSIONWIRE_STORE names, with a role that owns the schema. Run it before the first process of a new release starts, where processes have no right to do it themselves.',
    'With --from it then copies the sessions and requests of a file into the schema. Stop what records into the file and what delivers from it first. A copy that was interrupted goes on where it stopped.',
  ],
  examples: ['sessionwire migrate', 'sessionwire migrate --from .sessionwire/sessions.db'],
  uses: 'workspace',
  options: { from: { about: 'Copies what is in this file of a store, too', value: 'file' } },
  json: z =>
    z.strictObject({
      from: z.number(),
      to: z.number(),
      copied: z.optional(
        z.strictObject({
          sessions: z.number(),
          skipped: z.number(),
          events: z.number(),
          deliveries: z.number(),
        }),
      ),
    }),
  run: async ({ read, io }, _, { from }) => {
    const { store: url } = await read()
    if (!isPostgres(url))
      throw configuration(
        `store: ${url} is a file, and files upgrade themselves.`,
        'Set SESSIONWIRE_STORE to the address of a database, such as postgres://user@host/database.',
      )
    const path = from === undefined ? undefined : resolve(io.cwd, from)
    if (path !== undefined && !existsSync(path))
      throw configuration(
        `--from: ${path} is not there.`,
        'Name the file of the store, such as .sessionwire/sessions.db.',
      )
    const { migrate: migrateSchema, moveFrom } = await importPostgres()
    const versions = await migrateSchema({ url })
    const made =
      versions.from === versions.to
        ? `The schema is of version ${versions.to} already`
        : `The schema is of version ${versions.to} now; it was of version ${versions.from}`
    if (path === undefined) return { data: versions, text: made }
    const { sqliteStore } = await import('@sessionwire/core/sqlite')
    const file = sqliteStore(path)
    try {
      const copied = await moveFrom(file, { url })
      const { sessions, skipped, events, deliveries } = copied
      const text = `Copied: ${sessions} sessions, ${events} events, ${deliveries} requests; ${skipped} sessions were there already`
      return { data: { ...versions, copied: { sessions, skipped, events, deliveries } }, text: [made, text] }
    } finally {
      await file.close()
    }
  },
})
