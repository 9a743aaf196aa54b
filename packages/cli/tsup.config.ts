import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { defineConfig, type Options } from 'tsup'
import { hook } from '../hosts/tsup.config.ts'

/** Names that are used of modules that are slow to import; a name that is missing here fails the build. */
const USED: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'randomBytes', 'randomUUID'],
  'node:child_process': ['execFile', 'execFileSync', 'spawn', 'spawnSync'],
  'node:worker_threads': ['Worker'],
}

/**
 * Two files: the parser with the commands, and the engine that they load once they do something. Dynamic imports of our own
 * modules run in them when they are reached. Adapters and the server stay outside and are loaded where they are configured.
 */
const bundle: Options = {
  format: ['esm'],
  platform: 'node',
  target: 'es2023',
  removeNodeProtocol: false,
  noExternal: [/^@sessionwire\/(core|hosts)/, 'commander', 'zod', 'jsonc-parser', 'ky', /^@noble\//],
  splitting: false,
  dts: false,
  clean: false,
  minify: true,
  esbuildOptions: options => {
    options.conditions = ['@sessionwire/source', 'node']
    options.legalComments = 'none'
  },
  esbuildPlugins: [
    {
      name: 'files in one folder',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^\.{1,2}\/(program|engine|prompts)\.ts$/ }, ({ path }) => ({
          path: `./${path.replace(/^.*\/|ts$/g, '')}js`,
          external: true,
        }))
      },
    },
    {
      // An import of a module of Node reads each of its exports, and some of them load more: 13 ms for crypto alone.
      name: 'modules of Node by what is used of them',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^node:/ }, ({ path }) =>
          path in USED ? { path, namespace: 'used' } : undefined,
        )
        onLoad({ filter: /.*/, namespace: 'used' }, ({ path }) => ({
          contents: `const found = process.getBuiltinModule('${path}'); export default found; export const { ${USED[path]?.join(', ')} } = found`,
        }))
      },
    },
  ],
}

/** Writes the JSON Schema of the configuration, from the same schema that the command checks it with. */
const writeSchema = async (): Promise<void> => {
  const { outputFiles } = await build({
    entryPoints: ['src/workspace/schema.ts'],
    ...({ bundle: true, write: false, format: 'esm', platform: 'node' } as const),
    conditions: ['@sessionwire/source', 'node'],
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  const { configJsonSchema } = (await import(`data:text/javascript;base64,${code}`)) as {
    configJsonSchema: () => unknown
  }
  writeFileSync('dist/config.schema.json', `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`)
}

export default defineConfig([
  { ...bundle, entry: { main: 'src/main.ts' } },
  { ...bundle, entry: { program: 'src/program.ts' } },
  { ...bundle, entry: { engine: 'src/engine.ts', prompts: 'src/prompts.ts' } },
  {
    ...bundle,
    entry: { index: 'src/index.ts', workspace: 'src/workspace.ts' },
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    onSuccess: writeSchema,
  },
  { ...hook, entry: { hook: '../hosts/src/hook/main.ts' } },
])
