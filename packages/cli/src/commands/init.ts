import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineCommand } from '../command.ts'
import { configuration, usage } from '../failure.ts'
import { sayLocal } from '../shown.ts'
import { BUILT_IN, findSetUp } from '../workspace/built-in.ts'

type Mode = 'execute' | 'preview'

/** Asks a person what cannot be found out: whether requests are sent at once. */
const askMode = async (adapters: readonly string[]): Promise<Mode> => {
  const { select, isCancel } = await import('../prompts.ts')
  const answer = await select<Mode>({
    message: `Set up in the environment: ${adapters.join(', ')}. What becomes of planned requests?`,
    options: [
      { value: 'preview', label: 'Kept to look at, and sent by `sessionwire release`' },
      { value: 'execute', label: 'Sent at once' },
    ],
  })
  if (isCancel(answer)) throw usage('Cancelled. Nothing was written.')
  return answer
}

/** A configuration in JSON that names no adapter yet: `init` wrote it before a service was set up. */
const readWithoutAdapters = (file: string): Readonly<Record<string, unknown>> | undefined => {
  if (!file.endsWith('.json')) return undefined
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>
    return Object.keys(found.adapters ?? {}).length === 0 ? found : undefined
  } catch {
    return undefined
  }
}

export const init = defineCommand({
  name: 'init',
  group: 'Set up',
  about: 'Writes a configuration file for this folder, and trusts it',
  more: [
    'Adapters whose credentials are in the environment are taken over. No credential is ever written: adapters read them from the environment or from .env.',
  ],
  examples: ['sessionwire init --yes', 'sessionwire init --adapter slack --execute'],
  uses: 'folder',
  options: {
    yes: { about: 'Asks nothing', short: 'y' },
    adapter: { about: 'An adapter to configure', value: 'name', many: true },
    execute: { about: 'Sends planned requests at once' },
    name: { about: 'Name of the project (default: of the folder)', value: 'name' },
  },
  json: z =>
    z.strictObject({
      file: z.string(),
      project: z.string(),
      adapters: z.array(z.string()),
      mode: z.string(),
      trusted: z.boolean(),
      local: z.number(),
    }),
  run: async ({ io }, _, { yes, adapter = [], execute, name }) => {
    const { digestUses, loadToTrust, locateWorkspace } = (await import('../engine.ts')).reading
    const { digestEnv, digestFile, keepTrust, readEnv } = (await import('../engine.ts')).trusting
    const { root, file: present, data, trust } = locateWorkspace(io.cwd, io.env)
    // One that the person did not trust may come from another.
    const before = present === undefined ? {} : trust === 'trusted' ? readWithoutAdapters(present) : undefined
    if (before === undefined)
      throw configuration(
        `${present} exists already.`,
        'Edit it, as in `"adapters": { "slack": { "mode": "preview" } }`, and run `sessionwire trust` afterwards.',
      )
    const found = findSetUp({ ...readEnv(root), ...io.env })
    const adapters = [...new Set([...adapter, ...found])]
    const unknown = adapter.find(each => !Object.hasOwn(BUILT_IN, each))
    if (unknown !== undefined)
      throw usage(
        `--adapter: unknown adapter ${JSON.stringify(unknown)}; expected one of ${Object.keys(BUILT_IN).join(', ')}.`,
      )
    const isAsked = !yes && !execute && io.isTerminal && adapters.length > 0
    const mode: Mode = execute ? 'execute' : isAsked ? await askMode(adapters) : 'preview'
    const project = name ?? basename(root)
    const config = {
      $schema: 'https://unpkg.com/sessionwire/dist/config.schema.json',
      project,
      ...before,
      adapters: Object.fromEntries(adapters.map(each => [each, { mode }])),
    }
    const file = present ?? join(root, 'sessionwire.config.json')
    const text = `${JSON.stringify(config, undefined, 2)}\n`
    writeFileSync(file, text, { flag: present === undefined ? 'wx' : 'w' })
    const loaded = await loadToTrust(file)
    keepTrust(
      data,
      file,
      { files: digestFile(file), uses: digestUses(loaded, root), env: digestEnv(root) },
      new Date(),
    )
    const { replaySpool } = (await import('../engine.ts')).hosts
    const { rootOf } = (await import('../engine.ts')).opening
    const local = replaySpool(data, workspace => rootOf(workspace) === root)
    return {
      data: { file, project, adapters, mode, trusted: true, local },
      text: [
        `Written and trusted: ${file}`,
        adapters.length === 0
          ? `No adapter: sessions stay on this machine. Known adapters: ${Object.keys(BUILT_IN).join(', ')}`
          : `Adapters (${mode}): ${adapters.join(', ')}`,
        ...(adapters.length === 0 ? [] : sayLocal(local)),
        ...(existsSync(join(root, '.git'))
          ? ['Sessions are kept in .sessionwire, which git leaves out.']
          : []),
        'Next: sessionwire doctor, then sessionwire start "<goal>"',
      ],
    }
  },
})
