import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { defineCommand } from '../command.ts'
import { findEarlier } from '../earlier.ts'
import { configuration, usage } from '../failure.ts'
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

type Written = Readonly<{ project?: string; adapters?: Readonly<Record<string, unknown>> }>

/** The configuration that is there, where `init` may add to it: JSON that this person trusted as it is. */
const readPresent = async (
  data: string,
  file: string,
  options: Readonly<{ name: string | undefined }>,
): Promise<Written> => {
  const { isFileTrusted } = (await import('../engine.ts')).trusting
  const { loadToTrust } = (await import('../engine.ts')).reading
  const refuse = (todo: string) => configuration(`${file} exists already.`, todo)
  if (options.name !== undefined) throw refuse('Change its project there, and run `sessionwire trust`.')
  if (!isFileTrusted(data, file)) throw refuse('Edit it, and run `sessionwire trust` afterwards.')
  if (!file.endsWith('.json'))
    throw refuse(
      'Add to it, as in `adapters: { linear: { mode: "preview" } }`, and run `sessionwire trust` afterwards.',
    )
  // Checked first: what does not fit is not written again.
  await loadToTrust(file)
  return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as Written
}

/** Names of variables that set an adapter up, for a person who finds none. */
const variables = (): string =>
  Object.entries(BUILT_IN)
    .flatMap(
      ([
        ,
        {
          secrets: [first],
        },
      ]) => first ?? [],
    )
    .slice(0, 3)
    .join(', ')

/** Writes a configuration whole or not at all, with the mode that it had: a disk that is full costs a person no line of it. */
const writeConfig = (file: string, text: string, isNew: boolean): void => {
  const whole = isNew ? file : realpathSync(file)
  const made = isNew ? whole : `${whole}.${process.pid}.tmp`
  try {
    writeFileSync(made, text, { flag: 'wx' })
    if (isNew) return
    chmodSync(made, statSync(whole).mode & 0o777)
    renameSync(made, whole)
  } catch (thrown) {
    // Another person's file in its place was not made here.
    if ((thrown as { code?: unknown }).code !== 'EEXIST') rmSync(made, { force: true })
    throw thrown
  }
}

export const init = defineCommand({
  name: 'init',
  group: 'Set up',
  about: 'Writes a configuration file for this folder, or adds adapters to it, and trusts it',
  more: [
    'Adapters whose credentials are in the environment are taken over. No credential is ever written: adapters read them from the environment or from .env.',
    'Run again when a credential is set up later: its adapter is added to the file.',
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
      earlier: z.array(z.string()),
      hindered: z.array(z.string()),
    }),
  run: async (context, _, { yes, adapter = [], execute, name }) => {
    const { io } = context
    const { digestUses, loadToTrust, locateWorkspace } = (await import('../engine.ts')).reading
    const { digestEnv, digestFile, keepTrust, readEnv } = (await import('../engine.ts')).trusting
    const { root, file: present, data } = locateWorkspace(io.cwd, io.env)
    const before = present === undefined ? undefined : await readPresent(data, present, { name })
    const known = Object.keys(before?.adapters ?? {})
    const found = findSetUp({ ...readEnv(root), ...io.env })
    const adapters = [...new Set([...adapter, ...found])].filter(each => !known.includes(each))
    const unknown = adapter.find(each => !Object.hasOwn(BUILT_IN, each))
    if (unknown !== undefined)
      throw usage(
        `--adapter: unknown adapter ${JSON.stringify(unknown)}; expected one of ${Object.keys(BUILT_IN).join(', ')}.`,
      )
    if (present !== undefined && adapters.length === 0)
      throw configuration(
        `${present} exists already${known.length === 0 ? '' : `, with ${known.join(', ')}`}, and there is nothing to add.`,
        `Set an adapter up in .env or the environment (as ${variables()}), or name it with --adapter.`,
      )
    const isAsked = !yes && !execute && io.isTerminal && adapters.length > 0
    const mode: Mode = execute ? 'execute' : isAsked ? await askMode(adapters) : 'preview'
    const project = before === undefined ? (name ?? basename(root)) : (before.project ?? basename(root))
    const config = {
      ...(before ?? { $schema: 'https://unpkg.com/sessionwire/dist/config.schema.json', project }),
      adapters: { ...before?.adapters, ...Object.fromEntries(adapters.map(each => [each, { mode }])) },
    }
    const file = present ?? join(root, 'sessionwire.config.json')
    writeConfig(file, `${JSON.stringify(config, undefined, 2)}\n`, present === undefined)
    const loaded = await loadToTrust(file)
    const { namesOf } = (await import('../engine.ts')).settingUp
    keepTrust(
      data,
      file,
      { files: digestFile(file), uses: digestUses(loaded, root), env: digestEnv(root) },
      new Date(),
      namesOf(loaded),
    )
    const { replaySpool, rootOf } = (await import('../engine.ts')).hosts
    replaySpool(data, workspace => rootOf(workspace) === root)
    const earlier =
      adapters.length === 0 ? { sessions: [], hindered: [], text: [] } : await findEarlier(context)
    return {
      data: {
        file,
        project,
        adapters,
        mode,
        trusted: true,
        earlier: earlier.sessions,
        hindered: earlier.hindered,
      },
      text: [
        present === undefined ? `Written and trusted: ${file}` : `Added to and trusted: ${file}`,
        ...(realpathSync(io.cwd) === root
          ? []
          : [`It holds for all of ${root}, the folder of the repository.`]),
        adapters.length === 0
          ? `No adapter: sessions stay on this machine. Known adapters: ${Object.keys(BUILT_IN).join(', ')}`
          : `Adapters (${mode}): ${adapters.join(', ')}`,
        ...(adapters.length === 0
          ? [`Set one up in .env or the environment (as ${variables()}), and run \`sessionwire init\` again.`]
          : ['Sessions that begin from now on are mirrored.', ...earlier.hindered, ...earlier.text]),
        ...(existsSync(join(root, '.git'))
          ? ['Sessions are kept in .sessionwire, which git leaves out.']
          : []),
        'Next: sessionwire doctor, then sessionwire start "<goal>"',
      ],
    }
  },
})
