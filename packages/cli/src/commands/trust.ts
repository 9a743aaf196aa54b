import { defineCommand } from '../command.ts'
import { configuration } from '../failure.ts'
import { sayLocal } from '../shown.ts'

export const trust = defineCommand({
  name: 'trust',
  group: 'Set up',
  about: 'Allows the configuration of this workspace to be used',
  more: [
    'Until then a configuration file that was found is not used: it could come from another person. A file that changes has to be trusted again. Read the file before you trust it: code in it runs as you.',
  ],
  uses: 'folder',
  options: { forget: { about: 'Trusts the workspace no longer' } },
  json: z =>
    z.strictObject({
      file: z.string(),
      trusted: z.boolean(),
      files: z.array(z.string()),
      adapters: z.array(z.string()),
      env: z.boolean(),
      local: z.number(),
    }),
  run: async ({ io }, _, { forget = false }) => {
    const { digestUses, loadToTrust, locateWorkspace } = (await import('../engine.ts')).reading
    const { digestEnv, digestFile, keepTrust } = (await import('../engine.ts')).trusting
    const { file, root, data, trust: state } = locateWorkspace(io.cwd, io.env)
    if (file === undefined)
      throw configuration(
        `There is no configuration file in ${root} or above it.`,
        'Make one with: sessionwire init',
      )
    if (state === 'foreign')
      throw configuration(`${file} belongs to another user.`, 'Copy it, or change its owner.')
    if (forget) {
      keepTrust(data, file, undefined, new Date())
      return {
        data: { file, trusted: false, files: [file], adapters: [], env: false, local: 0 },
        text: `No longer trusted: ${file}`,
      }
    }
    const before = digestFile(file)
    const config = await loadToTrust(file)
    const uses = digestUses(config, root)
    const env = digestEnv(root)
    keepTrust(data, file, { files: before, uses, env }, new Date())
    const { replaySpool } = (await import('../engine.ts')).hosts
    const { rootOf } = (await import('../engine.ts')).opening
    // The work of hosts until now may be in another store: it is read again, and known lines are passed over.
    const local = replaySpool(data, workspace => rootOf(workspace) === root)
    const files = [...Object.keys(before), ...Object.keys(uses)]
    const adapters = Object.keys(config.adapters ?? {})
    return {
      data: { file, trusted: true, files, adapters, env: env !== '', local },
      text: [
        ...files.map(each => `Trusted: ${each}`),
        ...(env === '' ? [] : [`Trusted: ${root}/.env`]),
        ...(adapters.length === 0 ? [] : [`Sessions are mirrored by: ${adapters.join(', ')}`]),
        ...(adapters.length === 0 ? [] : sayLocal(local)),
      ],
    }
  },
})
