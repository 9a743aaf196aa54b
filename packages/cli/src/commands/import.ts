import { defineCommand } from '../command.ts'
import { usage } from '../failure.ts'
import { count } from '../io.ts'
import { parseSince } from '../time.ts'

/** Sources that can be imported, by the name that `import` takes. */
const SOURCES = ['git', 'claude', 'codex'] as const

export const importSessions = defineCommand({
  name: 'import',
  group: 'Set up',
  about: 'Makes sessions of work that was done before, with its own times; they are not mirrored',
  more: [
    'It can be repeated: what is known already is passed over, also when it was pruned. `claude` and `codex` read the transcripts that these hosts keep in ~/.claude/projects and ~/.codex/sessions (CLAUDE_CONFIG_DIR, CODEX_HOME), by the same policy as their hooks. Sessions that the hooks captured, and those that were written to in the last ten minutes, are left as they are.',
  ],
  examples: [
    'sessionwire import git --since 30d',
    'sessionwire import claude --since 7d',
    'sessionwire import codex --all',
  ],
  uses: 'workspace',
  arguments: [{ name: 'source', about: 'Where from', choices: SOURCES }],
  options: {
    since: { about: 'From when on: 7d (default), or a date', value: 'time' },
    everybody: { about: 'git: not only your own commits' },
    all: { about: 'claude, codex: transcripts of all folders, each into the store that its folder uses' },
    again: { about: 'claude, codex: also what was imported before and is in the store no more' },
  },
  json: z =>
    z.strictObject({
      source: z.string(),
      sessions: z.array(z.string()),
      events: z.number(),
      known: z.number(),
      captured: z.number(),
      running: z.number(),
      unreadable: z.number(),
      refused: z.number(),
    }),
  run: async (context, { source }, { since = '7d', everybody = false, all = false, again = false }) => {
    const from = parseSince(since, '--since', Date.now())
    if (source === 'git' ? all || again : everybody)
      throw usage(
        source === 'git'
          ? '--all and --again are for transcripts of hosts.'
          : `--everybody is for commits; got ${source}.`,
      )
    const opened = await context.open({ tolerant: true })
    if (source === 'git') {
      const { importGit } = (await import('../engine.ts')).gitImport
      const done = await importGit(opened, from, everybody)
      return {
        data: { source, ...done, captured: 0, running: 0, unreadable: 0, refused: 0 },
        text: `Imported: ${count(done.sessions.length, 'session')}, ${count(done.events, 'event')}; ${done.known} were known already`,
      }
    }
    const { importHost } = (await import('../engine.ts')).transcriptImport
    const host = source === 'codex' ? 'codex' : 'claude'
    const done = await importHost(opened, host, { since: from, all, again }, context.io, context.note)
    const { sessions, events, known, captured, running, unreadable, refused } = done
    const isEmpty = sessions.length + known + captured + running === 0
    return {
      data: { source, ...done },
      text: [
        `Imported: ${count(sessions.length, 'session')}, ${count(events, 'event')}`,
        ...(known > 0 ? [`${count(known, 'session')} known already`] : []),
        ...(captured > 0 ? [`${count(captured, 'session')} captured by the hook already`] : []),
        ...(running > 0 ? [`${count(running, 'session')} still going on; import again later`] : []),
        ...(unreadable > 0 ? [`${count(unreadable, 'row')} could not be read`] : []),
        ...(refused > 0 ? [`${count(refused, 'record')} refused; see: sessionwire doctor`] : []),
        ...(isEmpty
          ? [
              `No transcript of ${opened.root} since ${from.toISOString().slice(0, 10)}. Another time: --since 30d; all folders: --all`,
            ]
          : []),
      ],
    }
  },
})
