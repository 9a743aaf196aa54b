import { defineCommand } from '../command.ts'
import { show } from '../io.ts'
import { HOST_NAMES } from './install.ts'

type HostName = (typeof HOST_NAMES)[number]

export const uninstall = defineCommand({
  name: 'uninstall',
  group: 'Set up',
  about: 'Removes the hook from an agent host, and nothing else',
  uses: 'folder',
  arguments: [{ name: 'host', about: 'The host', choices: HOST_NAMES }],
  options: {
    project: { about: 'From the file of this project' },
    dryRun: { about: 'Changes nothing and shows the difference' },
  },
  json: z =>
    z.strictObject({ host: z.string(), file: z.string(), difference: z.string(), dryRun: z.boolean() }),
  run: async ({ io }, { host }, { project, dryRun = false }) => {
    const { dataFolder, uninstall: remove } = (await import('../engine.ts')).hosts
    const { file, difference } = remove({
      host: host as HostName,
      data: dataFolder(io.env, process.platform),
      scope: project ? 'project' : 'user',
      cwd: io.cwd,
      env: io.env,
      dryRun,
    })
    return {
      data: { host, file, difference, dryRun },
      text:
        difference === ''
          ? `Nothing of sessionwire is in ${file}`
          : [`${dryRun ? 'Would change' : 'Changed'}: ${file}`, show(difference)],
    }
  },
})
