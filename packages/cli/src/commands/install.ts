import { defineCommand } from '../command.ts'
import { EXIT, usage } from '../failure.ts'
import { count, show } from '../io.ts'

/** Hosts by the names that `install` takes. */
export const HOST_NAMES = ['claude', 'codex', 'gemini', 'copilot', 'cursor', 'vscode'] as const
type HostName = (typeof HOST_NAMES)[number]

const LABELS: Readonly<Record<HostName, string>> = {
  claude: 'Claude Code',
  codex: 'Codex',
  gemini: 'Gemini CLI',
  copilot: 'Copilot CLI',
  cursor: 'Cursor',
  vscode: 'VS Code',
}

export const install = defineCommand({
  name: 'install',
  group: 'Set up',
  about: 'Registers the hook and the MCP server in an agent host, so that its work becomes sessions',
  more: [
    'The files of the host are changed in one place each; everything else in them stays byte for byte, and a second run changes nothing. --dry-run shows the difference.',
    'The hook records what the host does. The MCP server (`sessionwire mcp`) gives its model tools to record decisions and blockers, and to recall them.',
  ],
  examples: ['sessionwire install claude --dry-run', 'sessionwire install claude'],
  uses: 'folder',
  arguments: [{ name: 'host', about: 'The host', choices: HOST_NAMES }],
  options: {
    project: { about: 'For this project: colleagues need the package too' },
    user: { about: 'For all work of this user (default)' },
    dryRun: { about: 'Changes nothing and shows the difference' },
    mcp: { about: 'Registers the hook alone', on: true },
  },
  json: z =>
    z.strictObject({
      host: z.string(),
      file: z.string(),
      difference: z.string(),
      works: z.optional(z.boolean()),
      server: z.optional(z.strictObject({ file: z.optional(z.string()), difference: z.string() })),
      todo: z.array(z.string()),
      dryRun: z.boolean(),
    }),
  run: async ({ io }, { host }, { project, user, dryRun = false, mcp = true }) => {
    if (project && user) throw usage('--project and --user cannot be given together.')
    const { dataFolder, install: register, installServer, nameProgram } = (await import('../engine.ts')).hosts
    const options = {
      host: host as HostName,
      data: dataFolder(io.env, process.platform),
      scope: project ? ('project' as const) : ('user' as const),
      cwd: io.cwd,
      env: io.env,
      dryRun,
    }
    const program = [process.execPath, ...process.execArgv, io.program]
    const isFast = /[/\\]_npx[/\\]/.test(io.program)
    // A project's file names no path of this machine, and the cache of npx may be emptied.
    const { execPath: node, execArgv } = process
    const named = execArgv.length > 0 ? program : nameProgram({ node, script: io.program, env: io.env })
    const words = project || isFast ? ['npx', '-y', 'sessionwire', 'mcp'] : [...named, 'mcp']
    // Refused before the first file is changed: both, or none.
    if (mcp) installServer({ ...options, server: words, dryRun: true })
    const done = register({ ...options, command: [...program, 'ingest', '--stay'] })
    const server = mcp ? installServer({ ...options, server: words }) : undefined
    const todo = [
      ...done.todo,
      ...(server?.todo ?? []),
      ...(isFast
        ? [
            'This copy of sessionwire is in the cache of npx and may go away: npm install --global sessionwire, then install again.',
          ]
        : []),
    ]
    const change = (file: string, difference: string, what: string): readonly string[] => {
      if (difference === '') return [`Nothing to change in ${file}`]
      if (dryRun) return [`Would change: ${file}`, show(difference)]
      const lines = difference.split('\n')
      const howMany = (sign: string): number => lines.filter(line => line.startsWith(sign)).length
      return [`Registered ${what} in ${file} (${count(howMany('+'), 'line')} added, ${howMany('-')} removed)`]
    }
    return {
      data: {
        host,
        ...done,
        ...(server === undefined
          ? {}
          : {
              server: {
                difference: server.difference,
                ...(server.file === undefined ? {} : { file: server.file }),
              },
            }),
        todo,
        dryRun,
      },
      text: [
        ...change(done.file, done.difference, 'the hook'),
        ...(server?.file === undefined ? [] : change(server.file, server.difference, 'the MCP server')),
        ...(done.works === undefined
          ? []
          : [
              done.works
                ? 'The hook was run once and works.'
                : 'The hook was run once, and no line arrived. Run: sessionwire doctor',
            ]),
        ...todo,
        ...(dryRun ? [`Nothing was changed.${mcp ? ' --no-mcp leaves the MCP server out.' : ''}`] : []),
        ...(dryRun || done.works === false
          ? []
          : [`Next: start ${LABELS[host as HostName]} in your project, then run: sessionwire status`]),
      ],
      ...(done.works === false ? { code: EXIT.integration } : {}),
    }
  },
})
