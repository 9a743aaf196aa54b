import { defineCommand } from '../command.ts'
import { count, show } from '../io.ts'
import { HOST_NAMES } from './install.ts'

type HostName = (typeof HOST_NAMES)[number]

export const uninstall = defineCommand({
  name: 'uninstall',
  group: 'Set up',
  about: 'Removes the hook and the MCP server from an agent host, and nothing else',
  uses: 'folder',
  arguments: [{ name: 'host', about: 'The host', choices: HOST_NAMES }],
  options: {
    project: { about: 'From the file of this project' },
    dryRun: { about: 'Changes nothing and shows the difference' },
  },
  json: z =>
    z.strictObject({
      host: z.string(),
      file: z.string(),
      difference: z.string(),
      server: z.strictObject({ file: z.optional(z.string()), difference: z.string() }),
      dryRun: z.boolean(),
    }),
  run: async ({ io }, { host }, { project, dryRun = false }) => {
    const { dataFolder, uninstall: remove, uninstallServer } = (await import('../engine.ts')).hosts
    const options = {
      host: host as HostName,
      data: dataFolder(io.env, process.platform),
      scope: project ? ('project' as const) : ('user' as const),
      cwd: io.cwd,
      env: io.env,
      dryRun,
    }
    // Refused before the first file is changed: both, or none.
    remove({ ...options, dryRun: true })
    // First: the hooks of some hosts stand in the same file, which goes when nothing is left in it.
    const server = uninstallServer(options)
    const { file, difference } = remove(options)
    const changes = [{ file, difference }, server].filter(each => each.difference !== '')
    return {
      data: {
        ...{ host, file, difference, dryRun },
        server: {
          difference: server.difference,
          ...(server.file === undefined ? {} : { file: server.file }),
        },
      },
      text:
        changes.length === 0
          ? `Nothing of sessionwire is in ${file}`
          : changes
              .flatMap(each =>
                dryRun
                  ? [`Would change: ${each.file}`, show(each.difference)]
                  : [
                      `Removed from ${each.file} (${count(each.difference.split('\n').filter(line => line.startsWith('-')).length, 'line')})`,
                    ],
              )
              .concat(
                dryRun
                  ? []
                  : [
                      `Kept: ${options.data} with sessions, prompts and notes; .sessionwire and sessionwire.config.json in folders that have them. Remove what you no longer want.`,
                    ],
              ),
    }
  },
})
