import { defineCommand } from '../command.ts'
import { parseSince } from '../time.ts'

/** Sources that can be imported, by the name that `import` takes. */
const SOURCES = ['git'] as const

export const importSessions = defineCommand({
  name: 'import',
  group: 'Set up',
  about: 'Makes sessions of work that was done before, with its own times; they are not mirrored',
  more: ['It can be repeated: what is known already is passed over.'],
  examples: ['sessionwire import git --since 30d'],
  uses: 'workspace',
  arguments: [{ name: 'source', about: 'Where from', choices: SOURCES }],
  options: {
    since: { about: 'From when on: 7d (default), or a date', value: 'time' },
    everybody: { about: 'Not only your own commits' },
  },
  json: z =>
    z.strictObject({
      source: z.string(),
      sessions: z.array(z.string()),
      events: z.number(),
      known: z.number(),
    }),
  run: async (context, { source }, { since = '7d', everybody = false }) => {
    const { importGit } = (await import('../engine.ts')).gitImport
    const opened = await context.open({ tolerant: true })
    const done = await importGit(opened, parseSince(since, '--since', Date.now()), everybody)
    return {
      data: { source, ...done },
      text: `Imported: ${done.sessions.length} sessions, ${done.events} events; ${done.known} were known already`,
    }
  },
})
