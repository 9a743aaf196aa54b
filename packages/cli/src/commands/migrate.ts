import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { configuration } from '../failure.ts'
import { count } from '../io.ts'
import { importPostgres, isPostgres } from '../workspace/store.ts'

/** A process that has a file open renews its lock every second; a lock this old, ms, is of a process that was killed. */
const FRESH_MS = 4_000

/** How many processes have the file of a store open. */
const countUsers = (path: string): number => {
  const locks = `${path}-locks`
  if (!existsSync(locks)) return 0
  return readdirSync(locks).filter(name => {
    const found = lstatSync(join(locks, name), { throwIfNoEntry: false })
    return found !== undefined && Date.now() - found.mtimeMs < FRESH_MS
  }).length
}

/** Refuses a file that others write into: the copy would have half of it. */
const assertUnused = (path: string): void => {
  const users = countUsers(path)
  if (users > 0)
    throw configuration(
      `--from: ${path} is in use by ${users} ${users === 1 ? 'process' : 'processes'}.`,
      'Stop what records into the file and what delivers from it (a server, a timer, a program), then run this again. One that a command left in the background ends within a minute, and one that was killed counts for 4 s more.',
    )
}

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
          others: z.number(),
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
    if (path !== undefined) assertUnused(path)
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
      const { sessions, skipped, others, events, deliveries } = copied
      return {
        data: { ...versions, copied: { sessions, skipped, others, events, deliveries } },
        text: [
          made,
          `Copied: ${count(sessions, 'session')}, ${count(events, 'event')}, ${count(deliveries, 'request')}; ${count(skipped, 'session')} ${skipped === 1 ? 'was' : 'were'} there already`,
          ...(others === 0
            ? []
            : [
                `The database has ${count(others, 'session')} of other stores, too: what is there stays, and a session that was begun with a key in the file begins again, as another one, by the same key`,
              ]),
          'The file stays as it is. Set SESSIONWIRE_STORE for everything that used it, then move it away, so that nothing records into it any more',
        ],
      }
    } finally {
      await file.close()
    }
  },
})
