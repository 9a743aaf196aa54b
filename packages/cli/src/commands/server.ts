import { statSync } from 'node:fs'
import { type Context, defineCommand } from '../command.ts'
import { deliverLater } from '../deliver.ts'
import { configuration, usage } from '../failure.ts'
import type { Io } from '../io.ts'
import { importModule } from '../workspace/import-module.ts'
import type { Opened, OpenOptions } from '../workspace/open.ts'

/** A workspace as the server needs it: its `root` is the work tree's where there is one. */
type Served = Opened &
  Readonly<{
    isHere: (workspace: string | undefined) => boolean
    deliverLater: () => Promise<void>
    isGone: () => boolean
  }>

/** Options of `@sessionwire/server`: the workspace as every command opens it. */
type ServerOptions = Readonly<{
  cwd: string
  env: Io['env']
  openWorkspace: (cwd: string, options?: OpenOptions) => Promise<Served>
  /** Words of the command line that are the server's own. */
  words: readonly string[]
}>
type Server = Readonly<{
  runMcp: (options: ServerOptions) => Promise<void>
  runServe: (options: ServerOptions) => Promise<void>
}>

const loadServer = async (): Promise<Server> => {
  try {
    return (await importModule('@sessionwire/server')) as unknown as Server
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw thrown
    throw configuration(
      'The package @sessionwire/server is not installed.',
      'Run: npm install @sessionwire/server',
    )
  }
}

/** Which file stands at a path: another one, or none, has another number. A database on a server has none. */
const fileAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

const run = async (name: keyof Server, context: Context, words: readonly string[]): Promise<void> => {
  const { io, shared } = context
  if (shared.json) throw usage('--json: a server has no result.')
  const server = await loadServer()
  const { openWorkspace } = (await import('../engine.ts')).opening
  const { hereOf, isHere } = (await import('../engine.ts')).finding
  await server[name]({
    ...{ cwd: io.cwd, env: io.env, words },
    openWorkspace: async (cwd, options) => {
      const opened = await openWorkspace(cwd, options)
      const file = fileAt(opened.store)
      return {
        ...opened,
        root: hereOf(opened),
        isHere: workspace => isHere(workspace, opened),
        deliverLater: async () => deliverLater(opened, context),
        isGone: () => fileAt(opened.store) !== file,
      }
    },
  })
}

export const mcp = defineCommand({
  name: 'mcp',
  group: 'Run',
  about: 'Serves the tools of this workspace to an agent host over standard input and output (MCP)',
  uses: 'folder',
  more: [
    'An agent host starts it; `sessionwire install` registers it there. It answers until its input ends, and delivers meanwhile.',
    'Without --toolset it offers eight tools to record and to recall. --toolset may be given several times.',
  ],
  examples: ['sessionwire mcp --toolset session --toolset review', 'sessionwire mcp --toolset all'],
  options: {
    toolset: { about: 'session (default), review, an adapter, or all', value: 'name', many: true },
    allowDestructive: { about: 'Offers destructive actions too, where the adapter allows them' },
    toolNames: {
      about: 'Names of tools with _ (default) or with dots',
      value: 'style',
      choices: ['snake', 'dotted'],
    },
  },
  json: z => z.strictObject({ served: z.boolean() }),
  run: async (context, _, { toolset = [], allowDestructive, toolNames }) => {
    await run('runMcp', context, [
      ...toolset.map(each => `--toolset=${each}`),
      ...(allowDestructive ? ['--allow-destructive'] : []),
      ...(toolNames === undefined ? [] : [`--tool-names=${toolNames}`]),
    ])
    return { data: { served: true }, text: '' }
  },
})

export const serve = defineCommand({
  name: 'serve',
  group: 'Run',
  about: 'Serves this workspace over HTTP: MCP, actions, and an API to record from any language',
  uses: 'folder',
  options: {
    port: { about: 'The port (default 8787)', value: 'number' },
    host: { about: 'The address to listen on (default 127.0.0.1)', value: 'address' },
    toolset: { about: 'session (default), review, an adapter, or all', value: 'name', many: true },
    allowDestructive: { about: 'Offers destructive actions too' },
    toolNames: {
      about: 'Names of tools with _ (default) or with dots',
      value: 'style',
      choices: ['snake', 'dotted'],
    },
  },
  json: z => z.strictObject({ served: z.boolean() }),
  run: async (context, _, { port, host, toolset = [], allowDestructive, toolNames }) => {
    await run('runServe', context, [
      ...(port === undefined ? [] : [`--port=${port}`]),
      ...(host === undefined ? [] : [`--host=${host}`]),
      ...toolset.map(each => `--toolset=${each}`),
      ...(allowDestructive ? ['--allow-destructive'] : []),
      ...(toolNames === undefined ? [] : [`--tool-names=${toolNames}`]),
    ])
    return { data: { served: true }, text: '' }
  },
})
