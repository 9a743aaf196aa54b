import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'
import { hook } from '../hosts/tsup.config.ts'

/**
 * One file with all that the command always needs: dynamic imports of our own modules run in it when they are reached.
 * Adapters and the server stay outside and are loaded where they are configured.
 */
const bundle: Options = {
  format: ['esm'],
  platform: 'node',
  target: 'es2023',
  removeNodeProtocol: false,
  noExternal: [
    /^@sessionwire\/(core|hosts)/,
    'commander',
    'zod',
    'jsonc-parser',
    'eventemitter3',
    'ky',
    /^@noble\//,
  ],
  splitting: false,
  dts: false,
  clean: false,
  minifyWhitespace: true,
  minifySyntax: true,
  esbuildOptions: options => {
    options.conditions = ['@sessionwire/source', 'node']
    options.legalComments = 'none'
  },
  esbuildPlugins: [
    {
      name: 'program beside main',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^\.\/program\.ts$/ }, () => ({ path: './program.js', external: true }))
        // The parser can start commands that are programs of their own. There are none, and loading it costs each start.
        onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
          /[\\/]commander[\\/]/.test(importer)
            ? { path: 'node:child_process', namespace: 'none' }
            : undefined,
        )
        onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {}' }))
      },
    },
  ],
}

const SCHEMA = `import('./src/workspace/schema.ts').then(({ configJsonSchema }) =>
  console.log(JSON.stringify(configJsonSchema(), undefined, 2)))`

export default defineConfig([
  { ...bundle, entry: { main: 'src/main.ts' } },
  { ...bundle, entry: { program: 'src/program.ts' } },
  {
    ...bundle,
    entry: { index: 'src/index.ts', workspace: 'src/workspace.ts' },
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    onSuccess: async () => {
      const words = ['--conditions=@sessionwire/source', '--input-type=module', '--eval', SCHEMA]
      const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
      writeFileSync('dist/config.schema.json', stdout)
    },
  },
  { ...hook, entry: { hook: '../hosts/src/hook/main.ts' } },
])
