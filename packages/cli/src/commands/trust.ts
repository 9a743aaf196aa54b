import { defineCommand } from '../command.ts'
import { findEarlier } from '../earlier.ts'
import { configuration } from '../failure.ts'
import type { Config } from '../workspace/config.ts'

/**
 * Refuses a configuration with options of adapters that are wrong whatever the environment is, and gives the adapters that
 * cannot be made yet. Throws `CONFIG`.
 */
const assertOptions = async (
  config: Config,
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  file: string,
): Promise<ReadonlySet<string>> => {
  if (config.adapters === undefined) return new Set()
  const { loadAdapters } = (await import('../engine.ts')).loading
  const { problems } = await loadAdapters(config, () => root, env)
  const wrong = problems.filter(({ option }) => option !== undefined)
  if (wrong.length > 0)
    throw configuration(
      `${file}: ${wrong.map(({ message }) => message).join(' ')}`,
      'Fix it, then run: sessionwire trust',
    )
  return new Set(problems.map(({ adapter }) => adapter))
}

export const trust = defineCommand({
  name: 'trust',
  group: 'Set up',
  about: 'Allows the configuration of this workspace to be used',
  more: [
    'Until then a configuration file that was found is not used: it could come from another person. A file that changes has to be trusted again. Read the file before you trust it: code in it runs as you. A file with wrong options is refused, and adapters that cannot send yet are listed.',
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
      earlier: z.array(z.string()),
      hindered: z.array(z.string()),
    }),
  run: async (context, _, { forget = false }) => {
    const { io } = context
    const { digestUses, loadToTrust, locateWorkspace } = (await import('../engine.ts')).reading
    const { digestEnv, digestFile, keepTrust, readEnv } = (await import('../engine.ts')).trusting
    const { file, root, data, trust: state } = locateWorkspace(io.cwd, io.env)
    if (file === undefined)
      throw configuration(
        `There is no configuration file in ${root} or above it.`,
        'Make one with: sessionwire init',
      )
    if (state === 'foreign')
      throw configuration(`${file} belongs to another user.`, (await import('../engine.ts')).trusting.FOREIGN)
    if (forget) {
      keepTrust(data, file, undefined, new Date())
      return {
        data: { file, trusted: false, files: [file], adapters: [], env: false, earlier: [], hindered: [] },
        text: `No longer trusted: ${file}`,
      }
    }
    const before = digestFile(file)
    const config = await loadToTrust(file)
    const uses = digestUses(config, root)
    const env = digestEnv(root)
    const { namesOf } = (await import('../engine.ts')).settingUp
    const adapters = namesOf(config)
    const unmade = await assertOptions(config, root, { ...readEnv(root), ...io.env }, file)
    keepTrust(data, file, { files: before, uses, env }, new Date(), adapters)
    const { replaySpool, rootOf } = (await import('../engine.ts')).hosts
    // The work of hosts until now may be in another store: it is read again, and known lines are passed over.
    replaySpool(data, workspace => rootOf(workspace) === root)
    const files = [...Object.keys(before), ...Object.keys(uses)]
    const earlier = await findEarlier(context)
    const { hindered } = earlier
    const mirroring = adapters.filter(name => !unmade.has(name))
    return {
      data: { file, trusted: true, files, adapters, env: env !== '', earlier: earlier.sessions, hindered },
      text: [
        ...files.map(each => `Trusted: ${each}`),
        ...(env === '' ? [] : [`Trusted: ${root}/.env`]),
        ...(mirroring.length === 0
          ? []
          : [`Sessions that begin from now on are mirrored by: ${mirroring.join(', ')}`]),
        ...hindered,
        ...earlier.text,
      ],
    }
  },
})
