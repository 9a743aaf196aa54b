import { defineCommand } from '../command.ts'
import { EXIT, usage } from '../failure.ts'
import { show } from '../io.ts'

/** Hosts by the names that `install` takes. */
export const HOST_NAMES = ['claude', 'codex', 'gemini', 'copilot', 'cursor', 'vscode'] as const
type HostName = (typeof HOST_NAMES)[number]

export const install = defineCommand({
  name: 'install',
  group: 'Set up',
  about: 'Registers the hook in an agent host, so that its work becomes sessions',
  more: [
    'The file of the host is changed in one place; everything else in it stays byte for byte, and a second run changes nothing. --dry-run shows the difference.',
  ],
  examples: ['sessionwire install claude --dry-run', 'sessionwire install claude'],
  uses: 'folder',
  arguments: [{ name: 'host', about: 'The host', choices: HOST_NAMES }],
  options: {
    project: { about: 'For this project: colleagues need the package too' },
    user: { about: 'For all work of this user (default)' },
    dryRun: { about: 'Changes nothing and shows the difference' },
  },
  json: z =>
    z.strictObject({
      host: z.string(),
      file: z.string(),
      difference: z.string(),
      works: z.optional(z.boolean()),
      todo: z.array(z.string()),
      dryRun: z.boolean(),
    }),
  run: async ({ io }, { host }, { project, user, dryRun = false }) => {
    if (project && user) throw usage('--project and --user cannot be given together.')
    const { dataFolder, install: register } = (await import('../engine.ts')).hosts
    const done = register({
      host: host as HostName,
      data: dataFolder(io.env, process.platform),
      scope: project ? 'project' : 'user',
      cwd: io.cwd,
      env: io.env,
      dryRun,
      command: [process.execPath, ...process.execArgv, io.program, 'ingest', '--stay'],
    })
    const isFast = /[/\\]_npx[/\\]/.test(io.program)
    const todo = [
      ...done.todo,
      ...(isFast
        ? [
            'This copy of sessionwire is in the cache of npx and may go away: npm install --global sessionwire, then install again.',
          ]
        : []),
    ]
    return {
      data: { host, ...done, todo, dryRun },
      text: [
        done.difference === ''
          ? `Nothing to change in ${done.file}`
          : `${dryRun ? 'Would change' : 'Changed'}: ${done.file}`,
        ...(done.difference === '' ? [] : [show(done.difference)]),
        ...(done.works === undefined
          ? []
          : [
              done.works
                ? 'The hook was run once and works.'
                : 'The hook was run once, and no line arrived. Run: sessionwire doctor',
            ]),
        ...todo,
      ],
      ...(done.works === false ? { code: EXIT.integration } : {}),
    }
  },
})
